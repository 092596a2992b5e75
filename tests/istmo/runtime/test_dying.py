"""A process that dies at the worst moments: before the commit nothing is there, after it everything is."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.istmo.runtime.host import ANA, BASE, Host

from istmo.runtime import failpoints
from istmo.runtime.store.chain import verify

KEY = "dying-key-1"


def in_child(work: Callable[[], None]) -> int:
    """Run something in a process of its own and return how it ended."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def counts(host: Host) -> tuple[int, ...]:
    tables = ("record", "journal", "outbox", "idempotency")
    return tuple(int(host.sql(f"SELECT count(*) FROM {table}")[0][0]) for table in tables)


def dying(database: str, point: str) -> Callable[[], None]:
    def work() -> None:
        host = Host(database=database)
        failpoints.arm(f"{point}=die")
        host.create({"text": "a"}, key=KEY)

    return work


@pytest.mark.parametrize("point", ["before-commit", "after-commit"])
def test_a_death_around_the_commit_is_all_or_nothing(database: str, point: str) -> None:
    committed = point == "after-commit"
    assert in_child(dying(database, point)) == -signal.SIGKILL
    host = Host(database=database)
    assert counts(host) == ((1, 1, 1, 1) if committed else (0, 0, 0, 0))
    again = host.create({"text": "a"}, key=KEY)
    assert again.status_code == 201
    assert ("idempotency-replayed" in again.headers) is committed
    assert counts(host) == (1, 1, 1, 1)
    host.close()


@pytest.mark.parametrize("point", ["before-commit", "after-commit"])
def test_a_commit_that_fails_is_never_told_as_done(point: str) -> None:
    host = Host()
    failpoints.arm(f"{point}=raise")
    refused = host.create({"text": "a"}, key=KEY)
    failpoints.arm("")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused.headers["retry-after"]) >= 1
    again = host.create({"text": "a"}, key=KEY)
    assert again.status_code == 201
    assert ("idempotency-replayed" in again.headers) is (point == "after-commit")
    assert counts(host) == (1, 1, 1, 1)
    host.close()


def test_killed_under_load_nothing_acknowledged_is_lost(engine: str, database: str, tmp_path: Path) -> None:
    acknowledged = tmp_path / "acknowledged"

    def load() -> None:
        host = Host(database=database)
        headers = host.auth()
        with acknowledged.open("a") as log:
            for batch in range(10_000):
                keys = [f"{os.getpid()}-{batch:06d}-{n}" for n in range(8)]
                posts = [
                    host.client.post(BASE + "/notes", json={"text": key}, headers={**headers, "Idempotency-Key": key})
                    for key in keys
                ]
                for answer, key in zip(host.together(*posts), keys, strict=True):
                    if answer.status_code == 201:
                        log.write(key + "\n")
                log.flush()

    for round_number in range(4):
        child = os.fork()
        if child == 0:
            load()
            os._exit(0)
        time.sleep(0.4 + 0.07 * round_number)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    host = Host(database=database)
    kept = {json.loads(row[0])["text"] for row in host.sql("SELECT doc FROM record WHERE kind = 'notes'")}
    told = set(acknowledged.read_text().split())
    assert len(told) > 20
    assert told <= kept
    records, journal, outbox, keys = counts(host)
    assert records == journal == outbox == keys
    links = host.do(host.context.reader.journal(limit=100_000))
    assert verify(links) is None
    if engine == "sqlite":
        assert host.sql("PRAGMA integrity_check") == [("ok",)]
    assert host.create({"text": "on we go"}, ANA).status_code == 201
    host.close()
