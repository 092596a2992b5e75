@stage-3 @case
Feature: Every refusal is a problem that a program can read

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a draft

  @req-common/problem-details
  Scenario: A refusal names its code and its status
    When ana calls the case's read for an unknown one
    Then the answer is 404 "not-found"
    And header "Content-Type" matches "application/problem\+json.*"
    And the answer has "type", "title", "status", "code" and "correlationId"
    And "type" is "urn:istmo:problem:not-found"
    And "status" is 404

  @req-common/problem-details
  Scenario: An action that the status forbids tells which ones it allows
    When eva calls the case's accept for it
    Then the answer is 409 "illegal-transition"
    And "currentStatus" is "draft"
    And the answer has "allowedActions"
    And it has not changed

  @req-common/errors-reveal-nothing
  Scenario: A refusal never repeats what was sent
    When ana calls the case's create where "/istmoSurprise" is "EXAMPLE-7719-SECRET"
    Then the answer is 422 "validation-failed"
    And the problem names "/istmoSurprise" as "unknown-property"
    And the answer does not say "EXAMPLE-7719-SECRET"
