@stage-3 @case
Feature: A draft waits for its owner, and its receipt says what was sent

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a draft

  @req-common/draft-survives
  Scenario: A draft is there the next day, can be finished, and submitted the day after
    When a day passes
    And ana calls the case's read for it
    Then "status" is "draft"
    When ana calls the case's replace for it, where "/language" is "en"
    And a day passes
    And ana calls the case's submit for it
    Then "submittedAt" is present
    And "language" is "en"

  @req-common/receipt-digest
  Scenario: The receipt carries the digest of what was sent
    When ana calls the case's submit for it
    Then the answer is 200
    And "/receipt/payloadDigest" is the digest of what was sent to the case's create

  @req-common/receipt-digest
  Scenario: Of a draft that was rewritten, the receipt carries the last version
    When ana calls the case's replace for it, where "/language" is "en"
    And ana calls the case's submit for it
    Then the answer is 200
    And "/receipt/payloadDigest" is the digest of what was sent to the case's replace

  @req-common/draft-expires
  Scenario: A draft that nobody touched for the published days has ended
    Given this country has "draftDays"
    When the days of "draftDays" pass
    And an hour passes
    And ana calls the case's list
    Then "/items/0/status" is "expired"
    When ana calls the case's read for it
    Then "status" is "expired"

  @req-common/draft-expires
  Scenario: Years later it has ended as well
    Given this country has "draftDays"
    When 5 years pass
    And ana calls the case's list
    Then "/items/0/status" is "expired"
    When ana calls the case's submit for it
    Then the answer is 409

  @req-common/change-replaces
  Scenario: What a change leaves out is gone
    Given ana calls the case's create where "/national" is {"istmo": "first", "also": "second"}
    When ana calls the case's replace for it, where "/national" is {"istmo": "third"}
    Then the answer is 200
    When ana calls the case's read for it
    Then "national" is {"istmo": "third"}
    When ana calls the case's replace for it, without "/national"
    And ana calls the case's read for it
    Then "national" is absent
