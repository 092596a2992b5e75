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
    When ana calls the case's read for it
    Then the answer is 200

  @req-common/others-see-nothing
  Scenario: The lists of another do not show it
    When bruno calls the case's list
    Then the answer is 200
    And the list does not have it
    When ana calls the case's list
    Then the answer is 200
    And the list has it

  @req-common/others-change-nothing
  Scenario Outline: Another person cannot <action> it
    When bruno calls the case's <action> for it
    Then the answer is 404 "not-found"
    And it has not changed

    Examples:
      | action  |
      | replace |
      | submit  |
      | discard |
