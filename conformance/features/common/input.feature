@stage-2
Feature: What is wrong is refused whole, and said in full

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/malformed-json
  Scenario Outline: A body that is no JSON: <fault>
    When nobody calls createFeeQuote with <body>
    Then the answer is 400 "malformed-json"
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country
    Then the answer is 200

    Examples:
      | fault              | body                     |
      | cut short          | the body "{'lines': ["   |
      | two members        | the body "{'a':1,'a':2}" |
      | no number          | the body "{'a':NaN}"     |
      | one comma too many | the body "{'lines':[],}" |
      | text after the end | the body "{} {}"         |
      | nothing            | no body                  |

  @req-common/all-violations
  Scenario: Every violation is listed with its place
    When nobody calls createFeeQuote where "/lines/0/quantity" is 0, where "/lines/0/code" is 7, where "/national" is 7
    Then the answer is 422 "validation-failed"
    And the problem names "/lines/0/quantity" as "too-small"
    And the problem names "/lines/0/code" as "wrong-type"
    And the problem names "/national" as "wrong-type"
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country
    Then the answer is 200

  @req-common/unknown-body-member
  Scenario Outline: An unknown member is refused <where>
    When nobody calls createFeeQuote where "<member>" is 1
    Then the answer is 422
    And the problem names "<member>" as "unknown-property"
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country
    Then the answer is 200

    Examples:
      | where         | member            |
      | at the top    | /istmoOne         |
      | inside a list | /lines/0/istmoTwo |

  @req-common/values-not-echoed
  Scenario: A calculator does not repeat what it refuses
    When nobody calls createFeeQuote where "/lines/0/code" is "EXAMPLE-7719-SECRET"
    Then each answer is 400 or 422
    And the answer does not say "EXAMPLE-7719-SECRET"
    When nobody calls getServiceDescription
    Then the answer is 200

  @stage-1 @req-common/unknown-parameter
  Scenario: No operation takes a parameter that it does not know
    When someone entitled calls each operation with query "istmoUnknown=1"
    Then each answer is 400 "unknown-parameter"
    When nobody calls getServiceDescription
    Then the answer is 200
