@stage-3
Feature: What belongs to one person does not exist for another

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @case @req-common/others-see-nothing
  Scenario Outline: Reading the <status> case of another is like reading nothing
    Given ana has a case in "<status>"
    When bruno calls the case's read for it
    Then the answer is 404
    And the answer reveals nothing of ana
    When ana calls the case's read for it
    Then the answer is 200

    Examples:
      | status    |
      | draft     |
      | submitted |

  @case @req-common/others-see-nothing
  Scenario Outline: The lists of another do not show the <status> case
    Given ana has a case in "<status>"
    When bruno calls the case's list
    Then the answer is 200
    And the list does not have it
    When ana calls the case's list
    Then the answer is 200
    And the list has it

    Examples:
      | status    |
      | draft     |
      | submitted |

  @case @req-common/others-see-nothing
  Scenario: A draft is shown to its owner and to no officer
    Given ana has a draft
    When eva calls the case's read for it
    Then the answer is 404
    When eva calls the case's list
    Then the list does not have it
    When ana calls the case's read for it
    Then the answer is 200

  @case @req-common/others-see-nothing
  Scenario: What another has given up is nothing, and not gone
    Given ana has a draft
    And ana calls the case's discard for it
    When bruno calls the case's read for it
    Then the answer is 404
    And the answer reveals nothing of ana

  @req-common/others-see-nothing
  Scenario: The files of another do not exist
    Given ana calls uploadDocument with a file "letter.pdf" of 900 bytes
    When bruno calls getDocument for it
    Then the answer is 404
    When bruno calls getDocumentContent for it
    Then the answer is 404
    When ana calls getDocumentContent for it
    Then the answer is 200

  @case @req-common/others-change-nothing
  Scenario Outline: Another person cannot change a draft: <change>
    Given ana has a draft
    When bruno calls the case's <change>
    Then the answer is 404
    And it has not changed
    When ana calls the case's submit for it
    Then the answer is 200

    Examples:
      | change                        |
      | replace for it                |
      | replace for it with a stale tag |
      | submit for it                 |
      | discard for it                |
      | withdraw for it               |

  @case @req-common/others-change-nothing
  Scenario: Another person cannot withdraw what was submitted
    Given ana has a case in "submitted"
    When bruno calls the case's withdraw for it
    Then the answer is 404
    And it has not changed
    When ana calls the case's withdraw for it
    Then the answer is 200
