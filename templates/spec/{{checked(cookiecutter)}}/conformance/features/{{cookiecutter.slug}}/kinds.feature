{% set it = facts(cookiecutter) -%}
@stage-1 @case
Feature: Everybody can see what is offered, and only what is offered can be asked for

  Background:
    Given the sandbox starts afresh at 09:00 on 2027-03-15

  @req-{{ it.slug }}/kinds-published
  Scenario: What is offered can be read without a login
    When nobody calls listKinds
    Then the answer is 200
    And the answer has "/items/0/code", "/items/0/title" and "/items/0/fee"
    And the answer has "/items/-1/code", "/items/-1/title" and "/items/-1/fee"
    When nobody calls listKinds with query "limit=1"
    Then "items" has 1 item

  @req-{{ it.slug }}/kinds-published @stage-2
  Scenario: The price that is published is the price
    Given this country has "fees"
    And nobody calls listKinds
    And its "/items/0/fee/amount" is remembered as "price"
    When nobody calls createFeeQuote with the body "{'lines': [{'code': '{{ it.answers.code }}-FEE', 'quantity': 1}]}"
    Then "total" is the remembered "price"

  @req-{{ it.slug }}/kind-as-published @stage-3
  Scenario: Each kind that is offered can be asked for
    Given nobody calls listKinds
    And its "/items/-1/code" is remembered as "last"
    When ana calls create{{ it.pascal }} where "/kind" is the remembered "last"
    Then the answer is 201
    And "kind" is the remembered "last"

  @req-{{ it.slug }}/kind-as-published @stage-3
  Scenario: A kind that is not offered is refused
    When ana calls create{{ it.pascal }} where "/kind" is "never-published"
    Then the answer is 422 "rule-violated"
    And "ruleId" is "{{ it.slug }}/kind-as-published"
    When ana calls create{{ it.pascal }}
    Then the answer is 201
    When ana calls replace{{ it.pascal }} for it, where "/kind" is "never-published"
    Then the answer is 422 "rule-violated"
    And it has not changed
