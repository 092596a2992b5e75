@stage-1
Feature: Answers are safe to show, and failures tell nothing that helps an attacker

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/security-headers
  Scenario: What anybody may read is neither guessed, kept nor framed
    When nobody calls each public reading operation
    Then each header "X-Content-Type-Options" is "nosniff"
    And each header "Cache-Control" matches ".*no-store.*"
    And each header "Content-Security-Policy" matches ".*frame-ancestors 'none'.*"
    And each header "Strict-Transport-Security" matches "max-age=[1-9][0-9]+.*"
    And each header "Referrer-Policy" is "no-referrer"
    When nobody calls getServiceDescription
    Then the answer is 200

  @req-common/security-headers @stage-3
  Scenario: Refusals are as safe as answers
    When nobody calls each protected operation
    Then each header "X-Content-Type-Options" is "nosniff"
    And each header "Cache-Control" matches ".*no-store.*"
    And each header "Content-Security-Policy" matches ".*frame-ancestors 'none'.*"
    And each header "Strict-Transport-Security" matches "max-age=[1-9][0-9]+.*"
    And each header "Referrer-Policy" is "no-referrer"

  @req-common/errors-reveal-nothing
  Scenario Outline: A refusal says nothing of the inside: <what>
    Given nobody is refused listFees with query "<query>"
    Then the answer does not say "Traceback"
    And the answer does not say "SELECT"
    When nobody calls listFees
    Then the answer is 200

    Examples:
      | what                | query                                             |
      | a cursor with SQL   | cursor=EXAMPLE' UNION SELECT password FROM users-- |
      | a number that is no | limit=1e309                                       |
      | a name with a path  | ../../etc/passwd=1                                |

  @req-common/no-server-errors @stage-2
  Scenario Outline: A body that nobody expects breaks nothing: <what>
    When nobody calls createFeeQuote with the body "<body>"
    Then each answer is 400 or 422
    When nobody calls getServiceDescription
    Then the answer is 200

    Examples:
      | what               | body                                                                      |
      | nothing            |                                                                           |
      | null               | null                                                                      |
      | a list             | []                                                                        |
      | a text             | 'x'                                                                       |
      | an endless number  | {'lines':[{'code':'x','quantity':1e400}]}                                 |
      | half a character   | {'lines':[{'code':'\ud800','quantity':1}]}                                |
      | one after another  | {}{}                                                                      |
      | many levels        | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]           |

  @req-common/no-server-errors @stage-3
  Scenario Outline: An address that nobody expects breaks nothing: <what>
    When someone entitled calls each path operation for "<text>" as its identifier
    Then each answer is 400, 404, 415, 422 or 428
    When nobody calls getServiceDescription
    Then the answer is 200

    Examples:
      | what           | text                                     |
      | a quote        | ' OR 1=1 --                              |
      | a path         | ..                                       |
      | an emoji       | 💥                                       |
      | a long text    | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx |
