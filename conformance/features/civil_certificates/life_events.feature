@stage-5 @case
Feature: A death that was notified stands in the register within a day

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/death-reflected
  Scenario: A new birth certificate shows the day of death
    Given the event "civil.death.registered" arrives with
      """
      {"subjectRef": "a0000000-0000-4000-8000-000000000003", "effectiveDate": "2027-03-14"}
      """
    And a day passes
    And ana holds an issued certificate from example "birth-child"
    When ana calls getCertificate for it
    Then "/data/deathDate" is "2027-03-14"
    And "/data/birthDate" is "2019-02-10"

  @req-civil_certificates/death-reflected
  Scenario: Nobody is dead without a notice
    Given ana holds an issued certificate from example "birth-child"
    When ana calls getCertificate for it
    Then "/data/birthDate" is "2019-02-10"
    And "/data/deathDate" is absent

  @req-civil_certificates/death-entry-exists
  Scenario: The family obtains the death certificate
    Given the event "civil.death.registered" arrives with
      """
      {"subjectRef": "a0000000-0000-4000-8000-000000000003", "effectiveDate": "2027-03-14"}
      """
    And a day passes
    When ana calls createRequest with example "death-child"
    And ana walks the case to "completed"
    And its "/outputs/0" is remembered as "certificate"
    And ana calls getCertificate for "certificate"
    Then "type" is "death"
    And "/data/deathDate" is "2027-03-14"

  @req-civil_certificates/death-reflected
  Scenario Outline: A death is believed on <which> day
    Given the event "civil.death.registered" arrives with
      """
      {"subjectRef": "a0000000-0000-4000-8000-000000000003", "effectiveDate": "<day>"}
      """
    And a day passes
    And ana holds an issued certificate from example "birth-child"
    When ana calls getCertificate for it
    Then "/data/deathDate" is "<day>"

    Examples:
      | which       | day        |
      | the first   | 2019-02-10 |
      | the present | 2027-03-15 |

  @req-civil_certificates/death-entry-exists
  Scenario: The death certificate says who has died
    Given the event "civil.death.registered" arrives with
      """
      {"subjectRef": "a0000000-0000-4000-8000-000000000003", "effectiveDate": "2027-03-14"}
      """
    And a day passes
    And ana holds an issued certificate from example "death-child"
    When ana calls getCertificate for it
    Then "/data/familyNames" is present
    And "/data/birthDate" is "2019-02-10"
