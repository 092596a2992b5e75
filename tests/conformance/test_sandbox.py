"""Whether somebody else uses a sandbox is seen by its clock, and by nothing that a lone service does."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from istmo.errors import Finding
from istmo_conformance.client import Answer, Gone, Request
from istmo_conformance.sandbox import Sandbox, stamp

SET = datetime(2027, 5, 1, 12, 0, tzinfo=UTC)
Look = Callable[[int], str]


class Clock:
    """A client of a sandbox whose clock shows what a test says at each look."""

    origin = "http://clock.example"

    def __init__(self, look: Look) -> None:
        self.look, self.looks, self.orders = look, 0, list[str | None]()

    def send(self, request: Request) -> Answer:
        if request.method == "PUT":
            self.orders.append(json.loads(request.body)["now"])
            return Answer(200, (), b"{}", 0.0, request)
        self.looks += 1
        return Answer(200, (), self.look(self.looks).encode(), 0.0, request)

    def send_many(self, requests: Sequence[Request]) -> list[Answer]:
        return [self.send(one) for one in requests]

    def close(self) -> None:
        """Nothing is open."""


def now(moment: datetime) -> str:
    return json.dumps({"now": stamp(moment)})


def real(_: int) -> str:
    return now(datetime.now(UTC))


def raising(_: int) -> str:
    raise Gone("target-down", "it is gone", "")


LONE: dict[str, Look] = {
    "stands": lambda _: now(SET),
    "goes-on": lambda look: now(SET + timedelta(seconds=look)),
    "goes-on-over-slow-calls": lambda look: now(SET + timedelta(seconds=10 * look)),
    "takes-nothing": real,
    "says-nothing": lambda _: "{}",
    "says-no-json": lambda _: "<html>",
    "is-no-object": lambda _: "[]",
    "says-no-moment": lambda _: '{"now": "noon"}',
    "is-gone": raising,
}


@pytest.mark.parametrize("look", LONE.values(), ids=LONE)
def test_a_lone_service_is_never_taken_for_a_shared_one(look: Look) -> None:
    clock = Clock(look)

    assert not Sandbox(clock).is_shared(SET, lambda _: None)
    assert clock.orders[0] == stamp(SET)
    assert clock.orders[1:] == [None] or look is raising


@pytest.mark.parametrize("other", [real, lambda _: now(SET + timedelta(hours=1)), lambda _: "{}"])
def test_a_clock_that_somebody_moves_is_shared(other: Look) -> None:
    clock = Clock(lambda look: now(SET) if look < 5 else other(look))

    assert Sandbox(clock).is_shared(SET, lambda _: None)
    assert clock.orders == [stamp(SET), None]


def test_the_clock_is_watched_for_longer_than_another_run_leaves_it_alone() -> None:
    waited: list[float] = []

    assert not Sandbox(Clock(lambda _: now(SET))).is_shared(SET, waited.append)
    assert sum(waited) >= 0.5


def test_a_sandbox_without_a_clock_is_not_taken_for_a_shared_one() -> None:
    class Hanging(Clock):
        def send(self, request: Request) -> Answer:
            if request.method == "PUT":
                raise Finding("it hangs")
            return super().send(request)

    clock = Hanging(real)
    assert not Sandbox(clock).is_shared(SET, lambda _: None)
    assert clock.looks == 0
