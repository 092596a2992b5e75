@stage-4 @case
Feature: Who acts for somebody else shows the permission to do so

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @stage-3 @req-common/mandate-required
  Scenario: Nobody begins a case for somebody else without a mandate
    Given ana has a draft
    When bruno calls the case's create where "/applicant/id" is its "/applicant/id"
    Then the answer is 403 "mandate-required"
    When ana calls the case's create where "/applicant/id" is its "/applicant/id"
    Then the answer is 201

  @req-common/mandate-required
  Scenario: Whoever holds a mandate is refused only without it
    Given ana calls createMandate
    And it is remembered as "mandate"
    And its "id" is remembered as "number"
    When bruno calls the case's create where "/applicant/id" is its "/principal/id"
    Then the answer is 403 "mandate-required"
    When bruno calls the case's create where "/applicant/id" is its "/principal/id", on behalf of "mandate"
    Then the answer is 201
    And "onBehalfOf" is the remembered "number"

  @req-common/mandate-expired
  Scenario: A mandate ends when it says so
    Given ana calls createMandate where "/validUntil" is "2027-03-18T12:00:00-06:00"
    And it is remembered as "mandate"
    And it is a minute before "validUntil"
    When bruno calls the case's list, on behalf of "mandate"
    Then the answer is 200
    When 2 minutes pass
    And bruno calls the case's list, on behalf of "mandate"
    Then the answer is 403

  @req-common/mandate-revoked
  Scenario: A mandate that was withdrawn permits nothing
    Given ana has a draft
    And ana calls createMandate
    And it is remembered as "mandate"
    And bruno calls the case's read for it, on behalf of "mandate"
    When ana calls deleteMandate for "mandate"
    And bruno calls the case's read for it, on behalf of "mandate"
    Then the answer is 403

  @req-common/mandate-out-of-scope
  Scenario Outline: A mandate for <what> permits nothing beyond it
    Given ana calls createMandate
    And it is remembered as "wide"
    And ana calls createMandate <mandate>
    And it is remembered as "narrow"
    When bruno calls the case's create, on behalf of "narrow"
    Then the answer is 403
    When bruno calls the case's create, on behalf of "wide"
    Then the answer is 201

    Examples:
      | what            | mandate                                                                          |
      | another service | where "/services" is ["another-one"], where "/scopes" is ["another-one:write"]   |
      | another right   | without "/scopes/1"                                                              |

  @req-common/mandate-out-of-scope
  Scenario: A mandate for somebody else permits nothing
    Given ana has a draft
    And ana calls createMandate
    And it is remembered as "mandate"
    When foreigner calls the case's read for it, on behalf of "mandate"
    Then the answer is 403
    When bruno calls the case's read for it, on behalf of "mandate"
    Then the answer is 200
