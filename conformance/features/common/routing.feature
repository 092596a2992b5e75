@stage-1
Feature: Addresses, verbs and media types mean one thing

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/unknown-path
  Scenario Outline: An address that the specification does not know: <what>
    When nobody sends "GET" to "<path>"
    Then the answer is 404
    When nobody sends "GET" to "/stages"
    Then the answer is 200

    Examples:
      | what              | path                 |
      | none like it      | /istmo-no-such-thing |
      | one slash more    | /stages/             |
      | a capital letter  | /Stages              |
      | one part too many | /stages/1            |

  @stage-3 @case @req-common/unknown-path
  Scenario: An identifier that is no identifier
    Given ana has a draft
    When ana calls the case's read for "not-a-uuid" as its identifier
    Then the answer is 404
    When ana calls the case's read for it
    Then the answer is 200

  @req-common/wrong-method
  Scenario: A verb that the address does not know
    When someone entitled calls each operation by a method that it lacks
    Then each answer is 405
    And each header "Allow" is present
    When nobody sends "GET" to "/stages"
    Then the answer is 200

  @req-common/wrong-method
  Scenario: Not one verb is taken that the address does not know
    When someone entitled calls each operation by each method that it lacks
    Then each answer is 405
    And each header "Allow" is present
    When nobody sends "GET" to "/stages"
    Then the answer is 200

  @req-common/wrong-method
  Scenario: The verbs of an address that can only be read
    When nobody sends "DELETE" to "/stages"
    Then the answer is 405
    And header "Allow" matches "(?=.*GET)(?!.*(POST|PUT|PATCH|DELETE|TRACE)).*"
    When nobody sends "GET" to "/stages"
    Then the answer is 200

  @stage-3 @case @req-common/wrong-method
  Scenario: The verbs of an address where cases are listed and made
    When ana calls the case's list by a method that it lacks
    Then the answer is 405
    And header "Allow" matches "(?=.*GET)(?=.*POST)(?!.*DELETE).*"
    When ana calls the case's list
    Then the answer is 200

  @req-common/impossible-accept
  Scenario: What anybody may read cannot be given in every form either
    When nobody calls each public reading operation with header "Accept" as "application/vnd.istmo.impossible"
    Then each answer is 406
    When nobody calls getServiceDescription
    Then the answer is 200

  @req-common/impossible-accept
  Scenario Outline: An answer that cannot be given: <what>
    When someone entitled calls each operation that declares 406 with header "Accept" as "<accept>"
    Then each answer is 406
    When nobody calls getServiceDescription with header "Accept" as "application/*;q=0.5, text/html"
    Then the answer is 200

    Examples:
      | what             | accept                                    |
      | no type of ours  | application/vnd.istmo.impossible          |
      | ours are refused | */*;q=0, application/vnd.istmo.impossible |

  @stage-2 @req-common/wrong-media-type
  Scenario Outline: A body of another media type: <media>
    When someone entitled calls each operation that declares 415 with the media type "<media>"
    Then each answer is 415
    When nobody calls createFeeQuote where "/lines/0/code" is a fee of this country
    Then the answer is 200

    Examples:
      | media                             |
      | text/plain                        |
      | application/xml                   |
      | application/x-www-form-urlencoded |

  @stage-3 @req-common/wrong-media-type
  Scenario: A case and a file in the media type of the other
    When ana calls uploadDocument with the media type "application/json"
    Then the answer is 415
    When ana calls uploadDocument with a file "letter.pdf" of 900 bytes
    Then the answer is 201
