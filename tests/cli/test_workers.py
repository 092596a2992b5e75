"""Two workers behind one socket are one service: one effect a key, one clock, one count of failures, no orphan."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.crew import LONG, SLUG, VERIFICATIONS, Answer, Crew, crew, gone
from tests.databases import ENGINES, database

KEYS = [f"workers-key-{number:03}" for number in range(20)]
TWINS = 8


@pytest.fixture(params=ENGINES)
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crew]:
    with database(request.param, tmp_path) as url, crew(tmp_path, url) as found:
        yield found


def test_twenty_keys_sent_eight_times_at_once_have_twenty_effects(two: Crew) -> None:
    two.token()

    def submit(key: str) -> Answer:
        answer = two.submit(key)
        return two.settled(key) if answer.status == 503 and answer.headers["retry-after"] else answer

    with ThreadPoolExecutor(TWINS * 2) as pool:
        answers = list(pool.map(submit, KEYS * TWINS))

    assert {answer.status for answer in answers} <= {201, 409}
    assert {answer.body["code"] for answer in answers if answer.status == 409} <= {"idempotency-in-progress"}
    made = {answer.body["id"] for answer in answers if answer.status == 201}
    assert len(made) == len(KEYS)
    assert {two.settled(key).body["id"] for key in KEYS} == made


def test_the_clock_that_one_call_sets_is_everybodys(two: Crew) -> None:
    assert two.ask("PUT", "/_sandbox/clock", {"now": "2031-05-05T12:00:00Z"}).status == 200

    with ThreadPoolExecutor(4) as pool:
        shown = list(pool.map(lambda _: two.ask("GET", "/_sandbox/clock").body["now"], range(20)))

    assert [now for now in shown if not now.startswith("2031-05-05T12:0")] == []


def test_failures_count_over_both_workers(two: Crew) -> None:
    wrong = {"verificationCode": "A" * 22}
    answers = [two.ask("POST", VERIFICATIONS, wrong) for _ in range(11)]

    assert [answer.status for answer in answers] == [404] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) <= 3601
    with ThreadPoolExecutor(4) as pool:
        later = pool.map(lambda _: two.ask("POST", VERIFICATIONS, wrong).status, range(20))
    assert set(later) == {429}


def test_a_killed_worker_is_replaced_and_nothing_acknowledged_is_lost(two: Crew) -> None:
    before = two.workers()
    assert len(before) == 2
    told = {key: two.settled(key).body["id"] for key in KEYS[:10]}
    with ThreadPoolExecutor(4) as pool:
        under_way = pool.map(two.settled, KEYS[10:])
        os.kill(min(before), signal.SIGKILL)
        told |= {key: answer.body["id"] for key, answer in zip(KEYS[10:], under_way, strict=True)}

    assert len(two.replaced(before, 10)) == 1
    assert {key: two.settled(key).body["id"] for key in KEYS} == told
    assert len(set(told.values())) == len(KEYS)


def test_a_signal_to_the_parent_ends_all_in_peace(two: Crew) -> None:
    born = two.workers()
    two.process.send_signal(signal.SIGTERM)

    assert two.process.wait(timeout=LONG) == 0
    assert gone(born)


def test_workers_do_not_outlive_a_parent_that_is_killed(two: Crew) -> None:
    born = two.workers()
    two.process.kill()

    assert gone(born, 10), "orphans would keep the port and answer for a service that nobody can stop"


def test_a_signal_to_all_at_once_ends_all_in_peace(two: Crew) -> None:
    born = two.workers()
    os.killpg(two.process.pid, signal.SIGINT)  # as the keyboard does

    assert two.process.wait(timeout=LONG) == 0
    assert gone(born)


@pytest.mark.parametrize("place", ["postgresql://istmo@127.0.0.1:1/istmo", "sqlite:////proc/istmo.db"])
def test_workers_that_cannot_start_are_told_once_with_a_hint(place: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "istmo", "serve", SLUG, "--workers", "2", "--port", "0", "--lang", "en"]
    done = subprocess.run(
        [*command, "--database", place], cwd=tmp_path, capture_output=True, text=True, timeout=LONG, check=False
    )

    assert done.returncode == 2
    assert done.stderr.count("istmo: error database: ") == 1
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr
    assert workers_of(tmp_path) == set()


def workers_of(folder: Path) -> set[int]:
    """The processes that run in a folder: nobody else does."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if path.readlink() == folder:
                found.add(int(path.parent.name))
        except OSError:  # it ended, or it is another user's
            continue
    return found


@pytest.mark.parametrize("pause", [0.0, 0.3, 0.6, 0.9])
def test_a_signal_while_the_workers_start_leaves_none(pause: float, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "istmo", "serve", SLUG, "--workers", "4", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--database", f"sqlite:///{tmp_path}/a.db"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            process.wait(timeout=1.0 + pause)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=LONG) in {0, -signal.SIGTERM}
    assert gone(workers_of(tmp_path), 10)
