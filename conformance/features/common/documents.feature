@stage-3
Feature: A file is taken whole, checked, and only then used

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/document-media-type
  Scenario Outline: The file <name> is of a kind that is not taken
    When ana calls uploadDocument with a file "<name>" of 500 bytes
    Then the answer is 415 "unsupported-media-type"
    When ana calls uploadDocument with a file "sample.png" of 500 bytes
    Then the answer is 201
    And "mediaType" is "image/png"

    Examples:
      | name        |
      | program.exe |
      | notes.txt   |

  @req-common/document-media-type
  Scenario Outline: A file that only calls itself <media> is not of that kind
    When ana calls uploadDocument with a file "notes.txt" of 500 bytes, with the media type "<media>"
    Then the answer is 415 "unsupported-media-type"
    When ana calls uploadDocument with a file "<name>" of 500 bytes
    Then the answer is 201
    And "mediaType" is "<media>"

    Examples:
      | media           | name       |
      | application/pdf | sample.pdf |
      | image/jpeg      | sample.jpg |

  @req-common/document-too-large
  Scenario: A file of ten mebibytes is taken, with one byte more it is not
    When ana calls uploadDocument with a file "scan.pdf" of 10485761 bytes
    Then the answer is 413 "payload-too-large"
    When ana calls uploadDocument with a file "scan.pdf" of 10485760 bytes
    Then the answer is 201
    And "size" is 10485760

  @req-common/document-digest-mismatch
  Scenario: A file that is not the one that was announced is refused
    Given ana calls uploadDocument with a file "card.pdf" of 700 bytes
    And its "sha256" is remembered as "digest"
    When ana calls uploadDocument with a file "card.pdf" of 701 bytes, where "/sha256" is the remembered "digest"
    Then the answer is 422 "validation-failed"
    And the problem names "/sha256"
    When ana calls uploadDocument with a file "card.pdf" of 700 bytes, where "/sha256" is the remembered "digest"
    Then the answer is 201
    And "sha256" is the remembered "digest"

  @case @req-common/unclean-document-refused
  Scenario Outline: A file whose scan is <outcome> cannot be attached
    Given ana calls uploadDocument with a file "card.pdf" of 700 bytes
    And its scan ends as "<outcome>"
    When ana calls the case's create where "/documents/0" is its id
    Then the answer is 409
    When its scan ends as "clean"
    And ana calls the case's create where "/documents/0" is its id
    Then the answer is 201

    Examples:
      | outcome  |
      | pending  |
      | rejected |

  @case @req-common/unclean-document-refused
  Scenario: A file that turns out bad is not attached by a change of the draft either
    Given ana calls uploadDocument with a file "card.pdf" of 700 bytes
    And its "id" is remembered as "file"
    And its scan ends as "rejected"
    And ana has a draft
    When ana calls the case's replace for it where "/documents/0" is the remembered "file"
    Then the answer is 409
    And it has not changed
