{% set it = facts(cookiecutter) -%}
"""The rules, with values on both sides of their border."""

from __future__ import annotations

from istmo_services.{{ it.slug }} import rules


def test_a_kind_that_is_published_can_be_asked_for() -> None:
    assert rules.offered({"kind": "urgent"}, ["standard", "urgent"]) is None


def test_a_kind_that_is_not_published_is_refused_by_its_rule() -> None:
    for kinds in ([], ["standard"]):
        refusal = rules.offered({"kind": "urgent"}, kinds)

        assert refusal is not None
        assert (refusal.code, refusal.rule) == ("rule-violated", "{{ it.slug }}/kind-as-published")


def test_the_type_of_a_case_is_its_kind_or_not_stated() -> None:
    assert rules.typed({"kind": "urgent"}) is None
    assert rules.typed({"kind": "urgent", "type": "urgent"}) is None
    refusal = rules.typed({"kind": "urgent", "type": "standard"})

    assert refusal is not None
    assert refusal.code == "validation-failed"


def test_each_fee_is_charged_once_and_nothing_where_there_is_none() -> None:
    assert rules.charges([{"code": "A"}, {"code": "B"}]) == [{"code": "A", "quantity": 1}, {"code": "B", "quantity": 1}]
    assert rules.charges([]) == []
