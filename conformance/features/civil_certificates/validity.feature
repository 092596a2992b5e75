@stage-4 @case
Feature: A certificate is valid for whole months of the calendar

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And this country has "/validityMonths/single-status"

  @req-civil_certificates/validity-in-months
  Scenario Outline: Months are counted by the calendar: issued on <day>
    Given it is 09:00 on <day>
    And bruno holds an issued certificate from example "single-status"
    When the months of "/validityMonths/single-status" pass
    And nobody calls verifyCertificate with its verification code
    Then "status" is "valid"
    When a day passes
    And nobody calls verifyCertificate with its verification code
    Then "status" is "expired"

    Examples:
      | day        |
      | 2027-03-31 |
      | 2027-08-31 |
      | 2027-12-15 |
