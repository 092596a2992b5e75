@stage-3
Feature: A token is looked at from all sides before it opens anything

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/token-algorithm
  Scenario Outline: A token whose signature proves nothing is no token: <what>
    When ana calls uploadDocument with a token made as "<kind>"
    Then the answer is 401
    When ana calls uploadDocument
    Then the answer is 201

    Examples:
      | what                                    | kind                 |
      | it says that it needs none              | alg-none             |
      | it says so in capital letters           | alg-None             |
      | the signature is left out               | no-signature         |
      | the secret is empty                     | secret-empty         |
      | the secret is the published key         | secret-is-public-key |
      | the secret is the published key as JSON | secret-is-public-jwk |
      | the secret is the published key as PEM  | secret-is-public-pem |

  @req-common/token-keys-of-issuer
  Scenario Outline: A token cannot bring the key that proves it: <what>
    When ana calls uploadDocument with a token made as "<kind>"
    Then the answer is 401
    When ana calls uploadDocument
    Then the answer is 201

    Examples:
      | what                                   | kind                  |
      | the key lies in the token              | key-inside            |
      | the token tells where keys are         | key-elsewhere         |
      | the token tells where a certificate is | certificate-elsewhere |
      | the name of the key is a path          | key-by-path           |
      | nobody knows the key                   | unknown-key           |
      | the key has the name of the right one  | key-of-its-name       |

  @req-common/access-tokens-only
  Scenario Outline: A token that was made for another use opens nothing: <kind>
    Given the sandbox issues tokens of every kind
    When ana calls uploadDocument with a token made as "<kind>"
    Then the answer is 401
    When ana calls uploadDocument
    Then the answer is 201

    Examples:
      | kind          |
      | id-token      |
      | refresh-token |

  @req-common/token-issuer-and-audience
  Scenario Outline: A token of a strange issuer or for somebody else opens nothing: <kind>
    Given the sandbox issues tokens of every kind
    When ana calls uploadDocument with a token made as "<kind>"
    Then the answer is 401
    When ana calls uploadDocument with a token made as "several-audiences"
    Then the answer is 201

    Examples:
      | kind           |
      | another-issuer |
      | no-audience    |
      | foreign        |

  @req-common/token-time-window
  Scenario Outline: A token out of its time opens nothing, and clocks that differ a little harm nobody: <kind>
    When ana calls uploadDocument with a token made as "<kind>"
    Then the answer is 401
    When ana calls uploadDocument with a token made as "ahead-10-seconds"
    Then the answer is 201

    Examples:
      | kind            |
      | expired         |
      | ahead-2-minutes |

  @req-common/token-complete
  Scenario Outline: A token that does not say what it has to opens nothing: <kind>
    Given the sandbox issues tokens of every kind
    When ana calls uploadDocument with a token made as "<kind>"
    Then the answer is 401
    When ana calls uploadDocument
    Then the answer is 201

    Examples:
      | kind             |
      | no-issuer        |
      | no-subject       |
      | empty-subject    |
      | no-client        |
      | no-time-of-issue |
      | no-end           |
      | end-in-words     |

  @req-common/no-token-in-address
  Scenario: A token in an address is not taken
    When someone entitled calls each protected operation with the token in the address
    Then each answer is 400 or 401
    When ana calls uploadDocument
    Then the answer is 201
