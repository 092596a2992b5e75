@stage-2
Feature: A body is read in one way only, and no further than is sensible

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/utf8-only
  Scenario Outline: A body in another encoding is refused: <encoding>
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country, where "/national" is {"istmo": "Ñandú"}, in the encoding "<encoding>"
    Then each answer is 400 or 415
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country, where "/national" is {"istmo": "Ñandú"}
    Then the answer is 200

    Examples:
      | encoding  |
      | utf-16    |
      | utf-8-sig |
      | latin-1   |
      | gzip      |

  @req-common/body-size-bounded
  Scenario: A body larger than anybody needs is not taken
    When nobody calls createFeeQuote where "/lines/0/code" is a text of 11000000 characters
    Then the answer is 413
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country
    Then the answer is 200

  @req-common/body-shape-bounded
  Scenario Outline: A body deeper or wider than anybody needs is refused: <what>
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country, <body>
    Then each answer is 400, 413 or 422
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country, where "/national/istmo" is a list of 8 levels
    Then the answer is 200

    Examples:
      | what                         | body                                                  |
      | a hundred levels             | where "/national/istmo" is a list of 100 levels         |
      | a hundred thousand levels    | with a body of 100000 levels                            |
      | two hundred thousand members | where "/national/istmo" is an object of 200000 members |

  @req-common/safe-integers
  Scenario Outline: A whole number that not every system can hold is refused: <number> in <place>
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country, where "<place>" is <number>
    Then each answer is 400 or 422
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country, where "<place>" is 7
    Then the answer is 200

    Examples:
      | number               | place             |
      | 9007199254740993     | /lines/0/quantity |
      | 9223372036854775808  | /lines/0/quantity |
      | 18446744073709551617 | /lines/0/quantity |
      | 9007199254740993     | /national/istmo   |
      | -9223372036854775809 | /national/istmo   |

  @req-common/values-not-converted
  Scenario Outline: What is of another type is not made to fit: <value>
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country, where "/lines/0/quantity" is <value>
    Then the answer is 422
    And the problem names "/lines/0/quantity"
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country, where "/lines/0/quantity" is 2
    Then the answer is 200

    Examples:
      | value |
      | "2"   |
      | true  |
      | 1.5   |
      | null  |
      | [3]   |
