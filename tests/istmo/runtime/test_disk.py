"""A disk that is full: writes are refused and say when to come back, reads go on, nothing is half done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.istmo.runtime.host import Host
from tests.istmo.runtime.test_dying import counts
from tests.istmo.runtime.test_writing import chain, listed

from istmo.runtime.store.chain import verify

ENGINES = ("sqlite",)
LONG = "a long note, so that the pages are soon full; " * 4


@pytest.fixture
def filled(database: str) -> Iterator[Host]:
    """An application on a file that cannot grow, as on a disk without room."""
    host = Host(database=database)
    pages = host.sql("PRAGMA page_count")[0][0]
    assert host.sql(f"PRAGMA max_page_count = {pages + 8}") == [(pages + 8,)]
    yield host
    host.close()


def fill(host: Host) -> list[str]:
    """Write until there is no room; return the keys that were acknowledged."""
    told: list[str] = []
    for number in range(500):
        key = f"disk-key-{number:03}"
        answer = host.create({"text": f"{number} {LONG}"}, key=key)
        if answer.status_code != 201:
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) >= 1
            return told
        told.append(key)
    raise AssertionError("the disk never was full")


def test_a_full_disk_refuses_writes_and_keeps_everything(filled: Host) -> None:
    told = fill(filled)
    number = len(told)
    assert number > 0
    assert counts(filled) == (number,) * 4
    assert len(listed(filled)) == number
    assert verify(chain(filled)) is None
    assert filled.sql("PRAGMA integrity_check") == [("ok",)]
    assert filled.call("GET", "/_health/live").status_code == 200
    replayed = filled.create({"text": f"0 {LONG}"}, key=told[0])
    assert (replayed.status_code, "idempotency-replayed" in replayed.headers) == (201, True)


def test_with_room_again_the_refused_call_has_its_one_effect(filled: Host) -> None:
    number = len(fill(filled))
    filled.sql("PRAGMA max_page_count = 1000000")
    key, body = f"disk-key-{number:03}", {"text": f"{number} {LONG}"}
    first, again = filled.create(body, key=key), filled.create(body, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotency-replayed" not in first.headers
    assert first.json() == again.json()
    assert counts(filled) == (number + 1,) * 4
    assert verify(chain(filled)) is None


def test_many_writers_on_a_full_disk_are_each_done_or_refused(filled: Host) -> None:
    """Units share a commit: one that finds no room takes all others of its batch with it, none by halves."""
    keys = [f"crowd-key-{number:03}" for number in range(120)]
    headers = [{**filled.auth(), "Idempotency-Key": key} for key in keys]
    posts = [
        filled.client.post("/notes/v1/notes", json={"text": f"{key} {LONG}"}, headers=one)
        for key, one in zip(keys, headers, strict=True)
    ]
    answers = filled.together(*posts)
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert 503 in {answer.status_code for answer in answers}
    done = sum(answer.status_code == 201 for answer in answers)
    assert counts(filled) == (done,) * 4
    filled.sql("PRAGMA max_page_count = 1000000")
    for key in keys:
        assert filled.create({"text": f"{key} {LONG}"}, key=key).status_code == 201
    assert counts(filled) == (len(keys),) * 4
    assert verify(chain(filled)) is None
