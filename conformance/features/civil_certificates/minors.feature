@stage-3 @case
Feature: The record of a minor is asked for by parents and guardians only

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-civil_certificates/minors-by-guardian
  Scenario: A parent asks as a parent, and as nothing else
    When ana calls createRequest with example "birth-child", where "/about/relationship" is "parent"
    Then the answer is 403 "not-entitled"
    When ana calls createRequest with example "birth-child"
    Then the answer is 201
    When bruno calls createRequest with example "birth-ward"
    Then the answer is 201

  @req-civil_certificates/minors-by-guardian
  Scenario: A legal interest does not open the record of a minor
    When ana calls createRequest with example "birth-legal-interest", where "/about/person/birthDate" is "2009-03-16"
    Then the answer is 403 "not-entitled"
    When ana calls createRequest with example "birth-legal-interest", where "/about/person/birthDate" is "2009-03-15"
    Then the answer is 201

  @req-civil_certificates/minor-not-by-itself
  Scenario: A minor does not ask for the own record
    When cora calls createRequest with example "birth-minor-self"
    Then the answer is 403 "not-entitled"
    When ana calls createRequest with example "birth-child"
    Then the answer is 201

  @req-civil_certificates/minor-also-without-birth-date @stage-4
  Scenario: Keeping the age back does not help
    When cora calls createRequest with example "birth-minor-self", without "/about/person/birthDate"
    Then the answer is 201
    When cora walks the case to "rejected"
    Then "/decision/grounds/0/code" is "no-record"
    When ana calls createRequest with example "birth-child", without "/about/person/birthDate"
    And ana walks the case to "completed"
    Then "outputs" has 1 item
