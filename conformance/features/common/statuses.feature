@stage-3 @case
Feature: Each operation refuses with the status that it declares, not only the one that somebody thought of

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a draft

  @req-common/unknown-resource
  Scenario: What does not exist is not found, whatever is to be done with it
    When someone entitled calls each path operation
    Then each answer is 404
    When ana calls the case's read for it
    Then the answer is 200

  @req-common/discarded-draft-gone
  Scenario: A discarded draft is gone, whatever its owner tries
    Given it is remembered as "draft"
    And ana calls the case's discard for it
    When ana calls each case operation that declares 410 for "draft"
    Then each answer is 410 "gone"
    Given ana has a draft
    When ana calls the case's read for it
    Then the answer is 200

  @req-common/stale-if-match
  Scenario: No operation acts on a version that is past
    When someone entitled calls each operation that declares 412 when it is due with a stale tag
    Then each answer is 412
    When ana calls the case's list
    Then the answer is 200

  @req-common/idempotent-replay
  Scenario: No operation does twice what came twice
    When someone entitled calls each creating operation when it is due and once again
    Then each answer is the same the second time

  @req-common/idempotent-under-concurrency
  Scenario: No operation does twice what came many times at the same moment
    When someone entitled calls each creating operation when it is due 5 times at once
    Then each answer is of one effect

  @req-common/body-size-bounded
  Scenario: No operation takes a body larger than anybody needs
    When someone entitled calls each writing operation where "/national" is a text of 11000000 characters
    Then each answer is 413
    When ana calls the case's submit for it
    Then the answer is 200
