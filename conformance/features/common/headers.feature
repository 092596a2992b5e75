@stage-3 @case
Feature: Every answer says who it is
  Answers can be traced, and nothing between the service and the person keeps or shows them.

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15
    And ana has a draft

  @req-common/correlation-id
  Scenario: The correlation id of the caller comes back, with success and with refusal
    When ana calls the case's read for it with header "Correlation-Id" as "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e90"
    Then the answer is 200
    And header "Correlation-Id" is "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e90"
    When ana calls the case's read for an unknown one with header "Correlation-Id" as "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e91"
    Then the answer is 404 "not-found"
    And header "Correlation-Id" is "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e91"
    And "correlationId" is "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e91"

  @req-common/correlation-id
  Scenario: A caller without a correlation id is given one
    When ana calls the case's read for it without header "Correlation-Id"
    Then the answer is 200
    And header "Correlation-Id" matches "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

  @req-common/api-version
  Scenario: Success and refusal name the version of the specification
    When ana calls the case's read for it
    Then the answer is 200
    And header "API-Version" matches "[0-9]+\.[0-9]+\.[0-9]+"
    When nobody calls the case's read for it
    Then the answer is 401 "unauthenticated"
    And header "API-Version" matches "[0-9]+\.[0-9]+\.[0-9]+"

  @req-common/security-headers
  Scenario: Browsers and caches are kept out of success and refusal
    When ana calls the case's read for it
    Then the answer is 200
    And header "X-Content-Type-Options" is "nosniff"
    And header "Cache-Control" matches ".*no-store.*"
    When bruno calls the case's read for it
    Then the answer is 404 "not-found"
    And header "Cache-Control" matches ".*no-store.*"
    And header "Content-Security-Policy" matches ".*frame-ancestors 'none'.*"
