@stage-1
Feature: A service publishes the contract that it keeps

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/served-contract-valid
  Scenario: The contract can be read by any tool
    When nobody calls getOpenApi
    Then the answer is 200
    And the contract is valid OpenAPI 3.1

  @req-common/served-contract-compatible
  Scenario: Who knows the regional contract can use this one
    Given the contract can be read
    When nobody calls getOpenApi
    Then the contract is a legal widening of the regional one

  @req-common/identifiers-not-in-addresses
  Scenario: No address carries the number of a person
    Given the contract can be read
    When nobody calls getOpenApi
    Then the contract names no parameter after an identifier

  @stage-3 @case @req-common/identifiers-not-in-addresses
  Scenario: No address that the service gives tells of a person
    When ana calls the case's create 2 times
    Then each header "Location" is present
    And the headers reveal nothing of ana
    When ana calls the case's list with query "limit=1"
    Then the answer is 200
    And the headers reveal nothing of ana
