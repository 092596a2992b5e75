"""The machine of cases beside a plain dictionary: whatever is tried, in whatever order, both say the same.

The dictionary is written from the standard's words, not from the kernel's table. Hypothesis looks for a sequence of
calls, repeats, stale conditions and days after which the two differ, and shortens it.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.istmo.runtime.desk import Desk
from tests.istmo.runtime.test_cases import BODIES

START = datetime(2027, 3, 15, 15, tzinfo=UTC)
OWNER, OFFICER, SUPERVISOR = "ana", "eva", "fito"
ACTING = {OWNER: {OWNER}, OFFICER: {OFFICER, SUPERVISOR}, SUPERVISOR: {SUPERVISOR}}  # a supervisor is an officer too
STRANGER = "bruno"
MODEL = {
    ("draft", "submit"): (OWNER, "submitted"),
    ("draft", "discard"): (OWNER, "discarded"),
    ("submitted", "accept"): (OFFICER, "in_review"),
    ("submitted", "return"): (OFFICER, "awaiting_applicant"),
    ("submitted", "withdraw"): (OWNER, "withdrawn"),
    ("in_review", "request-information"): (OFFICER, "awaiting_applicant"),
    ("in_review", "withdraw"): (OWNER, "withdrawn"),
    ("in_review", "approve"): (OFFICER, "approved"),
    ("in_review", "reject"): (OFFICER, "rejected"),
    ("awaiting_applicant", "respond"): (OWNER, "in_review"),
    ("awaiting_applicant", "withdraw"): (OWNER, "withdrawn"),
    ("approved", "issue"): (OFFICER, "completed"),
    ("rejected", "appeal"): (OWNER, "under_appeal"),
    ("under_appeal", "uphold"): (SUPERVISOR, "rejected_final"),
    ("under_appeal", "overturn"): (SUPERVISOR, "approved"),
}
ACTIONS = sorted({action for _, action in MODEL})
ROLE = {action: who for (_, action), (who, _) in MODEL.items()}
REFUSALS = {403, 404, 409, 410}
APPEAL_DAYS = 5  # shorter than what any profile grants


class Machine(RuleBasedStateMachine):
    """One case of one person, and everybody who may touch it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    @initialize()
    def begin(self) -> None:
        assert self.desk.call("POST", "/_sandbox/reset", json={}).status_code == 204
        self.now = START
        self.desk.clock(START.isoformat())
        self.case = self.desk.draft(OWNER)
        self.history = ["draft"]
        self.tags = [self.tag()]
        self.told: list[tuple[str, str, str, httpx2.Response]] = []

    @property
    def status(self) -> str:
        return self.history[-1]

    def tag(self) -> str:
        return self.desk.get(OWNER, self.case).headers.get("etag", "")

    def move(self, status: str) -> None:
        self.history.append(status)
        self.tags.append(self.tag())

    @rule(who=st.sampled_from([OWNER, STRANGER, OFFICER, SUPERVISOR]), action=st.sampled_from(ACTIONS))
    def act(self, who: str, action: str) -> None:
        self._act(who, action)

    @rule(action=st.sampled_from(ACTIONS))
    def act_in_role(self, action: str) -> None:
        self._act(ROLE[action], action)

    def _act(self, who: str, action: str) -> None:
        key = str(uuid.uuid4())
        answer = self.desk.act(who, self.case, action, BODIES.get(action), headers={"Idempotency-Key": key})
        found = MODEL.get((self.status, action))
        if found is not None and who in ACTING[found[0]]:
            assert answer.status_code == 200, (self.history, who, action, answer.text)
            assert answer.json()["status"] == found[1]
            self.told.append((who, action, key, answer))
            self.move(found[1])
        else:
            assert answer.status_code in REFUSALS, (self.history, who, action, answer.text)

    @rule(which=st.integers(0, 30))
    def repeat(self, which: int) -> None:
        """A repeated call answers what it answered first, and moves nothing, however far the case has gone."""
        if self.told:
            who, action, key, first = self.told[which % len(self.told)]
            again = self.desk.act(who, self.case, action, BODIES.get(action), headers={"Idempotency-Key": key})
            assert (again.status_code, again.content) == (first.status_code, first.content)
            assert again.headers["idempotency-replayed"] == "true"

    @rule(which=st.integers(0, 30), action=st.sampled_from(ACTIONS))
    def come_late(self, which: int, action: str) -> None:
        """Who has seen an older version changes nothing."""
        older = [tag for tag in self.tags if tag and tag != self.tags[-1]]
        if older:
            condition = {"If-Match": older[which % len(older)]}
            answer = self.desk.act(ROLE[action], self.case, action, BODIES.get(action), headers=condition)
            assert answer.status_code in {412, *REFUSALS}, (self.history, action, answer.text)

    @rule(days=st.integers(1, 4))
    def wait(self, days: int) -> None:
        """Days pass, but never so many that anything runs out by itself."""
        if (self.now - START).days + days < APPEAL_DAYS:
            self.now += timedelta(days=days)
            self.desk.clock(self.now.isoformat())

    @invariant()
    def both_say_the_same(self) -> None:
        answer = self.desk.get(OWNER, self.case)
        if self.status == "discarded":
            assert answer.status_code == 410
            return
        document: dict[str, Any] = answer.json()
        assert document["status"] == self.status
        assert [entry["status"] for entry in document["statusHistory"]] == self.history
        assert answer.headers["etag"] == self.tags[-1]
        offered = {entry["name"] for entry in document["availableActions"]} - {"replace"}
        assert offered == {
            action for (status, action), (who, _) in MODEL.items() if (status, who) == (self.status, OWNER)
        }
        assert self.desk.get(STRANGER, self.case).status_code == 404


def test_the_machine_and_the_dictionary_never_differ(desk: Desk) -> None:
    class Here(Machine):
        def __init__(self) -> None:
            super().__init__(desk)

    thorough = settings(max_examples=30, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Here, settings=thorough)
