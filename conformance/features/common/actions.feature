@stage-3 @case
Feature: What a case offers can be done, and nothing else

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/available-actions-work
  Scenario Outline: <who> can do whatever a case in <status> offers
    Given ana has a case in "<status>"
    When <who> tries each action on offer
    Then each answer is 200 or 422

    Examples:
      | status    | who |
      | draft     | ana |
      | submitted | ana |

  @req-common/available-actions-work @stage-4
  Scenario Outline: Whoever deals with a case in <status> can do whatever it offers, here <who>
    Given ana has a case in "<status>"
    When <who> tries each action on offer
    Then each answer is 200 or 422

    Examples:
      | status             | who  |
      | submitted          | eva  |
      | in_review          | eva  |
      | in_review          | ana  |
      | awaiting_applicant | ana  |
      | rejected           | ana  |
      | under_appeal       | fito |

  @req-common/unavailable-actions-refused
  Scenario Outline: <who> cannot do what a case in <status> does not offer
    Given ana has a case in "<status>"
    When <who> tries each action that is not on offer
    Then each answer is 403, 404 or 409
    And it has not changed

    Examples:
      | status    | who |
      | draft     | ana |
      | submitted | ana |
      | submitted | eva |

  @req-common/unavailable-actions-refused @stage-4
  Scenario Outline: In <status> the case does not let <who> do what it does not offer
    Given ana has a case in "<status>"
    When <who> tries each action that is not on offer
    Then each answer is 403, 404 or 409
    And it has not changed

    Examples:
      | status             | who  |
      | in_review          | eva  |
      | in_review          | fito |
      | awaiting_applicant | ana  |
      | awaiting_applicant | eva  |
      | rejected           | ana  |
      | under_appeal       | eva  |
