@stage-1
Feature: Every refusal is a problem that a program can read

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/problem-details @production
  Scenario: A refusal names its code and its status
    When nobody sends "GET" to "/istmo-no-such-thing"
    Then the answer is 404 "not-found"
    And header "Content-Type" matches "application/problem\+json.*"
    And the answer has "type", "title", "status", "code" and "correlationId"
    And "type" is "urn:istmo:problem:not-found"
    And "status" is 404

  @req-common/answers-match-the-contract @production
  Scenario: What anybody may read answers as the specification says
    When nobody calls each public reading operation
    Then each answer is as the specification says
    When nobody calls getServiceDescription
    Then the answer is 200

  @req-common/no-server-errors @production
  Scenario: Odd requests break nothing
    When nobody calls each public reading operation with query "%00=%FF&limit=99999999999999999999&cursor=%F0%9F%92%A5"
    Then each answer is one of 400, 404, 422
    When nobody calls getServiceDescription
    Then the answer is 200

  @req-common/errors-reveal-nothing @production
  Scenario: A refusal shows nothing of the inside, and repeats nothing
    When nobody sends "GET" to "/istmo'%22%3Bselect--EXAMPLE-7719"
    Then the answer is 404 "not-found"
    And the answer does not say "EXAMPLE-7719"
    And the answer does not say "Traceback"
    When nobody calls getServiceDescription
    Then the answer is 200

  @stage-3 @case @req-common/illegal-transition
  Scenario: An action that the status forbids tells which ones it allows
    Given ana has a case in "submitted"
    When ana calls the case's appeal for it
    Then the answer is 409 "illegal-transition"
    And "currentStatus" is "submitted"
    And "allowedActions" is present
    And it has not changed

  @stage-3 @case @req-common/values-not-echoed @req-common/unknown-body-member
  Scenario: A refusal never repeats what was sent
    Given ana has a draft
    When ana calls the case's create where "/istmoSurprise" is "EXAMPLE-7719-SECRET"
    Then the answer is 422 "validation-failed"
    And the problem names "/istmoSurprise" as "unknown-property"
    And the answer does not say "EXAMPLE-7719-SECRET"
