@stage-3 @case
Feature: Who is entitled asks, and asks for what can be

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/entitled-relationships
  Scenario: A relationship that the country does not list is refused
    Given this country has no "spouse" in "/entitledRelationships/birth"
    When ana calls createRequest with example "birth-spouse"
    Then the answer is 403 "not-entitled"
    When ana calls createRequest with example "birth-self"
    Then the answer is 201

  @req-civil_certificates/entitled-relationships
  Scenario: A draft cannot be changed into what would have been refused
    Given this country has no "spouse" in "/entitledRelationships/birth"
    And ana has a draft from example "birth-self"
    When ana calls replaceRequest for it with example "birth-self", where "/about/relationship" is "spouse"
    Then the answer is 403 "not-entitled"
    And it has not changed
    When ana calls replaceRequest for it with example "birth-full-copy"
    Then the answer is 200

  @req-civil_certificates/other-needs-mandate-or-evidence
  Scenario: Somebody else's record needs a mandate or a legal interest
    When ana calls createRequest with example "birth-other"
    Then the answer is 403 "not-entitled"
    When ana calls createRequest with example "birth-legal-interest", where "/evidence/0/evidenceType" is "curiosity"
    Then the answer is 403 "not-entitled"
    When ana calls createRequest with example "birth-legal-interest"
    Then the answer is 201

  @req-civil_certificates/other-needs-mandate-or-evidence @stage-4
  Scenario: Whom the person of the record sends may ask for it
    Given bruno calls createMandate where "/representative/id" is "a0000000-0000-4000-8000-000000000001", where "/services" is ["civil-certificates"], where "/scopes" is ["civil-certificates:write"]
    And it is remembered as "mandate"
    When ana calls createRequest with example "birth-other", on behalf of "mandate"
    Then the answer is 201
    When ana calls createRequest with example "birth-other"
    Then the answer is 403 "not-entitled"

  @req-common/others-documents-refused
  Scenario: The file of another is no evidence
    Given bruno calls uploadDocument with a file "will.pdf" of 900 bytes
    And its "id" is remembered as "his file"
    And ana calls uploadDocument with a file "will.pdf" of 900 bytes
    And its "id" is remembered as "her file"
    When ana calls createRequest with example "birth-legal-interest", where "/evidence/0/documentId" is the remembered "his file", without "/evidence/0/data"
    Then each answer is 404, 409 or 422
    When ana calls createRequest with example "birth-legal-interest", where "/evidence/0/documentId" is the remembered "her file", without "/evidence/0/data"
    Then the answer is 201

  @req-civil_certificates/copies-range
  Scenario Outline: A request for <copies> copies is refused
    When ana calls createRequest where "/copies" is <copies>
    Then the answer is 422 "validation-failed"
    And the problem names "/copies"
    When ana calls createRequest where "/copies" is <nearest>
    Then the answer is 201
    And "copies" is <nearest>

    Examples:
      | copies | nearest |
      | 0      | 1       |
      | 11     | 10      |

  @req-civil_certificates/event-not-in-future
  Scenario Outline: What is to happen tomorrow cannot be certified, at <time> as at any time
    Given it is <time> on 2027-03-15
    When ana calls createRequest where "/about/eventDate" is 1 day after today
    Then the answer is 422 "rule-violated"
    And "ruleId" is "civil_certificates/event-not-in-future"
    When ana calls createRequest where "/about/eventDate" is today
    Then the answer is 201

    Examples:
      | time  |
      | 09:00 |
      | 23:30 |

  @req-civil_certificates/event-after-birth
  Scenario: Nothing happens to anybody before birth
    When ana calls createRequest where "/about/eventDate" is "1988-05-11"
    Then the answer is 422 "rule-violated"
    And "ruleId" is "civil_certificates/event-after-birth"
    When ana calls createRequest where "/about/eventDate" is "1988-05-12"
    Then the answer is 201

  @req-civil_certificates/duplicate-open-request
  Scenario: The same request cannot be open twice
    Given ana has a case from example "birth-full-copy" in "submitted"
    And ana has a draft from example "birth-full-copy"
    When ana calls submitRequest for it
    Then the answer is 409 "duplicate"
    And it has not changed
    When ana calls replaceRequest for it with example "birth-full-copy", where "/delivery" is "office"
    And ana calls submitRequest for it
    Then the answer is 200

  @req-civil_certificates/duplicate-after-end
  Scenario: What was withdrawn can be asked for again
    Given ana has a case from example "birth-legal-interest" in "withdrawn"
    And ana has a draft from example "birth-legal-interest"
    When ana calls submitRequest for it
    Then the answer is 200

  @req-civil_certificates/duplicate-after-end @stage-4
  Scenario: What was issued can be asked for again
    Given ana has a case from example "birth-full-copy" in "completed"
    And ana has a draft from example "birth-full-copy"
    When ana calls submitRequest for it
    Then the answer is 200
