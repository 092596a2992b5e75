@stage-5 @case
Feature: A notice changes the register once, and only if it can be true

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/unbelievable-death-ignored
  Scenario Outline: A notice that cannot be true changes nothing: <why>
    Given the event "civil.death.registered" arrives with
      """
      {"subjectRef": "a0000000-0000-4000-8000-000000000003", "effectiveDate": "<day>"}
      """
    And a day passes
    And ana holds an issued certificate from example "birth-child"
    When ana calls getCertificate for it
    Then "/data/birthDate" is "2019-02-10"
    And "/data/deathDate" is absent

    Examples:
      | why                            | day        |
      | nobody dies before being born  | 2019-02-09 |
      | nobody is dead before dying    | 2027-03-16 |
      | that year had no such day      | 2027-02-29 |
      | a day is written in one way    | 14/03/2027 |

  @req-civil_certificates/death-noted-once
  Scenario: A second notice changes nothing
    Given the event "civil.death.registered" arrives with
      """
      {"subjectRef": "a0000000-0000-4000-8000-000000000003", "effectiveDate": "2027-03-14"}
      """
    And the event "civil.death.registered" arrives with
      """
      {"subjectRef": "a0000000-0000-4000-8000-000000000003", "effectiveDate": "2027-03-12"}
      """
    And a day passes
    When ana calls createRequest with example "death-child"
    And ana walks the case to "completed"
    And its "/outputs/0" is remembered as "certificate"
    And ana calls getCertificate for "certificate"
    Then "/data/deathDate" is "2027-03-14"

  @req-civil_certificates/entry-version-counts
  Scenario: A death counts as one change
    Given the event "civil.death.registered" arrives with
      """
      {"subjectRef": "a0000000-0000-4000-8000-000000000003", "effectiveDate": "2027-03-14"}
      """
    And a day passes
    And ana holds an issued certificate from example "birth-child"
    When ana calls getCertificate for it
    Then "/registerEntry/version" is 2
