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

  @req-civil_certificates/validity-in-months
  Scenario Outline: Months are counted by the calendar: issued on <day>
    Given this country has "/validityMonths/single-status"
    And it is 09:00 on <day>
    And bruno holds an issued certificate from example "single-status"
    When bruno calls getCertificate for it
    Then "validUntil" matches "<last>"

    Examples:
      | day        | last                                                                          |
      | 2027-08-31 | 20[0-9]{2}-(0[13578]-31\|1[02]-31\|0[469]-30\|11-30)\|2028-02-29\|20[0-9]{2}-02-28 |
      | 2027-03-31 | 20[0-9]{2}-(0[13578]-31\|1[02]-31\|0[469]-30\|11-30)\|2028-02-29\|20[0-9]{2}-02-28 |
      | 2027-12-15 | 20[0-9]{2}-[01][0-9]-15                                                       |
