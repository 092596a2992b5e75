@stage-5
Feature: What another service tells counts once, and a receipt proves it

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And the sandbox trusts gov as a peer

  @req-common/exchange-replay
  Scenario: The same message gets the same receipt
    Given gov calls receiveEvent
    When gov calls receiveEvent once more
    Then the answer is the same as the one before
    And header "Idempotency-Replayed" is "true"

  @req-common/exchange-replay
  Scenario: The same message gets the same receipt also when it is signed anew, much later
    Given gov calls receiveEvent
    When 20 hours pass
    And gov calls receiveEvent
    Then the answer is the same as the one before
    And header "Idempotency-Replayed" is "true"
    When gov calls receiveEvent with a message made as "second-key"
    Then the answer is the same as the one before

  @req-common/exchange-replay
  Scenario: The same message many times at once is one message
    When gov calls receiveEvent 10 times at once
    Then each answer is 202 or 409
    When gov calls receiveEvent
    Then the answer is 202
    And header "Idempotency-Replayed" is "true"

  @req-common/exchange-replay
  Scenario: The id of a message stands for one content
    Given gov calls receiveEvent
    When gov calls receiveEvent where "/data/caseReference" is "another"
    Then the answer is 409 "message-reused"
    When gov calls receiveEvent where "/id" is "another-id"
    Then the answer is 202
    And header "Idempotency-Replayed" is absent

  @req-common/exchange-replay @case
  Scenario: A payment that is told again changes nothing more
    Given this country has "fees"
    And ana has a case in "submitted"
    And the case costs something
    When gov calls receiveEvent where "/data/caseReference" is its "reference"
    And ana calls the case's read for it
    Then "holds" has 0 items
    When gov calls receiveEvent where "/data/caseReference" is its "reference"
    Then it has not changed

  @req-common/exchange-receipt
  Scenario: The receipt proves what was taken, when and with what outcome
    When gov calls receiveEvent
    Then the answer is 202
    And "payloadDigest" is the digest of what was sent to receiveEvent
    And "signature" verifies with the served keys
    And "issuedAt" matches "2027-03-15T.*"
    And "eventId" is present
    And "outcome" is present
