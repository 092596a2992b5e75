@stage-3 @case
Feature: An identifier is read as people write it, and checked as the country says

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/identifier-format
  Scenario: What does not have the form of its scheme is refused
    When someone entitled writes each "badFormat" sample where an identifier belongs
    Then each answer is 422 "identifier-format"
    When someone entitled writes each "valid" sample where an identifier belongs
    Then each answer is 201

  @req-common/identifier-checksum
  Scenario: A wrong check digit is refused where the country enforces it
    Given this country has identifiers whose check digits it treats by "enforce"
    When someone entitled writes each "badChecksum" sample where an identifier belongs
    Then each answer is 422 "identifier-checksum"
    When someone entitled writes each "valid" sample where an identifier belongs
    Then each answer is 201

  @req-common/identifier-checksum
  Scenario: A wrong check digit is kept where the country does not enforce it
    Given this country has identifiers whose check digits it treats by "warn"
    When someone entitled writes each "badChecksum" sample where an identifier belongs
    Then each answer is 201
    And each answer holds the identifier in its normal form

  @req-common/identifier-normalised
  Scenario: Hyphens and blanks make no other identifier
    When someone entitled writes each "valid" sample where an identifier belongs
    Then each answer is 201
    And each answer holds the identifier in its normal form
    When someone entitled writes each "valid" sample in groups where an identifier belongs
    Then each answer is 201
    And each answer holds the identifier in its normal form
