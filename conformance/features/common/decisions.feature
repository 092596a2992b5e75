@stage-4 @case
Feature: A decision says all that was decided

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a case in "in_review"

  @req-common/conditions-shown
  Scenario: Who is granted something on conditions reads them
    When someone entitled calls the case's approve for it, where "/conditions" is ["Only for use abroad.", "Only this year."]
    Then "/decision/outcome" is "approved-with-conditions"
    And "/decision/conditions" is ["Only for use abroad.", "Only this year."]
    When ana calls the case's read for it
    Then "/decision/conditions" is ["Only for use abroad.", "Only this year."]

  @req-common/conditions-shown
  Scenario: Where there are no conditions, none are spoken of
    When someone entitled calls the case's approve for it
    Then "/decision/outcome" is "approved"
    And "/decision/conditions" is absent
