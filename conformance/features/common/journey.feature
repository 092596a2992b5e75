@stage-4 @case
Feature: A case goes its whole way without anybody going anywhere

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/whole-way-online
  Scenario: From draft to download by the actions on offer alone
    Given ana has a draft
    When ana walks the case to "completed" by the actions on offer
    And ana fetches each output of the case
    Then each answer is 200
    When ana calls the case's read for it
    Then "status" is "completed"
    And "outputs" is present
