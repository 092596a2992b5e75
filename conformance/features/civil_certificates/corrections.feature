@stage-4 @case
Feature: An error in the register is put right by a registrar, and for everybody to see

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana holds an issued certificate from example "birth-self"
    And it is remembered as "certificate"

  @req-civil_certificates/correction-supersedes
  Scenario: A certificate of the uncorrected entry is superseded
    Given ana calls createCorrection where "/certificateId" is its id
    And eva calls applyCorrection for it
    And "certificate" is at hand again
    When nobody calls verifyCertificate with its verification code
    Then "status" is "superseded"

  @req-civil_certificates/correction-in-new-certificate
  Scenario: A new certificate says what is right
    Given its "/registerEntry/version" is remembered as "version"
    And ana calls createCorrection where "/certificateId" is its id
    And eva calls applyCorrection for it
    And ana holds an issued certificate from example "birth-self"
    When ana calls getCertificate for it
    Then "/data/birthPlace" is "San Ficticio"
    And "/registerEntry/version" is not the remembered "version"

  @req-civil_certificates/correction-by-registrar-only
  Scenario: A report alone changes no certificate
    When ana calls createCorrection where "/certificateId" is its id
    Then "status" is "reported"
    When ana calls applyCorrection for it
    Then the answer is 403
    When "certificate" is at hand again
    And nobody calls verifyCertificate with its verification code
    Then "status" is "valid"

  @req-civil_certificates/correction-by-registrar-only
  Scenario Outline: <when> changes nothing in the register
    Given its "/registerEntry/version" is remembered as "version"
    And ana calls createCorrection where "/certificateId" is its id
    And <who> calls <operation> for it
    And ana holds an issued certificate from example "birth-self"
    When ana calls getCertificate for it
    Then "/data/birthPlace" is "Ciudad Istmo"
    And "/registerEntry/version" is the remembered "version"

    Examples:
      | when               | who | operation         |
      | A report           | ana | getCorrection     |
      | A dismissed report | eva | dismissCorrection |

  @req-civil_certificates/correction-decided-once
  Scenario Outline: After <first> there is no <second>
    Given ana calls createCorrection where "/certificateId" is its id
    And eva calls <first> for it
    When eva calls <second> for it
    Then the answer is 409 "conflict"
    And it has not changed

    Examples:
      | first             | second            |
      | applyCorrection   | dismissCorrection |
      | applyCorrection   | applyCorrection   |
      | dismissCorrection | applyCorrection   |

  @req-civil_certificates/correction-names-a-fact
  Scenario: Only what the certificate says can be wrong in it
    When ana calls createCorrection where "/certificateId" is its id, where "/member" is "/shoeSize"
    Then the answer is 422 "rule-violated"
    And "ruleId" is "civil_certificates/correction-names-a-fact"
    When ana calls createCorrection where "/certificateId" is its id
    Then the answer is 201

  @req-civil_certificates/corrected-entry-found
  Scenario Outline: With <fact> put right, an entry is found by <what>
    Given ana calls createCorrection where "/certificateId" is its id, where "/member" is "/<fact>", where "/proposedValue" is "<right>"
    And eva calls applyCorrection for it
    When ana calls createRequest with example "birth-self", where "<place>" is <said>
    And ana walks the case to "completed"
    Then "outputs" has 1 item

    Examples:
      | fact        | right           | place                          | said                    | what                 |
      | givenNames  | Anna María      | /about/person/name/givenNames  | ["Anna", "María"]       | the right name       |
      | familyNames | Ficticia Ñanduá | /about/person/name/familyNames | ["Ficticia", "Ñanduá"]  | the right name       |
      | familyNames | Ficticia Ñanduá | /about/person/name/familyNames | ["Ficticia", "Ñandú"]   | the name of before   |
      | birthDate   | 1988-05-13      | /about/person/birthDate        | "1988-05-13"            | the right day        |
      | birthDate   | 1988-05-13      | /about/person/birthDate        | "1988-05-12"            | the day of before    |
      | birthDate   | 1988-05-13      | /about/eventDate               | "1988-05-13"            | the right event date |
      | birthDate   | 1988-05-13      | /about/eventDate               | "1988-05-12"            | that of before       |

  @req-civil_certificates/entry-version-counts
  Scenario: Each correction counts
    Given ana calls createCorrection where "/certificateId" is its id
    And eva calls applyCorrection for it
    And ana holds an issued certificate from example "birth-self"
    And ana calls createCorrection where "/certificateId" is its id, where "/proposedValue" is "Ciudad Istmo"
    And eva calls applyCorrection for it
    And ana holds an issued certificate from example "birth-self"
    When ana calls getCertificate for it
    Then "/registerEntry/version" is 3

  @req-civil_certificates/corrected-entry-found
  Scenario Outline: A marriage is found by either spouse, as they are called now
    Given ana holds an issued certificate from example "marriage-self"
    And ana calls createCorrection where "/certificateId" is its id, where "/member" is "/<spouse>", where "/proposedValue" is "<right>"
    And eva calls applyCorrection for it
    When ana calls createRequest with example "marriage-self", where "/about/person/name" is <name>, without "/about/person/birthDate"
    And ana walks the case to "completed"
    Then "outputs" has 1 item

    Examples:
      | spouse        | right                | name                                                               |
      | spouseOneName | Anna Ficticia Ñandú  | {"givenNames": ["Anna"], "familyNames": ["Ficticia", "Ñandú"]}     |
      | spouseTwoName | Tom Inexistente Neil | {"givenNames": ["Tom"], "familyNames": ["Inexistente", "Neil"]}    |
