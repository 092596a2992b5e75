@stage-3
Feature: Who knows the regional standard is served in every member state

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @case @req-common/regional-client-accepted
  Scenario: A citizen of another member state needs no national additions
    When foreigner calls the case's create
    Then the answer is 201
    And its "id" is remembered as "the draft of a citizen of another state"
    When foreigner calls the case's submit for it
    Then the answer is 200
    And "submittedAt" is present
    When ana calls the case's create
    Then "id" is not the remembered "the draft of a citizen of another state"

  @req-common/national-schema-served
  Scenario: What a country adds can be checked by machine
    When nobody calls getNationalSchema
    Then the answer is 200
    And each answer is a JSON Schema
    When nobody calls getOpenApi
    Then the answer has "/paths/~1schemas~1national"
