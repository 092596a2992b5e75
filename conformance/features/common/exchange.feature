@stage-5
Feature: What another service tells counts only when it is its own word

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And the sandbox trusts gov as a peer

  @req-common/exchange-signed
  Scenario: A message without a signature is nobody's
    When nobody calls receiveEvent
    Then the answer is 401 "unsigned"
    And header "Accept-Signature" is present
    When gov calls receiveEvent without header "signature"
    Then the answer is 401 "unsigned"
    When gov calls receiveEvent
    Then the answer is 202
    And header "Idempotency-Replayed" is absent

  @req-common/exchange-signed
  Scenario: A token is no signature
    When ana calls receiveEvent
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
  Scenario: The word of a stranger does not release what waits for a payment
    Given this country has "fees"
    And ana has a case in "submitted"
    And the case costs something
    When gov calls receiveEvent with a message made as "strange-key" and where "/data/caseReference" is its "reference"
    Then the answer is 401 "unsigned"
    And it has not changed

  @req-common/exchange-signed @case
  Scenario: The signed word of a peer releases what waits for a payment
    Given this country has "fees"
    And ana has a case in "submitted"
    And the case costs something
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

  @req-common/exchange-source
  Scenario: A peer cannot speak for another one
    When gov calls receiveEvent where "/source" is "/tax/v1"
    Then the answer is 403 "not-entitled"
    When gov calls receiveEvent
    Then the answer is 202
