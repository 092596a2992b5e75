@stage-4 @case
Feature: What has to be paid waits for the payment, and a price holds as long as was promised

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And this country has "fees"
    And ana has a case in "submitted"
    And the case costs something

  @req-common/unpaid-fee-blocks
  Scenario: What waits for a payment does not happen before it
    When ana calls the case's read for it
    Then "holds" contains {"code": "fee-unpaid"}
    When ana tries to walk the case to "completed" without paying
    Then the answer is 409 "hold-active"
    And it has not changed
    When the event "payments.request.paid" arrives
    And ana tries to walk the case to "completed" without paying
    Then "status" is "completed"

  @req-common/paid-fee-releases
  Scenario: The payment is enough to go on
    When ana tries to walk the case to "completed" without paying
    Then the answer is 409 "hold-active"
    When the event "payments.request.paid" arrives
    And ana calls the case's read for it
    Then "holds" has 0 items
    When ana tries to walk the case to "completed" without paying
    Then "status" is "completed"

  @req-common/expired-quote
  Scenario: A price is no longer to be had when its time is over
    Given ana calls the case's withdraw for it
    And ana asks what the case costs
    And its "quoteId" is remembered as "quote"
    And it is a minute after "validUntil"
    And ana has a draft
    When ana calls the case's submit where "/feeQuoteId" is the remembered "quote"
    Then the answer is 422 "rule-violated"
    And it has not changed

  @req-common/expired-quote
  Scenario: Until then the price holds
    Given ana calls the case's withdraw for it
    And ana asks what the case costs
    And its "quoteId" is remembered as "quote"
    And it is a minute before "validUntil"
    And ana has a draft
    When ana calls the case's submit where "/feeQuoteId" is the remembered "quote"
    Then the answer is 200
    And "feeQuoteId" is the remembered "quote"

  @req-common/payment-counts-once
  Scenario: A payment that is reported again changes nothing more
    When the event "payments.request.paid" arrives
    And ana tries to walk the case to "completed" without paying
    And ana calls the case's read for it
    Then "status" is "completed"
    When the event "payments.request.paid" arrives
    And the event "payments.request.paid" arrives
    Then it has not changed
