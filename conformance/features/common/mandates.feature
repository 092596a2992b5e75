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

  @stage-3 @req-common/unknown-mandate-refused
  Scenario Outline: Who says to act for somebody is not taken for somebody who acts for himself: <what>
    Given ana has a draft
    When ana calls the case's <what> with header "Istmo-On-Behalf-Of" as "0b6f4c1e-5a0a-4f0e-9a53-3d1f6a1c9999"
    Then the answer is 403 "mandate-required"
    And it has not changed
    When ana calls the case's <what>
    Then each answer is 200 or 201

    Examples:
      | what           |
      | create         |
      | list           |
      | read for it    |
      | replace for it |
      | submit for it  |

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

  @req-common/history-names-role
  Scenario: What a representative did is written down as done by one
    Given ana calls createMandate
    And it is remembered as "mandate"
    When bruno calls the case's create, on behalf of "mandate"
    Then "/statusHistory/-1/byRole" is "rep"
    When bruno calls the case's submit for it, on behalf of "mandate"
    Then "statusHistory" contains {"status": "submitted", "byRole": "rep"}

  @req-common/mandates-listed
  Scenario: Who gives a mandate and who holds it find it again, and nobody else
    Given ana calls createMandate
    When ana calls listMandates
    Then the list has it
    When bruno calls listMandates
    Then the list has it
    When foreigner calls listMandates
    Then "items" has 0 items

  @req-common/mandates-listed
  Scenario: A mandate that was withdrawn is listed as such
    Given ana calls createMandate
    And ana calls deleteMandate for it
    When bruno calls listMandates
    Then "items" has 1 item
    And "items" contains {"status": "revoked"}
