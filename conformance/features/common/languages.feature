@stage-1
Feature: Everybody is answered in a language that they read

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/language-of-answers
  Scenario: What is said comes in Spanish and in English
    When nobody calls getServiceDescription with header "Accept-Language" as "es"
    Then header "Content-Language" is "es"
    And its "description" is remembered as "in Spanish"
    When nobody calls getServiceDescription with header "Accept-Language" as "en"
    Then the answer is 200
    And header "Content-Language" is "en"
    And "description" is not the remembered "in Spanish"

  @req-common/language-of-answers
  Scenario: The contract is worded in the language of who asks
    When nobody calls getOpenApi with header "Accept-Language" as "es"
    Then header "Content-Language" is "es"
    And its "/paths/~1/get/description" is remembered as "in Spanish"
    When nobody calls getOpenApi with header "Accept-Language" as "en"
    Then the answer is 200
    And "/paths/~1/get/description" is not the remembered "in Spanish"

  @req-common/language-of-answers
  Scenario: A refusal is worded in the language of who asked
    Given nobody is refused getServiceDescription with query "istmoUnknown=1", with header "Accept-Language" as "es"
    Then header "Content-Language" is "es"
    And its "title" is remembered as "in Spanish"
    Given nobody is refused getServiceDescription with query "istmoUnknown=1", with header "Accept-Language" as "en"
    Then header "Content-Language" is "en"
    And "title" is not the remembered "in Spanish"

  @req-common/language-of-answers
  Scenario Outline: Of "<wishes>" the wish that weighs most is met
    When nobody calls getServiceDescription with header "Accept-Language" as "<wishes>"
    Then the answer is 200
    And header "Content-Language" is "<language>"

    Examples:
      | wishes                     | language |
      | en-GB                      | en       |
      | es-HN, en;q=0.5            | es       |
      | es;q=0.3, en;q=0.9         | en       |
      | tlh, en;q=0.2, es;q=0.7    | es       |

  @req-common/language-of-answers
  Scenario Outline: Whatever anybody may read says that it is in "<language>"
    When nobody calls each public reading operation with header "Accept-Language" as "<language>"
    Then each header "Content-Language" is "<language>"
    When nobody calls getServiceDescription with header "Accept-Language" as "<language>"
    Then the answer is 200

    Examples:
      | language |
      | es       |
      | en       |

  @req-common/language-fallback
  Scenario Outline: A wish for "<wishes>" alone is answered in the language of the country
    When nobody calls getServiceDescription with header "Accept-Language" as "<wishes>"
    Then the answer is 200
    And each answer is in the language of the country
    Given nobody is refused getServiceDescription with query "istmoUnknown=1", with header "Accept-Language" as "<wishes>"
    Then each answer is in the language of the country

    Examples:
      | wishes           |
      | tlh              |
      | de-AT, vo;q=0.5  |
      | no language;;q=z |

  @req-common/language-of-answers
  Scenario: What is listed is named in the language of who asks
    Given this country has "fees"
    And nobody calls listFees with header "Accept-Language" as "es"
    And its "/items/0/title" is remembered as "in Spanish"
    When nobody calls listFees with header "Accept-Language" as "en"
    Then header "Content-Language" is "en"
    And "/items/0/title" is not the remembered "in Spanish"

  @stage-2 @req-common/language-of-answers
  Scenario: Forms too are listed in the language of who asks
    Given nobody calls listForms with header "Accept-Language" as "es"
    And its "/items/0/title" is remembered as "in Spanish"
    When nobody calls listForms with header "Accept-Language" as "en"
    Then the answer is 200
    And "/items/0/title" is not the remembered "in Spanish"
