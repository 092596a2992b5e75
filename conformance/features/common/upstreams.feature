@stage-4 @case
Feature: When a system fails on which the service depends, nothing is half done

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a case in "submitted"

  @req-common/upstream-down
  Scenario: A system that is down stops the case where it stands
    When the systems that the service needs are "down"
    And ana tries to walk the case to "completed"
    Then the answer is 503 "unavailable"
    And header "Retry-After" is present
    And it has not changed
    When the systems that the service needs are "none"
    And ana tries to walk the case to "completed"
    Then "status" is "completed"

  @req-common/upstream-slow
  Scenario: A system that takes too long stops the case where it stands
    When the systems that the service needs are "slow"
    And ana tries to walk the case to "completed"
    Then the answer is 504 "upstream-timeout"
    And it has not changed
    When the systems that the service needs are "none"
    And ana tries to walk the case to "completed"
    Then "status" is "completed"
