@stage-5
Feature: What another service tells counts only when it is its own word, for us, of now, and then once

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And the sandbox trusts gov as a peer

  @req-common/exchange-signed
  Scenario: A message without a signature is nobody's
    When nobody calls receiveEvent
    Then the answer is 401 "unsigned"
    And header "Accept-Signature" is present
    When ana calls receiveEvent
    Then the answer is 401 "unsigned"
    When gov calls receiveEvent without header "signature"
    Then the answer is 401 "unsigned"
    When gov calls receiveEvent
    Then the answer is 202
    And header "Idempotency-Replayed" is absent

  @req-common/exchange-signed
  Scenario Outline: A message whose signature proves something else is nobody's: <what>
    When gov calls receiveEvent with a message made as "<kind>"
    Then the answer is 401 "unsigned"
    When gov calls receiveEvent
    Then the answer is 202
    And header "Idempotency-Replayed" is absent

    Examples:
      | what                                      | kind                |
      | nobody knows the key                      | strange-key         |
      | the key has the name of a known one       | key-of-its-name     |
      | the key lies where the message says       | key-elsewhere       |
      | it was signed for another method          | another-method      |
      | it was signed for another operation       | another-address     |
      | it was signed for another host            | another-host        |
      | it was signed for another media type      | another-media-type  |
      | it was signed for another recipient       | another-recipient   |
      | it was signed over another body           | another-body        |
      | it was signed for another purpose         | another-purpose     |
      | the method is not under the signature     | method-left-out     |
      | the address is not under the signature    | address-left-out    |
      | the media type is not under the signature | media-type-left-out |
      | the digest is not under the signature     | digest-left-out     |
      | the recipient is not under the signature  | recipient-left-out  |

  @req-common/exchange-signed @case
  Scenario: Only the signed word of a peer releases what waits for a payment
    Given this country has "fees"
    And ana has a case in "submitted"
    And the case costs something
    When gov calls receiveEvent with a message made as "strange-key" and where "/data/caseReference" is its "reference"
    Then the answer is 401 "unsigned"
    And it has not changed
    When gov calls receiveEvent where "/data/caseReference" is its "reference"
    Then the answer is 202
    And "outcome" is "taken"
    When ana calls the case's read for it
    Then "holds" has 0 items

  @req-common/exchange-signed
  Scenario: An event of a type that the service does not know is taken and has no effect
    When gov calls receiveEvent with example "unknown-type"
    Then the answer is 202
    And "outcome" is "ignored"

  @req-common/exchange-digest
  Scenario Outline: A body for which no good digest vouches is not taken: <kind>
    When gov calls receiveEvent with a message made as "<kind>"
    Then the answer is 400 "content-digest"
    When gov calls receiveEvent
    Then the answer is 202
    And header "Idempotency-Replayed" is absent

    Examples:
      | kind              |
      | no-digest         |
      | weak-digest       |
      | digest-of-another |

  @req-common/exchange-digest
  Scenario: The longer digest is as good
    When gov calls receiveEvent with a message made as "sha-512-digest"
    Then the answer is 202

  @req-common/exchange-fresh
  Scenario Outline: What was not signed lately is not taken: <kind>
    When gov calls receiveEvent with a message made as "<kind>"
    Then the answer is 401 "unsigned"
    When gov calls receiveEvent
    Then the answer is 202
    And header "Idempotency-Replayed" is absent

    Examples:
      | kind            |
      | 6-minutes-old   |
      | 2-minutes-ahead |
      | undated         |
      | expired         |

  @req-common/exchange-fresh
  Scenario Outline: Clocks differ and mail takes time: <kind>
    When gov calls receiveEvent with a message made as "<kind>"
    Then the answer is 202

    Examples:
      | kind             |
      | 4-minutes-old    |
      | 10-seconds-ahead |

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
    Then the answer is the same as the one before
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

  @req-common/exchange-addressed
  Scenario Outline: A message for somebody else is not taken: <kind>
    When gov calls receiveEvent with a message made as "<kind>"
    Then the answer is 421 "wrong-recipient"
    When gov calls receiveEvent
    Then the answer is 202
    And header "Idempotency-Replayed" is absent

    Examples:
      | kind                |
      | for-another-service |
      | for-another-country |

  @req-common/exchange-keys
  Scenario: While a peer changes its key both are good, until the one is revoked
    When gov calls receiveEvent with a message made as "second-key"
    Then the answer is 202
    When gov calls receiveEvent with example "unknown-type"
    Then the answer is 202
    When gov calls receiveEvent with a message made as "revoked-key"
    Then the answer is 401 "unsigned"
    When gov calls receiveEvent
    Then the answer is 202

  @req-common/exchange-keys
  Scenario Outline: A key outside its time opens nothing: <kind>
    When gov calls receiveEvent with a message made as "<kind>"
    Then the answer is 401 "unsigned"

    Examples:
      | kind        |
      | key-over    |
      | key-to-come |

  @req-common/exchange-receipt
  Scenario: The receipt proves what was taken, when and with what outcome
    When gov calls receiveEvent
    Then the answer is 202
    And "payloadDigest" is the digest of what was sent to receiveEvent
    And "signature" verifies with the served keys
    And "issuedAt" matches "2027-03-15T.*"
    And "eventId" is present
    And "outcome" is present

  @req-common/exchange-source
  Scenario: A peer cannot speak for another one
    When gov calls receiveEvent where "/source" is "/tax/v1"
    Then the answer is 403 "not-entitled"
    When gov calls receiveEvent
    Then the answer is 202
