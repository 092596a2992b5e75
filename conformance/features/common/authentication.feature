@stage-3 @case
Feature: Nobody acts without a fit token

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a draft

  @req-common/token-required
  Scenario: Without a token every protected operation asks for one
    When nobody calls each protected operation
    Then each answer is 401 "unauthenticated"
    And each header "WWW-Authenticate" is present
    And it has not changed

  @req-common/token-required
  Scenario Outline: A token that is <fault> is no token
    When ana calls the case's read for it with <token>
    Then the answer is 401 "unauthenticated"
    And header "WWW-Authenticate" is present
    When ana calls the case's read for it
    Then the answer is 200

    Examples:
      | fault                 | token                       |
      | past its time         | an expired token            |
      | for another service   | a token for another service |
      | altered               | an altered token            |
      | unsigned              | an unsigned token           |

  @req-common/scope-required
  Scenario: A token without the scope of an operation is refused
    When someone entitled calls each protected operation with a token that lacks the scope
    Then each answer is 403 "missing-scope"
    And it has not changed

  @req-common/assurance-required
  Scenario: A token of low assurance cannot do what needs more
    When ana calls the case's submit for it with a token of low assurance
    Then the answer is 403 "assurance-too-low"
    And "requiredAcr" is present
    And it has not changed
    When ana calls the case's submit for it
    Then the answer is 200

  @req-common/role-required
  Scenario: A citizen cannot do what is the officer's
    Given ana has a case in "submitted"
    When ana calls the case's accept for it
    Then the answer is 403 "missing-scope"
    And it has not changed
