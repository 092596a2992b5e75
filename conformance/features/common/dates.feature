@stage-3
Feature: A moment is the same everywhere, a day has no hour

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/utc-times
  Scenario Outline: A moment written as <written> comes back in UTC
    When someone entitled writes "<written>" where a moment belongs
    Then it is taken as the moment "<moment>"

    Examples:
      | written                   | moment               |
      | 2027-01-15T15:00:00Z      | 2027-01-15T15:00:00Z |
      | 2027-01-15T09:00:00-06:00 | 2027-01-15T15:00:00Z |
      | 2027-01-15T23:30:00-06:00 | 2027-01-16T05:30:00Z |
      | 2027-01-15T20:30:00+05:30 | 2027-01-15T15:00:00Z |

  @case @req-common/utc-times
  Scenario: What a service writes by itself is in UTC
    Given ana has a case in "submitted"
    When ana calls the case's read for it
    Then the answer is 200
    And "submittedAt" matches "2027-03-15T[0-9:.]+Z"
    And each answer has its moments in UTC

  @case @req-common/real-dates
  Scenario Outline: A day that no calendar has is refused: <written>
    When someone entitled writes "<written>" where a date belongs
    Then it is refused there
    When someone entitled writes "1988-02-29" where a date belongs
    Then it is not refused there

    Examples:
      | written    |
      | 1987-02-29 |
      | 1988-04-31 |
      | 1988-13-01 |
      | 1988-5-1   |

  @req-common/real-dates
  Scenario Outline: A moment that no clock shows is refused: <fault>
    When someone entitled writes "<written>" where a moment belongs
    Then it is refused there
    When someone entitled writes "2028-02-29T15:00:00Z" where a moment belongs
    Then it is not refused there

    Examples:
      | fault               | written              |
      | without a time zone | 2027-06-15T15:00:00  |
      | the hour after 23   | 2027-06-15T24:00:00Z |
      | 30 February         | 2027-02-30T15:00:00Z |

  @case @req-common/dates-without-time
  Scenario Outline: A date that is written <fault> is refused
    When someone entitled writes "<written>" where a date belongs
    Then it is refused there
    When someone entitled writes "1988-05-12" where a date belongs
    Then it is not refused there

    Examples:
      | fault               | written                   |
      | with a time         | 1988-05-12T00:00:00Z      |
      | with a local time   | 1988-05-12T09:00:00-06:00 |
      | with a time of none | 1988-05-12 00:00          |
