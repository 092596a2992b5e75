@stage-2
Feature: A form asks for what the service takes

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/forms-in-both-formats
  Scenario: Each form can be printed and can be checked by machine
    When nobody fetches each listed form as "application/pdf"
    Then each answer is 200
    And each answer is a readable PDF
    When nobody fetches each listed form as "application/schema+json"
    Then each answer is 200
    And each answer is a JSON Schema

  @req-common/form-schema-agrees-with-create
  Scenario: A form accepts and refuses what the contract accepts and refuses
    Given the contract can be read
    When nobody fetches each listed form as "application/schema+json"
    Then each answer is 200
    And the schema of each form judges as the contract does

  @stage-3 @req-common/form-schema-agrees-with-create
  Scenario: A form accepts and refuses what its operation accepts and refuses
    When nobody fetches each listed form as "application/schema+json"
    Then each answer is 200
    And the schema of each form judges as its operation does
