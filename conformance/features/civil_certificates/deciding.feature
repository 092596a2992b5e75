@stage-4 @case
Feature: The register decides, and gives nothing away

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/no-record-rejected
  Scenario: Whom the register does not know gets no certificate
    When ana calls createRequest with example "birth-unknown"
    Then the answer is 201
    When ana walks the case to "rejected"
    Then "/decision/outcome" is "rejected"
    And "/decision/grounds/0/code" is "no-record"
    And "outputs" has 0 items

  @req-civil_certificates/no-record-rejected
  Scenario: A registrar finds no more than the register holds
    Given ana calls createRequest with example "birth-unknown", where "/delivery" is "office"
    And ana walks the case to "submitted"
    When eva calls acceptRequest for it
    Then "status" is "rejected"
    And "/decision/grounds/0/code" is "no-record"

  @req-civil_certificates/no-record-rejected
  Scenario Outline: A name alone is no match when <fact> is another
    When ana calls createRequest with example "birth-self", where "<fact>" is "<value>"
    Then the answer is 201
    When ana walks the case to "rejected"
    Then "/decision/grounds/0/code" is "no-record"

    Examples:
      | fact                      | value      |
      | /about/person/birthDate   | 1988-05-13 |
      | /about/eventDate          | 1988-05-21 |
      | /about/registrationNumber | N-1988-171 |

  @req-civil_certificates/unique-match-only
  Scenario: Of two people of one name nobody is picked, until the request says which
    When ana calls createRequest with example "birth-ambiguous"
    Then the answer is 201
    When ana walks the case to "rejected"
    Then "/decision/grounds/0/code" is "no-record"
    When ana calls createRequest with example "birth-ambiguous", where "/about/registrationNumber" is "N-1961-00045"
    And ana walks the case to "completed"
    Then "outputs" has 1 item

  @req-civil_certificates/claimed-relationship-borne-out
  Scenario: Nobody becomes a child of somebody by saying so
    When ana calls createRequest with example "birth-wrong-claim"
    Then the answer is 201
    When ana walks the case to "rejected"
    Then "/decision/grounds/0/code" is "no-record"
    When bruno calls createRequest with example "birth-bruno"
    And bruno walks the case to "completed"
    Then "outputs" has 1 item

  @req-civil_certificates/no-record-tells-nothing
  Scenario Outline: Whether there is such a person cannot be read from a rejection of <example>
    Given ana has a case from example "birth-unknown" in "rejected"
    And it is remembered as "nothing found"
    And its "/decision/grounds" is remembered as "grounds"
    And ana has a case from example "<example>" in "rejected"
    When ana calls getRequest for it
    Then "/decision/grounds" is the remembered "grounds"
    And the answer has the same members as "nothing found"

    Examples:
      | example           |
      | birth-ambiguous   |
      | birth-wrong-claim |

  @req-civil_certificates/automatic-extract
  Scenario Outline: <example> needs no officer
    Given ana has a draft from example "<example>"
    When ana calls getRequest for it
    Then "decision" is absent
    When ana calls submitRequest for it
    And the minutes of "automaticMinutes" pass
    And ana calls getRequest for it
    Then "/decision/outcome" is "approved"
    And "/decision/decidedBy" is "system"

    Examples:
      | example            |
      | birth-self         |
      | birth-multilingual |

  @req-civil_certificates/registrar-decides-rest
  Scenario Outline: <example> waits for a registrar
    Given ana has a draft from example "<example>"
    When ana calls submitRequest for it
    And a day passes
    And ana calls getRequest for it
    Then "status" is "submitted"
    And "decision" is absent
    When ana walks the case to "approved"
    Then "/decision/decidedBy" is "officer"

    Examples:
      | example         |
      | birth-full-copy |
      | birth-apostille |

  @req-civil_certificates/registrar-sees-queue
  Scenario: The queue of a registrar holds what everybody submitted
    Given bruno has a case from example "single-status" in "approved"
    And ana has a case from example "birth-full-copy" in "submitted"
    When eva calls listRequests
    Then the list has it
    And "items" contains {"certificateType": "single-status"}
    When eva calls listRequests with query "status=submitted"
    Then the list has it
    And "items" has 1 item
