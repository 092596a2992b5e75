@stage-2
Feature: What is wrong is refused whole, and said in full

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/malformed-json
  Scenario Outline: A body that is no JSON: <fault>
    When nobody calls createFeeQuote with the body "<body>"
    Then the answer is 400 "malformed-json"
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country
    Then the answer is 200

    Examples:
      | fault       | body          |
      | cut short   | {'type':      |
      | two members | {'a':1,'a':2} |
      | no number   | {'a':NaN}     |

  @req-common/all-violations @req-common/unknown-body-member
  Scenario: Every violation is listed with its place
    When nobody calls createFeeQuote where "/istmoOne" is 1, where "/istmoTwo" is 2
    Then the answer is 422 "validation-failed"
    And the problem names "/istmoOne" as "unknown-property"
    And the problem names "/istmoTwo" as "unknown-property"
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country
    Then the answer is 200

  @req-common/values-not-echoed
  Scenario: A calculator does not repeat what it refuses
    When nobody calls createFeeQuote where "/istmoSurprise" is "EXAMPLE-7719-SECRET"
    Then the answer is 422 "validation-failed"
    And the answer does not say "EXAMPLE-7719-SECRET"

  @stage-1 @req-common/unknown-parameter
  Scenario: No operation takes a parameter that it does not know
    When someone entitled calls each operation with query "istmoUnknown=1"
    Then each answer is 400 "unknown-parameter"
    When nobody calls getServiceDescription
    Then the answer is 200

  @stage-3 @case @req-common/parameter-range
  Scenario Outline: A page of <limit> items is refused
    Given ana has a draft
    When ana calls the case's list with query "limit=<limit>"
    Then the answer is <status>
    And the problem lies in the query
    When ana calls the case's list with query "limit=100"
    Then the answer is 200

    Examples:
      | limit | status                  |
      | 0     | 422 "validation-failed" |
      | 101   | 422 "validation-failed" |
      | many  | 400 "invalid-parameter" |
