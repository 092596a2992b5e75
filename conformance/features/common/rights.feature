@stage-3 @case
Feature: Nobody does, writes or sees more than is theirs

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @stage-4 @req-common/role-required
  Scenario: Citizen, officer, supervisor and system each keep to what is theirs
    Given ana has a draft
    When everybody without the scope calls each protected operation
    Then each answer is 403
    And it has not changed
    When ana calls the case's submit for it
    Then the answer is 200

  @req-common/others-documents-refused
  Scenario: A file of another person cannot be handed in with a new case
    Given ana calls uploadDocument with a file "letter.pdf" of 900 bytes
    When bruno calls the case's create where "/documents/0" is its id
    Then each answer is 404, 409 or 422
    And the answer does not name it
    When ana calls the case's create where "/documents/0" is its id
    Then the answer is 201

  @req-common/others-documents-refused
  Scenario: Nor can it be put into a draft afterwards
    Given ana calls uploadDocument with a file "letter.pdf" of 900 bytes
    And its "id" is remembered as "letter"
    And bruno has a draft
    When bruno calls the case's replace for it, where "/documents/0" is the remembered "letter"
    Then each answer is 404, 409 or 422
    And it has not changed
    When bruno calls the case's replace for it
    Then the answer is 200

  @req-common/own-members-refused
  Scenario: Nobody writes what the service decides
    Given ana has a draft
    When ana tries to write each member that only the service sets
    Then each answer is 422
    And it has not changed
    When ana calls the case's submit for it
    Then the answer is 200

  @req-common/lists-show-no-more
  Scenario: A list is no way around what a case shows
    Given ana has a case in "submitted"
    And ana calls the case's read for it
    And it is remembered as "what it shows"
    When ana calls the case's list
    Then the answer is 200
    And the list shows no more of it than "what it shows"

  @req-common/cursor-private
  Scenario: Where one person stopped reading, another does not go on
    Given ana has a draft
    And ana has a draft
    And ana calls the case's list with query "limit=1"
    And its "/page/nextCursor" is remembered as "place"
    When bruno calls the case's list with query "limit=1", from the page "place"
    Then the answer reveals nothing of ana
    When ana calls the case's list with query "limit=1", from the page "place"
    Then "items" has 1 item
