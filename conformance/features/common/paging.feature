@stage-1
Feature: A long list is read page by page, and nothing is lost or told twice

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/paging-complete
  Scenario: The fees are the same on one page and on many
    Given this country has "fees"
    When nobody reads all pages of listFees, 100 at a time
    And nobody reads all pages of listFees, 1 at a time
    Then the pages hold 0 more items than before, each once

  @stage-3 @case @req-common/paging-complete
  Scenario Outline: Five new cases are on the pages, <limit> at a time
    When ana reads all pages of the case's list, 100 at a time
    And ana calls the case's create 5 times
    Then each answer is 201
    When ana reads all pages of the case's list, <limit> at a time
    Then the pages hold 5 more items than before, each once

    Examples:
      | limit |
      | 1     |
      | 2     |
      | 4     |
      | 5     |

  @req-common/parameter-range
  Scenario Outline: No list has pages of <limit> items
    When someone entitled calls each listing operation with query "limit=<limit>"
    Then each answer is 422
    And each problem names "limit"
    And the problem lies in the query
    When someone entitled calls each listing operation with query "limit=100"
    Then each answer is 200

    Examples:
      | limit |
      | 0     |
      | 101   |

  @req-common/repeated-parameter
  Scenario: No list guesses which of two limits is meant
    When someone entitled calls each listing operation with query "limit=1&limit=2"
    Then each answer is 400 "invalid-parameter"
    When someone entitled calls each listing operation with query "limit=2"
    Then each answer is 200

  @req-common/forged-cursor
  Scenario Outline: No list goes on from a place that it did not name: <what>
    When someone entitled calls each listing operation with query "cursor=<cursor>"
    Then each answer is 400 "invalid-parameter"
    When someone entitled calls each listing operation
    Then each answer is 200

    Examples:
      | what            | cursor           |
      | a word          | istmo-forged     |
      | a number        | 1                |
      | a packed number | MQ               |
      | a packed offset | eyJvZmZzZXQiOjB9 |
