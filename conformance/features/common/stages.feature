@stage-1
Feature: A service says how far it goes, and goes that far

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/claimed-stage-possible
  Scenario: No service claims more than there is
    When nobody calls getStages
    Then the answer is 200
    And the claimed stage is the one of the manifest, and possible

  @req-common/stage-operations-exist
  Scenario: What carries each stage stands in the contract
    Given the contract can be read
    When nobody calls getStages
    Then the answer is 200
    And each claimed stage names operations of the contract
