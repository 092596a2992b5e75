@stage-1
Feature: Every refusal is a problem that a program can read

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/problem-details
  Scenario Outline: A refusal names its code and its status: <method> <path>
    When nobody sends "<method>" to "<path>"
    Then header "Content-Type" matches "application/problem\+json.*"
    And the answer has "type", "title", "status", "code" and "correlationId"
    And "type" matches "urn:istmo:problem:[a-z0-9-]+"

    Examples:
      | method | path                 |
      | GET    | /istmo-no-such-thing |
      | DELETE | /stages              |

  @req-common/answers-match-the-contract
  Scenario: What anybody may read answers as the specification says
    When nobody calls each public reading operation
    Then each answer is as the specification says
    When nobody calls getServiceDescription
    Then the answer is 200

  @req-common/no-server-errors
  Scenario: Odd requests break nothing
    When nobody calls each public reading operation with query "%00=%FF&limit=99999999999999999999&cursor=%F0%9F%92%A5"
    Then each answer is 200, 400, 404 or 422
    And each answer is as the specification says
    When nobody calls getServiceDescription
    Then the answer is 200

  @stage-2 @req-common/no-server-errors
  Scenario Outline: Odd bodies break nothing: <what>
    When nobody calls createFeeQuote with the body "<body>"
    Then each answer is 400, 413 or 422
    When nobody calls getServiceDescription
    Then the answer is 200

    Examples:
      | what             | body |
      | a list           | [] |
      | nothing at all   | null |
      | null in a list   | {'lines':[null]} |
      | half a character | {'lines':[{'code':'\ud800','quantity':1}]} |
      | a huge number    | {'lines':[{'code':'A','quantity':1e999}]} |
      | a zero byte      | {'lines':[{'code':'\u0000','quantity':-1}]} |
      | depth            | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ |

  @req-common/errors-reveal-nothing
  Scenario: A refusal shows nothing of the inside, and repeats nothing
    When nobody sends "GET" to "/istmo'%22%3Bselect--EXAMPLE-7719"
    Then the answer is 404
    And the answer does not say "EXAMPLE-7719"
    And the answer does not say "Traceback"
    When nobody calls getServiceDescription
    Then the answer is 200
