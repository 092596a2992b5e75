@stage-3 @case
Feature: People find their requests again

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/requests-by-status
  Scenario: A citizen finds the requests of one status
    Given ana has a case from example "birth-full-copy" in "submitted"
    And ana has a draft
    When ana calls listRequests with query "status=draft"
    Then the list has it
    And "items" has 1 item
    When ana calls listRequests with query "status=submitted"
    Then the list does not have it
    And "items" has 1 item
