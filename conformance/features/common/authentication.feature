@stage-3 @case
Feature: Nobody acts without a fit token

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a draft

  @req-common/token-required
  Scenario: Without a token every protected operation asks for one
    When nobody calls each protected operation
    Then each answer is 401
    And each header "WWW-Authenticate" matches "Bearer.*"
    When nobody calls the case's read for it
    Then the answer is 401
    And it has not changed

  @req-common/token-required
  Scenario Outline: A token that is <fault> is no token
    When someone entitled calls each protected operation with <token>
    Then each answer is 401
    And each header "WWW-Authenticate" matches "Bearer.*"
    When ana calls the case's read for it with <token>
    Then the answer is 401
    And it has not changed

    Examples:
      | fault               | token                       |
      | past its time       | an expired token            |
      | for another service | a token for another service |
      | altered             | an altered token            |
      | unsigned            | an unsigned token           |

  @req-common/scope-required
  Scenario: A token without the scope of an operation is refused
    When someone entitled calls each protected operation with a token that lacks the scope
    Then each answer is 403 "missing-scope"
    When ana calls the case's discard for it with a token that lacks the scope
    Then the answer is 403 "missing-scope"
    And it has not changed

  @req-common/assurance-required
  Scenario: A token of low assurance cannot do what needs more
    When someone entitled calls each assured operation with a token of low assurance
    Then each answer is 403 "assurance-too-low"
    When ana calls the case's submit for it with a token of low assurance
    Then the answer is 403 "assurance-too-low"
    And "requiredAcr" matches "urn:istmo:loa:(substantial|high)"
    And it has not changed
    When ana calls the case's submit for it
    Then the answer is 200

  @stage-4 @req-common/assurance-required
  Scenario: Substantial assurance is not enough for what needs high assurance
    When foreigner calls createMandate
    Then the answer is 403 "assurance-too-low"
    And "requiredAcr" is "urn:istmo:loa:high"
    When ana calls createMandate
    Then the answer is 201

  @stage-4 @req-common/role-required
  Scenario Outline: <who> cannot accept a case as an officer does
    Given ana has a case in "submitted"
    When <who> calls the case's accept for it
    Then the answer is 403
    And it has not changed
    When eva calls the case's accept for it
    Then the answer is 200

    Examples:
      | who   |
      | ana   |
      | bruno |
      | gov   |

  @stage-4 @req-common/role-required
  Scenario Outline: <who> cannot decide an appeal as a supervisor does
    Given ana has a case in "under_appeal"
    When <who> calls the case's uphold for it
    Then the answer is 403
    And it has not changed
    When fito calls the case's uphold for it
    Then the answer is 200

    Examples:
      | who |
      | ana |
      | eva |
