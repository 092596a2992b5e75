@stage-3 @case
Feature: What belongs to one person does not exist for another

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a draft

  @req-common/others-see-nothing
  Scenario: Reading the case of another is like reading nothing
    When bruno calls the case's read for it
    Then the answer is 404 "not-found"
    And the answer reveals nothing of ana
    And it has not changed

  @req-common/others-see-nothing
  Scenario Outline: <who> does not find it in the lists
    When <who> calls the case's list
    Then the answer is 200
    And the list does not have it
    When ana calls the case's list
    Then the list has it

    Examples:
      | who   |
      | bruno |
      | delta |

  @req-common/idempotent-replay
  Scenario: A repeated call answers what it answered first
    When ana calls the case's create
    Then the answer is 201
    And its "id" is remembered as "first"
    When ana calls the case's create once more
    Then the answer is the same as the one before
    When ana calls the case's create
    Then "id" is not the remembered "first"
