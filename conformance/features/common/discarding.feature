@stage-3 @case
Feature: What a person gives up before submitting it is gone

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/discarded-draft-gone
  Scenario: A discarded draft is gone and in no list
    Given ana has a draft
    When ana calls the case's list
    Then the list has it
    When ana calls the case's discard for it
    And ana calls the case's read for it
    Then the answer is 410 "gone"
    When ana calls the case's list
    Then the list does not have it

  @req-common/discarded-draft-gone
  Scenario Outline: A discarded draft cannot come back by <action>
    Given ana has a draft
    And ana calls the case's discard for it
    When ana calls the case's <action> for it
    Then the answer is 410 "gone"
    Given ana has a draft
    When ana calls the case's <action> for it
    Then the answer is 200

    Examples:
      | action  |
      | replace |
      | submit  |
      | discard |

  @req-common/discarded-documents-gone
  Scenario Outline: The files of a discarded draft are gone with it: <what>
    Given ana calls uploadDocument with a file "sample.pdf" of 2000 bytes
    And it is remembered as "document"
    And ana calls the case's create where "/documents/0" is its id
    And ana calls getDocument for "document"
    When ana calls the case's discard for it
    And ana calls <operation> for "document"
    Then each answer is 404 or 410

    Examples:
      | what            | operation          |
      | what they are   | getDocument        |
      | what is in them | getDocumentContent |
