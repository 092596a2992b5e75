@stage-3 @case
Feature: A case remembers its way, and ends for good

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-06-21

  @req-common/status-history-grows
  Scenario: Each step adds an entry and leaves the earlier ones as they are
    Given ana has a draft
    When 2 hours pass
    And ana calls the case's submit for it
    And 2 hours pass
    And ana calls the case's withdraw for it
    Then "/statusHistory/0/status" is "draft"
    And "statusHistory" contains {"status": "submitted"}
    And its history is in order

  @req-common/status-history-grows @stage-4
  Scenario: A decision and an appeal add their entries too
    Given ana has a case in "rejected"
    When 3 days pass
    And ana calls the case's appeal for it
    And fito calls the case's uphold for it
    Then "/statusHistory/-1/status" is "rejected_final"
    And "statusHistory" contains {"status": "rejected"}
    And "statusHistory" contains {"status": "under_appeal"}
    And its history is in order

  @req-common/status-history-grows
  Scenario: A clock that was put back does not put the history out of order
    Given ana has a case in "submitted"
    And it is 08:00 on 2027-06-21
    When ana calls the case's withdraw for it
    Then the answer is 200
    And its history is in order

  @req-common/history-names-role
  Scenario: Each step names the role of who took it
    Given ana has a case in "submitted"
    When ana calls the case's withdraw for it
    Then "statusHistory" contains {"status": "submitted", "byRole": "owner"}
    And "statusHistory" contains {"status": "withdrawn", "byRole": "owner"}

  @req-common/closed-case-unchangeable
  Scenario: What was withdrawn stays withdrawn, whoever tries
    Given ana has a case in "withdrawn"
    When someone entitled tries each action
    Then each answer is 409
    And it has not changed

  @req-common/closed-case-unchangeable
  Scenario: A draft that ran out cannot be taken up again
    Given ana has a case in "expired"
    When ana calls the case's submit for it
    Then the answer is 409
    When ana calls the case's replace for it
    Then the answer is 409
    And it has not changed

  @req-common/closed-case-unchangeable @stage-4
  Scenario Outline: Nobody can change a case that ended as <status>
    Given ana has a case in "<status>"
    When someone entitled tries each action
    Then each answer is 409
    And it has not changed

    Examples:
      | status         |
      | completed      |
      | rejected_final |

  @req-common/closed-case-documents-readable
  Scenario: The files of a withdrawn case stay with their owner
    Given ana calls uploadDocument with a file "proof.pdf" of 900 bytes
    And it is remembered as "file"
    And its "sha256" is remembered as "digest"
    And ana calls the case's create where "/documents/0" is its id
    And ana walks the case to "withdrawn"
    When ana calls getDocumentContent for "file"
    Then the answer is 200
    And the remembered "digest" is the digest of the answer

  @req-common/closed-case-documents-readable @stage-4
  Scenario: The files of a case that was refused for good stay with their owner
    Given ana calls uploadDocument with a file "proof.png" of 700 bytes
    And it is remembered as "file"
    And ana calls the case's create where "/documents/0" is its id
    And ana walks the case to "rejected_final"
    When ana calls getDocument for "file"
    Then the answer is 200
    And "mediaType" is "image/png"
