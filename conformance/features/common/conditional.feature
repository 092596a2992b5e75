@stage-3 @case
Feature: Nobody overwrites what they have not seen

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a draft

  @req-common/if-match-required
  Scenario: A change without a condition is refused
    When someone entitled calls each conditional operation without header "If-Match"
    Then each answer is 428
    When ana calls the case's replace for it without header "If-Match", where "/national" is {"istmo": "blind"}
    Then the answer is 428
    And it has not changed
    When ana calls the case's replace for it
    Then the answer is 200

  @req-common/stale-if-match
  Scenario: A change of what has changed since is refused
    When ana calls the case's replace for it, where "/national" is {"istmo": "second"}
    Then the answer is 200
    When ana calls the case's replace for it with a stale tag, where "/national" is {"istmo": "third"}
    Then the answer is 412
    And it has not changed
    When ana calls the case's replace for it, where "/national" is {"istmo": "fourth"}
    Then the answer is 200

  @req-common/stale-if-match
  Scenario: A condition that was never true is refused
    When ana calls the case's replace for it with a stale tag
    Then the answer is 412
    And it has not changed
    When ana calls the case's replace for it
    Then the answer is 200

  @req-common/stale-if-match
  Scenario: An action may be bound to what was seen
    When ana calls the case's replace for it
    Then the answer is 200
    When ana calls the case's submit for it with a stale tag
    Then the answer is 412
    And it has not changed
    When ana calls the case's submit for it with its tag
    Then the answer is 200

  @req-common/stale-if-match
  Scenario: Of twenty changes at the same moment one is the first
    When ana calls the case's replace for it 20 times at once
    Then exactly 1 answer is 200
    And exactly 19 answers are 412

  @req-common/etag-follows-state
  Scenario: What has not changed is not sent again
    When ana calls the case's read for it, if it has changed
    Then the answer is 304
    When ana calls the case's replace for it, where "/national" is {"istmo": "second"}
    Then the answer is 200
    And its tag is another than before
    When ana calls the case's read for it, if it has changed
    Then the answer is 304

  @req-common/etag-follows-state
  Scenario: Every step of a case gives it another tag
    When ana calls the case's submit for it
    Then the answer is 200
    And its tag is another than before
    When ana calls the case's withdraw for it
    Then the answer is 200
    And its tag is another than before

  @req-common/etag-follows-state
  Scenario: No tag comes back, not even at the end
    Given ana has a draft
    And its "ETag" is remembered as "first"
    And ana calls the case's replace for it
    When ana calls the case's discard for it
    Then the answer is 200
    And header "ETag" is not the remembered "first"
