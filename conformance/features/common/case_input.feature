@stage-3 @case
Feature: What is wrong with a case is refused whole, and nothing is kept of it

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a draft

  @req-common/malformed-json
  Scenario Outline: A case in a body that is no JSON: <fault>
    When ana calls the case's create with the body "<body>"
    Then the answer is 400 "malformed-json"
    When ana calls the case's create
    Then the answer is 201

    Examples:
      | fault       | body              |
      | cut short   | {'applicant': {   |
      | two members | {'a':1,'a':2}     |
      | no number   | {'a':-Infinity}   |

  @req-common/malformed-json
  Scenario: Nothing is kept of a case that could not be read
    When ana reads all pages of the case's list, 100 at a time
    And ana calls the case's create with the body "{'applicant': Infinity}"
    Then the answer is 400 "malformed-json"
    When ana reads all pages of the case's list, 100 at a time
    Then the pages hold 0 more items than before, each once

  @req-common/all-violations
  Scenario: Every violation in a case is listed with its place
    When ana calls the case's create where "/documents" is 7, where "/national" is 7
    Then the answer is 422 "validation-failed"
    And the problem names "/documents" as "wrong-type"
    And the problem names "/national" as "wrong-type"
    When ana calls the case's create
    Then the answer is 201

  @req-common/unknown-body-member
  Scenario: A case takes no member that the specification does not know
    When ana calls the case's create where "/istmoOne" is 1
    Then the answer is 422
    And the problem names "/istmoOne" as "unknown-property"
    When ana calls the case's submit for it, where "/istmoTwo" is 2
    Then the answer is 422
    And the problem names "/istmoTwo" as "unknown-property"
    When ana calls the case's submit for it
    Then the answer is 200

  @req-common/values-not-echoed
  Scenario: The refusal of a case does not repeat an identifier
    When ana calls the case's create where "/applicant/id" is "EXAMPLE-7719-SECRET"
    Then each answer is 400 or 422
    And the answer does not say "EXAMPLE-7719-SECRET"
    When ana calls the case's read for "EXAMPLE-7719-SECRET" as its identifier
    Then each answer is 400, 404 or 422
    And the answer does not say "EXAMPLE-7719-SECRET"
    When ana calls the case's read for it
    Then the answer is 200
