@stage-1
Feature: What a service charges can be known beforehand

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/fees-published
  Scenario: Every fee of the country is listed with its price and its law
    Given this country has "fees"
    When nobody reads all pages of listFees, 100 at a time
    Then the answer is 200
    And each listed fee has its price and its legal basis
    And each fee of this country is among the listed fees
    When nobody calls getServiceDescription
    Then each "feeCode" of "costs" is among the listed fees

  @stage-3 @case @req-common/fees-published
  Scenario: Nobody is charged what the list does not have
    Given this country has "fees"
    And ana has a draft
    When nobody reads all pages of listFees, 100 at a time
    And ana calls the case's submit for it
    Then the answer is 200
    And "submittedAt" is present
    And each "code" of "fees" is among the listed fees

  @req-common/free-service-says-so
  Scenario: The list says whether the service is free of charge
    When nobody reads all pages of listFees, 100 at a time
    Then the answer is 200
    And the service says that it is free of charge exactly if it is
    When nobody calls getOpenApi
    Then the answer has "/paths/~1fees"
