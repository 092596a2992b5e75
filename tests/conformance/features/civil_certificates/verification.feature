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
    And "status" is "valid"

  @req-civil_certificates/revoked-stays-revoked
  Scenario: A revoked certificate never verifies as valid again
    Given ana holds an issued certificate from example "birth-self"
    When eva calls revokeCertificate for it
    And a year passes
    And nobody calls verifyCertificate with its verification code
    Then "status" is "revoked"

  @req-civil_certificates/registrar-decides-rest
  Scenario: What a registrar has to decide waits for one
    Given ana has a case in "in_review"
    When eva walks the case to "approved"
    Then its history is in order
