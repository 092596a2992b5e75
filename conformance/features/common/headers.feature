@stage-1
Feature: Every answer says who it is
  Answers can be traced, and nothing between the service and the person keeps or shows them.

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/correlation-id @production
  Scenario: The correlation id of the caller comes back, with success and with refusal
    When nobody calls getServiceDescription with header "Correlation-Id" as "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e90"
    Then the answer is 200
    And header "Correlation-Id" is "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e90"
    When nobody calls getServiceDescription with query "istmoUnknown=1", with header "Correlation-Id" as "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e91"
    Then header "Correlation-Id" is "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e91"

  @req-common/correlation-id @production
  Scenario: A caller without a correlation id is given one, each time another
    When nobody calls getServiceDescription without header "Correlation-Id" 2 times
    Then each answer is 200
    And each header "Correlation-Id" matches "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    And each header "Correlation-Id" differs

  @req-common/correlation-id @production
  Scenario: What is no correlation id does not come back
    When nobody calls getServiceDescription with header "Correlation-Id" as "istmo<script>"
    Then header "Correlation-Id" matches "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

  @req-common/api-version @production
  Scenario: Success and refusal name the version of the specification
    When nobody calls getOpenApi
    Then the answer is 200
    And its "/info/version" is remembered as "version"
    And header "API-Version" is the remembered "version"
    When nobody calls getServiceDescription with query "istmoUnknown=1"
    Then header "API-Version" is the remembered "version"
    When nobody sends "DELETE" to "/stages"
    Then header "API-Version" is the remembered "version"

  @req-common/security-headers @production
  Scenario: Browsers and caches are kept out of success and refusal
    When nobody calls getServiceDescription
    Then the answer is 200
    And header "X-Content-Type-Options" is "nosniff"
    And header "Cache-Control" matches ".*no-store.*"
    When nobody calls getServiceDescription with query "istmoUnknown=1"
    Then header "Cache-Control" matches ".*no-store.*"
    And header "Content-Security-Policy" matches ".*frame-ancestors 'none'.*"
