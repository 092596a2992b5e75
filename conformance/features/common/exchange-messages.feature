@stage-5
Feature: What another service tells is whole, for us, and of now

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And the sandbox trusts gov as a peer

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
    When gov calls receiveEvent with a message made as "digest-of-another"
    Then the answer is 400 "content-digest"
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
    When gov calls receiveEvent with a message made as "6-minutes-old"
    Then the answer is 401 "unsigned"
    When gov calls receiveEvent with a message made as "<kind>"
    Then the answer is 202

    Examples:
      | kind             |
      | 4-minutes-old    |
      | 10-seconds-ahead |

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

  @req-common/exchange-keys
  Scenario Outline: A key outside its time opens nothing: <kind>
    When gov calls receiveEvent with a message made as "<kind>"
    Then the answer is 401 "unsigned"

    Examples:
      | kind        |
      | key-over    |
      | key-to-come |
