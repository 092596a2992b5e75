@stage-3 @case
Feature: A text comes back as it was written

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/text-round-trip
  Scenario Outline: <what> come back as they were written
    When someone entitled writes "<written>" where a text belongs
    Then it is taken as "<written>"

    Examples:
      | what                         | written                    |
      | Letters of Spanish           | Ñandú Güell áéíóú ¿y tú?   |
      | Apostrophes of a keyboard    | D'Aubuisson O'Neill        |
      | Apostrophes of a printer     | D’Aubuisson                |
      | The glottal stops of Maya    | Kʼan Bʼalam Chʼortiʼ Xꞌokꞌ |
      | Letters of Garifuna and Miskito | Garífuna Wánigi Âiklabanka |

  @req-common/text-round-trip
  Scenario: Letters in parts come back composed
    When someone entitled writes "N\u0303andu\u0301 Gu\u0308ell" where a text belongs
    Then it is taken as "\u00d1and\u00fa G\u00fcell"

  @req-common/control-characters-refused
  Scenario Outline: A text with <what> is refused
    When someone entitled writes "Ana<character>Ficticia" where a text belongs
    Then it is refused there
    When someone entitled writes "Ana Ficticia" where a text belongs
    Then it is taken as "Ana Ficticia"

    Examples:
      | what           | character |
      | the null       | \u0000    |
      | a bell         | \u0007    |
      | an escape      | \u001b    |
      | a deletion     | \u007f    |
      | a next line    | \u0085    |

  @req-common/invisible-characters-refused
  Scenario Outline: A text with <what> in it is refused
    When someone entitled writes "Ana<character>Ficticia" where a text belongs
    Then it is refused there
    When someone entitled writes "Ana Ficticia" where a text belongs
    Then it is taken as "Ana Ficticia"

    Examples:
      | what                       | character |
      | letters that run backwards | \u202e    |
      | a turn of direction        | \u2067    |
      | a blank of no width        | \u200b    |
      | a mark of byte order       | \ufeff    |
