@stage-1
Feature: Anybody can ask whether the service works, and learns no more

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/health-tells-little
  Scenario: Health is told in few words and without a token
    When nobody calls getHealth
    Then the answer is 200
    And "status" matches "pass|warn"
    And the answer has nothing but "status", "version", "time", "kitVersion", "database" and "warnings"

  @stage-4 @req-common/health-tells-little
  Scenario: The failure of another system does not silence it
    Given the systems that the service needs are "down"
    When nobody calls getHealth
    Then the answer is 200
    And "status" matches "pass|warn"
    And the answer has nothing but "status", "version", "time", "kitVersion", "database" and "warnings"

  @req-common/health-tells-little
  Scenario: Outside a sandbox nobody learns what serves
    Given the service is in production
    When nobody calls getHealth
    Then the answer is 200
    And the answer has nothing but "status", "version" and "time"
