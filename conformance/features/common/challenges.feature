@stage-3
Feature: Who is not let in learns whether the token was at fault, and no more

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/token-challenge
  Scenario: Who shows no token is told of no error in one
    When nobody calls each protected operation
    Then each answer is 401
    And each header "WWW-Authenticate" matches "Bearer((?!error=).)*"
    When ana calls uploadDocument with a file "letter.pdf" of 900 bytes
    Then the answer is 201

  @req-common/token-challenge
  Scenario: A password is no token, and none is called invalid
    When nobody calls each protected operation with header "Authorization" as "Basic YW5hOm5vdC1hLXRva2Vu"
    Then each answer is 401
    And each header "WWW-Authenticate" matches "Bearer((?!error=).)*"
    When ana calls uploadDocument with a file "letter.pdf" of 900 bytes
    Then the answer is 201

  @req-common/token-challenge
  Scenario Outline: A token that is <fault> is called invalid, and no more is said
    When someone entitled calls each protected operation with <token>
    Then each answer is 401
    And each header "WWW-Authenticate" matches "Bearer.*error=.invalid_token.((?!error_description).)*"

    Examples:
      | fault         | token            |
      | past its time | an expired token |
      | altered       | an altered token |

  @req-common/token-challenge
  Scenario Outline: Whatever is wrong with a token, the same is said of it: <kind>
    Given the sandbox issues tokens of every kind
    When ana calls uploadDocument with a token made as "<kind>"
    Then the answer is 401
    And each header "WWW-Authenticate" matches "Bearer.*error=.invalid_token.((?!error_description).)*"

    Examples:
      | kind           |
      | alg-none       |
      | no-signature   |
      | key-inside     |
      | unknown-key    |
      | id-token       |
      | another-issuer |
      | no-subject     |
      | expired        |
