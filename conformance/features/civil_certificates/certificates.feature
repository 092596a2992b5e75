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

  @req-civil_certificates/facts-in-order
  Scenario: However the book was written, a certificate has its facts in one order
    Given bruno holds an issued certificate from example "birth-bruno"
    When bruno calls getCertificate for it
    Then "/renditions/0/facts/0/code" is "givenNames"
    And "/renditions/0/facts/1/code" is "familyNames"
    And "/renditions/0/facts/2/code" is "sex"
    And "/renditions/0/facts/3/code" is "birthDate"

  @req-civil_certificates/certificate-language
  Scenario Outline: A certificate is in the language that was asked for: <language>
    When ana calls createRequest with example "birth-self", where "/language" is "<language>"
    And ana walks the case to "completed"
    And its "/outputs/0" is remembered as "certificate"
    And ana calls getCertificate for "certificate"
    Then "renditions" has 1 item
    And "/renditions/0/language" is "<language>"

    Examples:
      | language |
      | es       |
      | en       |

  @req-civil_certificates/certificate-language
  Scenario: What is called English is not Spanish
    Given ana holds an issued certificate from example "birth-self"
    And ana calls getCertificate for it
    And its "/renditions/0/title" is remembered as "title in Spanish"
    When ana calls createRequest with example "birth-self", where "/language" is "en"
    And ana walks the case to "completed"
    And its "/outputs/0" is remembered as "certificate"
    And ana calls getCertificate for "certificate"
    Then "/renditions/0/title" is not the remembered "title in Spanish"

  @req-civil_certificates/certificate-language
  Scenario: In a language that no certificate has, it is in that of the country
    When ana calls createRequest with example "birth-self", where "/language" is "tlh"
    And ana walks the case to "completed"
    And its "/outputs/0" is remembered as "certificate"
    And ana calls getCertificateContent for "certificate"
    Then the answer is 200
    And each answer is in the language of the country
