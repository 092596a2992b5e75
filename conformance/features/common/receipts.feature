@stage-3 @case
Feature: Who hands something in gets a proof of it that anybody can check

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-06-21

  @req-common/receipt-given
  Scenario: A submission returns its receipt
    Given ana has a draft
    And its "reference" is remembered as "reference"
    When ana calls the case's submit for it
    Then the answer is 200
    And "/receipt/code" matches "[A-Za-z0-9_-]{22}"
    And "/receipt/caseReference" is the remembered "reference"
    And "/receipt/issuedAt" matches "2027-06-2[12]T.*"
    And "/receipt/signature" is present

  @req-common/receipt-given
  Scenario: Every submission has a receipt of its own
    Given ana has a case in "submitted"
    And its "/receipt/code" is remembered as "first"
    And bruno has a draft
    When bruno calls the case's submit for it
    Then the answer is 200
    And "/receipt/code" is not the remembered "first"

  @req-common/receipt-verifies
  Scenario: Whoever has the code can check the receipt
    Given ana has a case in "submitted"
    And its "/receipt" is remembered as "receipt"
    And its "/receipt/payloadDigest" is remembered as "digest"
    When nobody calls verifyReceipt for "receipt"
    Then "valid" is true
    And "payloadDigest" is the remembered "digest"

  @req-common/receipt-verifies
  Scenario: Whoever has only the receipt can check it with the published keys
    Given ana has a draft
    And its "reference" is remembered as "reference"
    When ana calls the case's submit for it
    Then "/receipt/signature" verifies with the served keys
    And "/receipt/signature" carries the remembered "reference" as "caseReference"
    And "/receipt/signature" carries its "/receipt/code" as "code"
    And "/receipt/signature" carries its "/receipt/payloadDigest" as "payloadDigest"

  @req-common/receipt-verifies
  Scenario: A receipt can still be checked long afterwards
    Given ana has a case in "submitted"
    And its "/receipt" is remembered as "receipt"
    When 2 years pass
    And nobody calls verifyReceipt for "receipt"
    Then "valid" is true

  @req-common/altered-receipt-unknown
  Scenario Outline: A code with another <place> character proves nothing
    Given ana has a case in "submitted"
    And its "/receipt" is remembered as "receipt"
    And "receipt" with another <place> character in its "code" is remembered as "altered"
    When nobody calls verifyReceipt for "altered"
    Then the answer is 404 "not-found"
    When nobody calls verifyReceipt for "receipt"
    Then the answer is 200

    Examples:
      | place  |
      | first  |
      | middle |
      | last   |

  @req-common/receipt-limits-guessing
  Scenario: Guessing codes of receipts ends after ten wrong ones
    Given ana has a case in "submitted"
    And its "/receipt" is remembered as "receipt"
    And "receipt" with another last character in its "code" is remembered as "altered"
    When nobody calls verifyReceipt for "altered" 10 times
    Then exactly 0 answers are 429
    When nobody calls verifyReceipt for "receipt"
    Then the answer is 429 "too-many-requests"
    And header "Retry-After" is present

  @req-common/receipt-reveals-nothing
  Scenario: A check of a receipt does not say who handed in what
    Given ana has a case in "submitted"
    And its "/receipt" is remembered as "receipt"
    When nobody calls verifyReceipt for "receipt"
    Then the answer is 200
    And "valid" is true
    And the answer reveals nothing of ana
