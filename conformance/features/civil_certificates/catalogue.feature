@stage-1 @case
Feature: Everybody can see what is offered, and only what is offered can be asked for

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/certificate-types-published
  Scenario: The catalogue can be read without a login
    When nobody calls listCertificateTypes
    Then the answer is 200
    And "items" contains {"code": "birth"}
    And the answer has "/items/0/formats", "/items/0/relationships", "/items/0/validityMonths" and "/items/0/fee"
    And the answer has "/items/-1/formats", "/items/-1/relationships", "/items/-1/validityMonths" and "/items/-1/fee"
    When nobody calls listCertificateTypes with query "limit=1"
    Then "items" has 1 item

  @req-civil_certificates/certificate-types-published @stage-2
  Scenario: The price in the catalogue is the price
    Given this country has "fees"
    And nobody calls listCertificateTypes
    And its "/items/0/fee/amount" is remembered as "price"
    When nobody calls createFeeQuote with the body "{'lines': [{'code': 'CIV-CERT', 'quantity': 1}]}"
    Then "total" is the remembered "price"

  @req-civil_certificates/formats-as-published @stage-3
  Scenario: A format that the type does not offer is refused
    Given this country has no "full-copy" in "/certificateTypes/single-status/formats"
    When bruno calls createRequest with example "single-status", where "/format" is "full-copy"
    Then the answer is 422 "rule-violated"
    And "ruleId" is "civil_certificates/formats-as-published"
    When bruno calls createRequest with example "single-status"
    Then the answer is 201
    And "format" is "extract"

  @req-civil_certificates/apostille-only-where-offered @stage-3
  Scenario: An apostille on a digital certificate is refused where it is not offered
    Given this country has no "apostilleForDigital"
    And this country has "apostilleForPaper"
    When ana calls createRequest with example "birth-apostille", where "/delivery" is "digital"
    Then the answer is 422 "rule-violated"
    And "ruleId" is "civil_certificates/apostille-only-where-offered"
    When ana calls createRequest with example "birth-apostille"
    Then the answer is 201
    And "apostille" is true

  @req-common/language-of-answers
  Scenario: The catalogue names the types in the language of who asks
    Given nobody calls listCertificateTypes with header "Accept-Language" as "es"
    And its "/items/0/title" is remembered as "in Spanish"
    When nobody calls listCertificateTypes with header "Accept-Language" as "en"
    Then the answer is 200
    And "/items/0/title" is not the remembered "in Spanish"

  @req-common/money-currency @stage-3
  Scenario: An amount in the currency of the country is taken wherever it stands
    Given this country has "fees"
    And nobody calls listCertificateTypes
    And its "/items/0/fee/amount" is remembered as "price"
    When ana calls createRequest with example "birth-legal-interest", where "/evidence/0/data/share" is the remembered "price"
    Then the answer is 201
    And "/evidence/0/data/share" is the remembered "price"
