"""Quotes that repeat each other: before, at the same moment, or not at all."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from istmo.errors import Finding, KitError
from istmo.spec import spec
from istmo_conformance.client import Answer, Request
from istmo_conformance.exchanges import Exchange
from istmo_conformance.steps.fees import quotes_repeat

SPEC = spec("civil_certificates")


def quoted(code: str, total: str) -> Exchange:
    question, document = {"lines": [{"code": code}]}, {"lines": [], "total": total}
    request = Request("POST", "/fee-quotes", body=json.dumps(question).encode())
    answer = Answer(200, (("content-type", "application/json"),), json.dumps(document).encode(), 0.0, request)
    return Exchange("nobody", SPEC.operations["createFeeQuote"], answer)


def judge(before: list[Exchange], now: list[Exchange]) -> None:
    world: Any = SimpleNamespace(spec=SPEC, history=[*before, *now], group=now)
    quotes_repeat(world)


def test_the_same_question_has_one_answer_whenever_it_is_asked() -> None:
    judge([quoted("A", "1"), quoted("B", "2")], [quoted("A", "1"), quoted("B", "2")])
    judge([], [quoted("A", "1"), quoted("A", "1")])
    judge([quoted("A", "1")], [quoted("B", "2")])  # the list of fees has changed: a matter of other requirements


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([quoted("A", "1")], [quoted("A", "2")]),
        ([], [quoted("A", "1"), quoted("A", "2")]),
        ([], [quoted("A", "1"), quoted("B", "1"), quoted("A", "1"), quoted("B", "2")]),
    ],
    ids=["later", "at-once", "one-of-several"],
)
def test_another_answer_to_the_same_question_is_held_against_the_service(
    before: list[Exchange], now: list[Exchange]
) -> None:
    with pytest.raises(Finding):
        judge(before, now)


def test_a_scenario_that_asks_once_compares_nothing() -> None:
    with pytest.raises(KitError) as caught:
        judge([], [quoted("A", "1"), quoted("B", "2")])
    assert caught.value.code == "nothing-before"
