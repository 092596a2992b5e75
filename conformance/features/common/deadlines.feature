@stage-3 @case
Feature: The service keeps the time that it promised, and says when it did not

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/due-date-as-published
  Scenario Outline: A case that is submitted <when> is due after the published working days
    Given this country has "processingDays"
    And it is <time> on <date>
    And ana has a draft
    When ana calls the case's submit for it
    Then the answer is 200
    And "dueBy" is the working days of "processingDays" after "submittedAt"

    Examples:
      | when                    | time  | date       |
      | in the morning          | 08:15 | 2027-03-16 |
      | late in the evening     | 23:30 | 2027-03-17 |
      | before a weekend        | 09:00 | 2027-04-09 |
      | on a day without office | 10:00 | 2027-03-20 |

  @req-common/late-decision-marked @stage-4
  Scenario: A decision after the day on which it was due is late
    Given ana has a case in "in_review"
    When ana calls the case's read for it
    Then "late" is false
    When it is a minute after "dueBy"
    And someone entitled calls the case's approve for it
    Then "late" is true
    When ana calls the case's read for it
    Then "late" is true

  @req-common/late-decision-marked @stage-4
  Scenario: A decision on the last day is in time, and stays so
    Given ana has a case in "in_review"
    And ana calls the case's read for it
    When it is an hour before "dueBy"
    And someone entitled calls the case's approve for it
    Then "late" is false
    When 90 days pass
    And ana calls the case's read for it
    Then "late" is false
