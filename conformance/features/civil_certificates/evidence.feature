@stage-4 @case
Feature: What rests on evidence is decided by somebody who has read it

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/evidence-judged-by-officer
  Scenario Outline: No machine judges the evidence of <example>
    Given ana calls createRequest with example "<example>", where "/format" is "extract", where "/delivery" is "digital"
    And ana calls submitRequest for it
    When a day passes
    And ana calls getRequest for it
    Then "status" is "submitted"
    And "decision" is absent
    When ana walks the case to "approved"
    Then "/decision/decidedBy" is "officer"

    Examples:
      | example                |
      | birth-legal-interest   |
      | birth-social-programme |
