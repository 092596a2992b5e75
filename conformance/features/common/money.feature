@stage-2
Feature: Money is exact, and in a currency of the country

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And this country has "fees"

  @req-common/money-scale
  Scenario Outline: The amount <amount> is refused
    When someone entitled writes "<amount>" where an amount belongs
    Then it is refused there
    When someone entitled writes "10.50" where an amount belongs
    Then it is not refused there

    Examples:
      | amount |
      | 10     |
      | 10.5   |
      | 10.500 |
      | 10,50  |

  @req-common/money-as-text
  Scenario Outline: The number <number> is no amount
    When someone entitled writes <number> where an amount belongs
    Then it is refused there
    When someone entitled writes "10.50" where an amount belongs
    Then it is not refused there

    Examples:
      | number |
      | 10     |
      | 10.50  |
      | 1e1    |

  @req-common/money-currency
  Scenario Outline: An amount in <currency> is refused where nobody pays with it
    When someone entitled writes "10.00" in "<currency>" where an amount belongs
    Then it is refused there
    When someone entitled writes "10.50" where an amount belongs
    Then it is not refused there

    Examples:
      | currency |
      | JPY      |
      | ISK      |
      | XXX      |
