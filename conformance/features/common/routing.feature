@stage-1
Feature: Addresses, verbs and media types mean one thing

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/unknown-path @production
  Scenario: An address that the specification does not know
    When nobody sends "GET" to "/istmo-no-such-thing"
    Then the answer is 404 "not-found"
    When nobody sends "GET" to "/stages/"
    Then the answer is 404 "not-found"
    When nobody sends "GET" to "/stages"
    Then the answer is 200

  @req-common/wrong-method
  Scenario: A verb that the address does not know
    When someone entitled calls each operation by a method that it lacks
    Then each answer is 405 "method-not-allowed"
    And each header "Allow" is present
    When nobody sends "GET" to "/stages"
    Then the answer is 200

  @req-common/impossible-accept @production
  Scenario: An answer that cannot be given
    When nobody calls getServiceDescription with header "Accept" as "application/vnd.istmo.impossible"
    Then the answer is 406 "not-acceptable"
    When nobody calls getServiceDescription
    Then the answer is 200

  @stage-2 @req-common/wrong-media-type
  Scenario: A body of another media type
    When nobody calls createFeeQuote with the media type "text/plain"
    Then the answer is 415 "unsupported-media-type"
    When someone entitled calls each writing operation with the media type "text/plain"
    Then each answer is 415 "unsupported-media-type"
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country
    Then the answer is 200

  @stage-3 @case @req-common/unknown-path
  Scenario: An identifier that is no identifier
    Given ana has a draft
    When ana calls the case's read for "not-a-uuid" as its identifier
    Then the answer is 404 "not-found"
    When ana calls the case's read for it
    Then the answer is 200
