@stage-2
Feature: What the contract forbids is refused, at every operation and in every place

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And the contract can be read

  @req-common/constraints-hold
  Scenario: Each operation holds each rule of its body
    When someone entitled breaks each rule of the body of each operation
    Then each answer names what is wrong
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country
    Then the answer is 200

  @stage-1 @req-common/constraints-hold
  Scenario: Each operation holds each rule of its parameters
    When someone entitled breaks each rule of the parameters of each operation
    Then each answer names what is wrong
    When nobody calls getServiceDescription
    Then the answer is 200

  @stage-1 @req-common/repeated-parameter
  Scenario: No operation guesses which of two values is meant
    When someone entitled doubles each parameter of each operation
    Then each answer names what is wrong
    When nobody calls getServiceDescription
    Then the answer is 200
