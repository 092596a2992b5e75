@stage-3 @case
Feature: Who is refused learns by which rule

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/refusal-names-rule
  Scenario Outline: The rule is named: <rule>
    When <who> calls createRequest with example "<example>", where "/about/relationship" is "<claim>"
    Then the answer is 403 "not-entitled"
    And "ruleId" is "civil_certificates/<rule>"

    Examples:
      | who  | example          | claim  | rule                            |
      | cora | birth-minor-self | self   | minor-not-by-itself             |
      | ana  | birth-child      | parent | minors-by-guardian              |
      | ana  | birth-other      | other  | other-needs-mandate-or-evidence |

  @req-civil_certificates/refusal-names-rule
  Scenario: Nor is the list of relationships a secret
    Given this country has no "spouse" in "/entitledRelationships/birth"
    When ana calls createRequest with example "birth-spouse"
    Then the answer is 403 "not-entitled"
    And "ruleId" is "civil_certificates/entitled-relationships"
