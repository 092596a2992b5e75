@stage-4 @case
Feature: A certificate says what the register says, in data, on paper and signed

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/content-equals-entry
  Scenario Outline: <fact> is certified as <entry> has it
    Given <who> holds an issued certificate from example "<example>"
    When <who> calls getCertificate for it
    Then "/registerEntry/number" is "<entry>"
    And "/data/<fact>" is "<value>"

    Examples:
      | who       | example           | entry        | fact          | value                |
      | ana       | birth-self        | N-1988-00017 | familyNames   | Ficticia Ñandú       |
      | ana       | birth-full-copy   | N-1988-00017 | motherName    | Elena Ñandú Güell    |
      | ana       | birth-child       | N-2019-00031 | givenNames    | Cora Kʼan            |
      | ana       | marriage-self     | M-2014-00058 | spouseTwoName | Tomás Inexistente O'Neill |
      | ana       | death-parent      | F-2021-00019 | deathDate     | 2021-08-14           |
      | bruno     | divorce-parent    | D-2003-00021 | spouseOneName | Rosa Güell Ixchel    |
      | foreigner | birth-foreigner   | N-1992-00009 | givenNames    | Zoë                  |

  @req-civil_certificates/pdf-carries-number-and-code
  Scenario: The document shows how it can be verified
    Given ana holds an issued certificate from example "birth-self"
    When ana calls getCertificateContent for it
    Then the answer is 200
    And the PDF says its number
    And the PDF says its verification code

  @req-civil_certificates/pdf-digest-in-register
  Scenario: The document is the very one that was registered, today and later
    Given ana holds an issued certificate from example "birth-self"
    When ana calls getCertificateContent for it
    Then its document sha256 is the digest of the answer
    When a day passes
    And ana calls getCertificateContent for it with header "Accept-Language" as "en"
    Then its document sha256 is the digest of the answer

  @req-civil_certificates/credential-carries-number-and-code
  Scenario: The signed credential speaks of this certificate
    Given ana holds an issued certificate from example "birth-self"
    When ana calls getCertificate for it
    Then "/credential/value" verifies with the served keys
    And "/credential/value" carries its number as "number"
    And "/credential/value" carries its verification code as "verificationCode"
    And "/credential/value" carries its document sha256 as "documentSha256"

  @req-civil_certificates/multilingual-same-facts
  Scenario: Spanish and English say the same
    Given ana holds an issued certificate from example "birth-multilingual"
    When ana calls getCertificate for it
    Then "renditions" contains {"language": "es"}
    And "renditions" contains {"language": "en"}
    And the "code" of "/renditions/0/facts" and of "/renditions/1/facts" are the same
    And "/renditions/0/facts" contains {"code": "birthDate", "value": "1988-05-12"}
    And "/renditions/1/facts" contains {"code": "birthDate", "value": "1988-05-12"}
    And "/renditions/1/facts/0/value" is its "/renditions/0/facts/0/value"
