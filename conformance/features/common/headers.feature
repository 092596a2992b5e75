@stage-1
Feature: Every answer says who it is
  Answers can be traced, and nothing between the service and the person keeps or shows them.

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-common/correlation-id
  Scenario: The correlation id of the caller comes back, with success and with refusal
    When nobody calls getServiceDescription with header "Correlation-Id" as "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e90"
    Then the answer is 200
    And header "Correlation-Id" is "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e90"
    When nobody calls getServiceDescription with query "istmoUnknown=1", with header "Correlation-Id" as "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e91"
    Then header "Correlation-Id" is "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e91"

  @req-common/correlation-id
  Scenario: A caller without a correlation id is given one, each time another
    When nobody calls getServiceDescription without header "Correlation-Id" 2 times
    Then each answer is 200
    And each header "Correlation-Id" matches "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    And each header "Correlation-Id" differs

  @req-common/correlation-id
  Scenario: What is no correlation id does not come back
    When nobody calls getServiceDescription with header "Correlation-Id" as "istmo<script>"
    Then header "Correlation-Id" matches "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

  @req-common/api-version
  Scenario: Success and refusal name the version of the specification
    When nobody calls getOpenApi
    Then the answer is 200
    And its "/info/version" is remembered as "version"
    And header "API-Version" is the remembered "version"
    When nobody calls getServiceDescription with query "istmoUnknown=1"
    Then header "API-Version" is the remembered "version"
    When nobody sends "DELETE" to "/stages"
    Then header "API-Version" is the remembered "version"

  @req-common/security-headers
  Scenario: Browsers and caches are kept out of success and refusal
    When nobody calls getServiceDescription
    Then the answer is 200
    And header "X-Content-Type-Options" is "nosniff"
    And header "Cache-Control" matches ".*no-store.*"
    When nobody calls getServiceDescription with query "istmoUnknown=1"
    Then header "Cache-Control" matches ".*no-store.*"
    And header "Content-Security-Policy" matches ".*frame-ancestors 'none'.*"

  @req-common/trace-context
  Scenario Outline: A trace is followed or begun anew, and breaks nothing: <what>
    When nobody calls getServiceDescription with header "traceparent" as "<sent>"
    Then the answer is 200
    And header "traceparent" matches "(00-<trace>-[0-9a-f]{16}-[0-9a-f]{2})?"
    Given nobody is refused getServiceDescription with query "istmoUnknown=1", with header "traceparent" as "<sent>"
    Then header "traceparent" matches "(00-<trace>-[0-9a-f]{16}-[0-9a-f]{2})?"

    Examples:
      | what              | sent                                                    | trace                            |
      | well formed       | 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 | 4bf92f3577b34da6a3ce929d0e0e4736 |
      | nothing but zeros | 00-00000000000000000000000000000000-00f067aa0ba902b7-01 | (?!0{32})[0-9a-f]{32}            |
      | in capitals       | 00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01 | [0-9a-f]{32}                     |
      | no trace at all   | '; DROP TABLE traces --                                 | [0-9a-f]{32}                     |
