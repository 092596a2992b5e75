@stage-3 @case
Feature: Addresses, verbs and media types mean one thing

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a draft

  @req-common/unknown-path
  Scenario: An address that the specification does not know
    When ana sends "GET" to "/istmo-no-such-thing"
    Then the answer is 404 "not-found"
    When ana calls the case's read for it
    Then the answer is 200

  @req-common/unknown-path
  Scenario: An identifier that is no identifier
    When ana calls the case's read for "not-a-uuid" as its identifier
    Then the answer is 404 "not-found"
    When ana calls the case's read for it
    Then the answer is 200

  @req-common/wrong-method
  Scenario: A verb that the address does not know
    When someone entitled calls each operation by a method that it lacks
    Then each answer is 405 "method-not-allowed"
    And each header "Allow" is present
    When ana calls the case's read for it
    Then the answer is 200

  @req-common/wrong-media-type
  Scenario: A body of another media type
    When someone entitled calls each writing operation with the media type "text/plain"
    Then each answer is 415 "unsupported-media-type"
    And it has not changed

  @req-common/impossible-accept
  Scenario: An answer that cannot be given
    When ana calls the case's read for it with header "Accept" as "application/vnd.istmo.impossible"
    Then the answer is 406 "not-acceptable"
    When ana calls the case's read for it
    Then the answer is 200
