@stage-4 @case
Feature: A marriage certificate needs a marriage of two

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/marriage-needs-both-spouses
  Scenario: An entry with one spouse certifies nothing
    When ana calls createRequest with example "marriage-incomplete"
    Then the answer is 201
    When ana walks the case to "rejected"
    Then "/decision/grounds/0/code" is "no-record"
    When ana calls createRequest with example "marriage-self"
    And ana walks the case to "completed"
    Then "outputs" has 1 item

  @req-civil_certificates/marriage-without-record
  Scenario: Who never married gets no marriage certificate
    When bruno calls createRequest with example "marriage-none"
    Then the answer is 201
    When bruno walks the case to "rejected"
    Then "/decision/grounds/0/code" is "no-record"
    When ana calls createRequest with example "marriage-self"
    And ana walks the case to "completed"
    Then "outputs" has 1 item
