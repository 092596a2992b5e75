@stage-3 @case
Feature: What is sent twice happens once

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a draft

  @req-common/idempotency-key-required
  Scenario: What makes or moves something needs a key
    When someone entitled calls each creating operation without header "Idempotency-Key"
    Then each answer is 400 "idempotency-key-missing"
    When ana calls the case's submit for it without header "Idempotency-Key"
    Then the answer is 400 "idempotency-key-missing"
    And it has not changed
    When ana calls the case's submit for it
    Then the answer is 200

  @req-common/idempotency-key-form
  Scenario Outline: A key that is none is refused: <key>
    When ana calls the case's submit for it with header "Idempotency-Key" as "<key>"
    Then the answer is 400
    And it has not changed
    When ana calls the case's submit for it with a key of every kind of character
    Then the answer is 200

    Examples:
      | key                                                                |
      | short                                                              |
      | with a blank inside                                                |
      | longer-than-sixty-four-characters-0123456789-0123456789-0123456789 |

  @req-common/idempotent-replay
  Scenario: A repeated call gets the first answer again and makes nothing more
    When ana reads all pages of the case's list, 100 at a time
    And ana calls the case's create
    And ana calls the case's create once more
    Then the answer is the same as the one before
    And header "Idempotency-Replayed" is "true"
    When ana reads all pages of the case's list, 100 at a time
    Then the pages hold 1 more item than before, each once

  @req-common/idempotent-replay
  Scenario: The first answer comes again also when its case has gone on
    When ana calls the case's create
    And ana calls the case's submit for it
    And ana calls the case's create once more
    Then the answer is the same as the one before
    And header "Idempotency-Replayed" is "true"
    When ana calls the case's submit once more
    Then the answer is the same as the one before
    And header "Idempotency-Replayed" is "true"

  @req-common/idempotent-replay
  Scenario: The first answer comes again also when its case is gone
    When ana calls the case's create
    And ana calls the case's discard for it
    And ana calls the case's create once more
    Then the answer is the same as the one before
    And header "Idempotency-Replayed" is "true"

  @req-common/idempotency-key-reuse
  Scenario: A key does not serve for another body
    When ana reads all pages of the case's list, 100 at a time
    And ana calls the case's create where "/national" is {"istmo": "one"}
    Then the answer is 201
    When ana calls the case's create with the same key, where "/national" is {"istmo": "two"}
    Then the answer is 422 "idempotency-key-reused"
    When ana reads all pages of the case's list, 100 at a time
    Then the pages hold 1 more item than before, each once

  @req-common/idempotent-under-concurrency
  Scenario: Twenty calls at the same moment make one case
    When ana reads all pages of the case's list, 100 at a time
    And ana calls the case's create 20 times at once
    Then each answer is 201 or 409
    When ana reads all pages of the case's list, 100 at a time
    Then the pages hold 1 more item than before, each once

  @req-common/idempotency-key-private
  Scenario: The key of one person is nothing to another
    When ana calls uploadDocument
    Then the answer is 201
    And its "id" is remembered as "first"
    When bruno calls uploadDocument with the same key
    Then the answer is 201
    And "id" is not the remembered "first"
    And header "Idempotency-Replayed" is absent

  @req-common/idempotency-key-private
  Scenario: The key of one person does not stand in the way of another
    When ana calls uploadDocument with a file "letter.pdf" of 900 bytes
    And bruno calls uploadDocument with a file "photo.png" of 700 bytes and with the same key
    Then the answer is 201
    And "size" is 700
    And header "Idempotency-Replayed" is absent
