"""A run comes again when a service asks it to, as often and as long as is bearable, and no longer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from istmo_conformance.client import Answer, Request
from istmo_conformance.patience import BUDGET, LONGEST, TRIES, Patient
from tests.right_services.liberties import LIBERTIES
from tests.wrong_services import _judge

CALL = Request("GET", "/fees")


class Busy:
    """A client whose answers are given."""

    origin = "http://busy.test"

    def __init__(self, answers: Iterator[tuple[int, str]]) -> None:
        self.answers, self.calls, self.closed = answers, 0, False

    def send(self, request: Request) -> Answer:
        status, after = next(self.answers)
        self.calls += 1
        return Answer(status, (("retry-after", after),) if after else (), b"", 0.0, request)

    def send_many(self, requests: Sequence[Request]) -> list[Answer]:
        return [self.send(one) for one in requests]

    def close(self) -> None:
        self.closed = True


def patient(*answers: tuple[int, str], limited: bool = False) -> tuple[Patient, Busy, list[float]]:
    """A patient client, the busy one behind it, and what was waited."""
    waited: list[float] = []
    busy = Busy(iter(answers))
    return Patient(busy, lambda _: limited, waited.append), busy, waited


def test_it_comes_again_after_as_many_seconds_as_it_was_told() -> None:
    client, busy, waited = patient((429, "3"), (429, "2"), (200, ""))

    assert client.send(CALL).status == 200
    assert (busy.calls, waited) == (3, [3, 2])


def test_of_calls_at_the_same_time_those_come_again_that_were_not_heard() -> None:
    client, busy, waited = patient((200, ""), (429, "1"), (412, ""), (200, ""))

    assert [one.status for one in client.send_many([CALL] * 3)] == [200, 200, 412]
    assert (busy.calls, waited) == (4, [1])


@pytest.mark.parametrize("after", ["", "soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", str(LONGEST + 1), "99999"])
def test_what_says_no_bearable_time_is_the_answer(after: str) -> None:
    client, busy, waited = patient((429, after))

    assert client.send(CALL).status == 429
    assert (busy.calls, waited) == (1, [])


def test_a_limit_of_the_contract_is_not_waited_for() -> None:
    client, _, waited = patient((429, "1"), limited=True)

    assert (client.send(CALL).status, waited) == (429, [])


def test_nothing_but_429_is_waited_for() -> None:
    client, _, waited = patient((503, "1"))

    assert (client.send(CALL).status, waited) == (503, [])


def test_who_never_hears_is_not_asked_for_ever() -> None:
    client, busy, waited = patient(*[(429, "1")] * (TRIES + 2))

    assert [client.send(CALL).status for _ in range(2)] == [429, 429]
    assert (busy.calls, len(waited)) == (TRIES + 2, TRIES)


def test_a_run_waits_no_longer_than_it_can_bear() -> None:
    often = BUDGET // LONGEST
    client, _, waited = patient(*[(429, str(LONGEST)), (200, "")] * often, (429, "1"))

    assert [client.send(CALL).status for _ in range(often + 1)] == [200] * often + [429]
    assert sum(waited) == BUDGET


def test_it_closes_what_is_behind_it() -> None:
    client, busy, _ = patient()

    client.close()

    assert busy.closed


def test_a_run_that_came_again_comes_out_again(tmp_path: Path) -> None:
    output, said = tmp_path / "reports", tmp_path / "said.txt"
    words = [
        "--app",
        f"tests.right_services.apps:{LIBERTIES['asks_for_patience'].name}",
        "--service",
        "civil_certificates",
    ]
    nursery = _judge.Nursery()

    nursery.ask(arguments=["check", *words, "--output", str(output), "--select", "common/paging"], said=str(said))
    nursery.ask(arguments=["report", "verify", str(output / "bundle.istmo.zip")], said=str(said))

    told = said.read_text(encoding="utf-8")
    assert '"status":429' in (output / "evidence.jsonl").read_text(encoding="utf-8")
    assert "recomputed  yes" in told, told
    nursery.close()
