"""Walks nobody wrote down: whatever people, payments and the clock do, a case keeps its promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.istmo.runtime.desk import Desk
from tests.istmo.runtime.test_cases import BODIES

from istmo.runtime.cases import TERMINAL, TRANSITIONS, transition

START = datetime(2027, 3, 15, 15, tzinfo=UTC)
ACTIONS = [row.action for row in TRANSITIONS if row.served]
PEOPLE = ["ana", "bruno", "eva", "fito"]

STEPS = st.one_of(
    st.tuples(st.just("act"), st.sampled_from(PEOPLE), st.sampled_from(ACTIONS)),
    st.tuples(st.just("offered"), st.sampled_from(PEOPLE), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.integers(1, 40), st.just(0)),
    st.tuples(st.just("pay"), st.just(0), st.just(0)),
)


@pytest.fixture(scope="module")
def walked(engine: str) -> Iterator[Desk]:  # noqa: ARG001 - made anew for each engine
    found = Desk()
    found.room.lines = [{"code": "CIV-CERT", "quantity": 1}]
    yield found
    found.close()


class Walk:
    """One case, what is known of it, and a clock."""

    def __init__(self, desk: Desk) -> None:
        assert desk.call("POST", "/_sandbox/reset", json={}).status_code == 204
        self.desk, self.now = desk, START
        desk.clock(START.isoformat())
        self.case = desk.draft()
        self.history: list[Any] = []

    def seen(self, who: str) -> dict[str, Any]:
        answer = self.desk.get(who, self.case)
        return answer.json() if answer.status_code == 200 else {"status": "unseen", "availableActions": []}

    def act(self, who: str, action: str) -> None:
        before = self.seen(who)
        offered = {one["name"]: one.get("blockedBy") for one in before["availableActions"]}
        answer = self.desk.act(who, self.case, action, BODIES.get(action))
        if action in offered and not offered[action]:
            assert answer.status_code == 200, (who, action, answer.text)
            row = transition(action, before["status"])
            assert row is not None
            assert answer.json()["status"] == row.target
        elif action in offered:
            assert answer.json()["code"] == "hold-active"
        else:
            assert answer.status_code in {403, 404, 409, 410}, (who, action, answer.text)

    def offered(self, who: str, index: int) -> None:
        names = [one["name"] for one in self.seen(who)["availableActions"] if one["name"] != "replace"]
        if names:
            self.act(who, names[index % len(names)])

    def wait(self, days: int, _: int) -> None:
        self.now += timedelta(days=days)
        self.desk.clock(self.now.isoformat())

    def pay(self, *_: int) -> None:
        assert self.desk.pay(self.case).status_code == 202

    def check(self) -> None:
        answer = self.desk.get("ana", self.case)
        if answer.status_code == 410:
            assert self.desk.get("eva", self.case).status_code == 404
            return
        doc = answer.json()
        history = doc["statusHistory"]
        assert history[: len(self.history)] == self.history, "the history only grows"
        assert history[-1]["status"] == doc["status"]
        assert [one["at"] for one in history] == sorted(one["at"] for one in history)
        if self.history and self.history[-1]["status"] in TERMINAL:
            assert history == self.history, "what ended stays as it is"
        if doc["status"] in TERMINAL:
            assert doc["availableActions"] == []
        assert doc["status"] != "completed" or not doc["holds"], "nothing unpaid is completed"
        assert ("decision" in doc) == any(one["status"] in {"approved", "rejected"} for one in history)
        assert ("receipt" in doc) == any(one["status"] == "submitted" for one in history)
        for status in {"draft", doc["status"]}:
            items = self.desk.ask("ana", "GET", f"/requests?status={status}").json()["items"]
            assert [one["id"] for one in items] == ([doc["id"]] if status == doc["status"] else [])
        self.history = history


@given(steps=st.lists(STEPS, max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_case_keeps_its_promises_on_every_walk(walked: Desk, steps: list[tuple[str, Any, Any]]) -> None:
    walk = Walk(walked)
    walk.check()
    for name, one, two in steps:
        getattr(walk, name)(one, two)
        walk.check()
