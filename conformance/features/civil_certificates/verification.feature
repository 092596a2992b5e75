@stage-4 @case
Feature: Anyone can verify a certificate

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/verification-reveals-least
  Scenario: Verification confirms and reveals nothing else
    Given ana holds an issued certificate from example "birth-self"
    When nobody calls verifyCertificate with its verification code
    Then the answer is 200
    And the answer has only "status", "type", "issuedAt", "issuer" and "initials"
    And the answer reveals nothing of ana
    And "status" is "valid"
    And "initials" matches "(\w\. ?){2,8}"

  @req-civil_certificates/verification-unknown-code
  Scenario: A code that was never issued is not found
    Given ana holds an issued certificate from example "birth-self"
    When nobody calls verifyCertificate where "/verificationCode" is "ZZZZZZZZZZZZZZZZZZZZZZ"
    Then the answer is 404 "not-found"
    When nobody calls verifyCertificate with its verification code
    Then the answer is 200

  @req-civil_certificates/verification-limits-guessing
  Scenario: Guessing ends after ten wrong codes
    Given ana holds an issued certificate from example "birth-self"
    When nobody calls verifyCertificate with its verification code
    Then the answer is 200
    When nobody calls verifyCertificate where "/verificationCode" is "ZZZZZZZZZZZZZZZZZZZZZZ" 10 times
    Then exactly 0 answers are 429
    When nobody calls verifyCertificate with its verification code
    Then the answer is 429 "too-many-requests"
    And header "Retry-After" is present

  @req-civil_certificates/revoked-stays-revoked
  Scenario: A revoked certificate never verifies as valid again
    Given ana holds an issued certificate from example "birth-self"
    And eva calls revokeCertificate for it
    When nobody calls verifyCertificate with its verification code
    Then "status" is "revoked"
    When a year passes
    And nobody calls verifyCertificate with its verification code
    Then "status" is "revoked"

  @req-civil_certificates/certificate-expires
  Scenario Outline: <time> after the last day of its validity began, a certificate is <status>
    Given this country has "/validityMonths/single-status"
    And bruno holds an issued certificate from example "single-status"
    When it is <time> after "validUntil"
    And nobody calls verifyCertificate with its verification code
    Then "status" is "<status>"

    Examples:
      | time     | status  |
      | 23 hours | valid   |
      | 25 hours | expired |
      | 2 years  | expired |
