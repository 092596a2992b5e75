"""A network between service and PostgreSQL that delays, resets and swallows: a clear answer, one effect, no help."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from tests.databases import server
from tests.istmo.runtime.host import BASE, Host
from tests.istmo.runtime.store.proxy import COMMIT, Proxy, proxied
from tests.istmo.runtime.test_writing import chain, listed

from istmo.runtime.store.chain import verify

ENGINES = ("postgresql",)
RECORD = b'"during-key"'  # the document of the record, on its way into its table
BOUND = 20.0  # seconds: far above what a call may take, far below for ever
PATIENCE = 2.0  # seconds that a unit may take


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with proxied(f"{server().folder}/.s.PGSQL.5432") as found:
        yield found


@pytest.fixture
def far(database: str, proxy: Proxy) -> Iterator[Host]:
    """An application whose database is behind the proxy."""
    name = database.partition("@/")[2].partition("?")[0]
    url = f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}?sslmode=disable"
    host = Host(database=url, limits={"unit_seconds": PATIENCE})
    yield host
    host.close()


def counts(host: Host) -> set[int]:
    return {
        int(host.sql(f"SELECT count(*) FROM {name}")[0][0]) for name in ("record", "journal", "outbox", "idempotency")
    }


def answered(host: Host, key: str) -> httpx2.Response:
    """Create once, in bounded time, with an answer that says what to do."""
    started = time.monotonic()
    answer = host.create({"text": key}, key=key)
    assert time.monotonic() - started < BOUND
    assert answer.status_code in {201, 503}, answer.text
    if answer.status_code == 503:
        assert answer.json()["code"] == "unavailable"
        assert int(answer.headers["retry-after"]) >= 1
    return answer


def settled(host: Host, key: str) -> httpx2.Response:
    """Repeat until it is done: the network is well again and nobody helps."""
    until = time.monotonic() + BOUND
    while (answer := answered(host, key)).status_code != 201:
        assert time.monotonic() < until
        time.sleep(0.1)
    return answer


def one_effect_each(host: Host, *keys: str) -> None:
    assert sorted(note["text"] for note in listed(host)) == sorted(keys)
    assert counts(host) == {len(keys)}
    assert verify(chain(host)) is None


class Once:
    """A fault at the first piece that holds a word."""

    def __init__(self, word: bytes, fault: str) -> None:
        self.word, self.fault, self.struck = word, fault, False

    def __call__(self, piece: bytes) -> str:
        if self.struck or self.word not in piece:
            return ""
        self.struck = True
        return self.fault


def test_a_slow_network_delays_and_changes_nothing(far: Host, proxy: Proxy) -> None:
    proxy.latency = 0.02
    keys = [f"slow-key-{number}" for number in range(4)]
    posts = [
        far.client.post(BASE + "/notes", json={"text": key}, headers={**far.auth(), "Idempotency-Key": key})
        for key in keys
        for _ in range(2)
    ]
    told = far.together(*posts)
    assert {answer.status_code for answer in told} <= {201, 409, 503}
    assert [answer.status_code for answer in told if "retry-after" not in answer.headers].count(201) >= len(keys) - 1
    proxy.latency = 0.0
    for key in keys:
        settled(far, key)
    one_effect_each(far, *keys)


def test_a_network_slower_than_a_call_may_be_is_told(far: Host, proxy: Proxy) -> None:
    settled(far, "before-key")
    proxy.latency = 3 * PATIENCE
    assert answered(far, "during-key").status_code == 503
    proxy.latency = 0.0
    settled(far, "during-key")
    one_effect_each(far, "before-key", "during-key")


def test_a_connection_reset_in_the_middle_of_a_unit_costs_nothing(far: Host, proxy: Proxy) -> None:
    settled(far, "before-key")
    proxy.sees = fault = Once(RECORD, "before")
    assert answered(far, "during-key").status_code == 201, "the unit runs again by itself"
    assert fault.struck
    one_effect_each(far, "before-key", "during-key")


@pytest.mark.parametrize(("fault", "done"), [("before", 0), ("after", 1)])
def test_a_commit_whose_answer_is_lost_is_decided_by_the_key(far: Host, proxy: Proxy, fault: str, done: int) -> None:
    settled(far, "before-key")
    proxy.sees = Once(COMMIT, fault)
    assert answered(far, "during-key").status_code == 503
    assert counts(far) == {1 + done}
    again = settled(far, "during-key")
    assert ("idempotency-replayed" in again.headers) == bool(done)
    one_effect_each(far, "before-key", "during-key")


def test_all_connections_reset_and_refused_is_told_until_it_ends(far: Host, proxy: Proxy) -> None:
    settled(far, "before-key")
    proxy.refusing = True
    proxy.reset()
    assert answered(far, "during-key").status_code == 503
    assert far.call("GET", "/notes", headers=far.auth()).status_code == 503
    proxy.refusing = False
    settled(far, "during-key")
    one_effect_each(far, "before-key", "during-key")


def silence(proxy: Proxy, at: bytes) -> Callable[[bytes], str]:
    """Let the line fall silent at a word; the word itself still arrives or not."""

    def sees(piece: bytes) -> str:
        proxy.silent = proxy.silent or at in piece
        return ""

    return sees


@pytest.mark.parametrize("at", [b"BEGIN", RECORD, COMMIT])
def test_a_line_that_falls_silent_is_given_up_in_time(far: Host, proxy: Proxy, at: bytes) -> None:
    settled(far, "before-key")
    proxy.sees = silence(proxy, at)
    assert answered(far, "during-key").status_code == 503
    assert proxy.silent
    started = time.monotonic()
    assert far.call("GET", "/notes", headers=far.auth()).status_code == 503
    assert time.monotonic() - started < BOUND
    proxy.sees, proxy.silent = None, False
    settled(far, "during-key")
    one_effect_each(far, "before-key", "during-key")


def test_a_connection_that_falls_silent_while_it_is_made_is_given_up(far: Host, proxy: Proxy) -> None:
    proxy.sees = silence(proxy, b"synchronous_commit")  # the first question to a new connection
    assert answered(far, "during-key").status_code == 503
    assert proxy.silent
    proxy.sees, proxy.silent = None, False
    settled(far, "during-key")
    one_effect_each(far, "during-key")


def test_every_connection_held_by_somebody_is_waited_for_and_told(far: Host, proxy: Proxy) -> None:
    settled(far, "before-key")
    keys = [f"held-key-{number:02}" for number in range(12)]
    proxy.sees = silence(proxy, b"BEGIN")
    headers: list[dict[str, Any]] = [{**far.auth(), "Idempotency-Key": key} for key in keys]
    posts = [
        far.client.post(BASE + "/notes", json={"text": key}, headers=one)
        for key, one in zip(keys, headers, strict=True)
    ]
    started = time.monotonic()
    told = far.together(*posts)
    assert time.monotonic() - started < BOUND
    assert {(answer.status_code, "retry-after" in answer.headers) for answer in told} == {(503, True)}
    proxy.sees, proxy.silent = None, False
    for key in keys:
        settled(far, key)
    one_effect_each(far, "before-key", *keys)
