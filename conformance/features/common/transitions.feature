@stage-3 @case
Feature: A case does only what its status allows

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/illegal-transition
  Scenario: A draft can be submitted and not withdrawn
    Given ana has a draft
    When ana calls the case's withdraw for it
    Then the answer is 409 "illegal-transition"
    And "currentStatus" is "draft"
    And "allowedActions" contains "submit"
    And it has not changed
    When ana calls the case's submit for it
    Then the answer is 200

  @req-common/illegal-transition
  Scenario: What was submitted is not submitted again
    Given ana has a case in "submitted"
    When ana calls the case's submit for it
    Then the answer is 409 "illegal-transition"
    And "currentStatus" is "submitted"
    And "allowedActions" is ["withdraw"]
    And it has not changed
    When ana calls the case's withdraw for it
    Then the answer is 200

  @req-common/illegal-transition
  Scenario Outline: Nothing more can be done with what was withdrawn: <action>
    Given ana has a case in "withdrawn"
    When ana calls the case's <action> for it
    Then the answer is 409 "illegal-transition"
    And "currentStatus" is "withdrawn"
    And "allowedActions" is []
    And it has not changed

    Examples:
      | action   |
      | submit   |
      | withdraw |
      | discard  |

  @stage-4 @req-common/illegal-transition
  Scenario: An officer cannot decide what nobody has taken up
    Given ana has a case in "submitted"
    When eva calls the case's approve for it
    Then the answer is 409 "illegal-transition"
    And "currentStatus" is "submitted"
    And "allowedActions" contains "accept"
    And it has not changed
    When eva calls the case's accept for it
    Then the answer is 200
