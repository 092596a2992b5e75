@stage-1
Feature: In production nothing of the sandbox is left
  These scenarios only read what anybody may read: they run against the service that people use.

  @req-common/no-sandbox-in-production
  Scenario Outline: The sandbox has no address in production: <path>
    Given the service is in production
    When nobody sends "GET" to "/_sandbox/<path>" of the host
    Then the answer is 404
    When nobody calls getServiceDescription
    Then the answer is 200

    Examples:
      | path   |
      | clock  |
      | reset  |
      | tokens |
      | events |
      | faults |
      | peers  |
      | scans  |
