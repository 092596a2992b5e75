"""What is PostgreSQL's own: races over processes, waits that end, a server that goes and comes back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.databases import server
from tests.istmo.runtime.host import BASE, Host
from tests.istmo.runtime.store.conftest import SERVICE, Counter, nothing
from tests.istmo.runtime.test_writing import chain, listed

from istmo.errors import KitError
from istmo.runtime.health import FRESH
from istmo.runtime.store import (
    IdempotencyKey,
    KeyBusy,
    Query,
    Record,
    StoreBusy,
    StoredAnswer,
    StoreUnavailable,
    Writer,
    connect,
)
from istmo.runtime.store import _postgres_link as link
from istmo.runtime.store.chain import verify
from istmo.runtime.store.postgres import PostgresStore

ENGINES = ("postgresql",)
PROCESSES = 2
PATIENT = {"unit_seconds": 25.0}  # on a machine with other work: what is counted here is effects, not seconds
KEY = IdempotencyKey("client", "POST /notes", "key-0001")
SAFE = {
    "version": 180000, "encoding": "UTF8", "synchronous_commit": "on", "fsync": "on", "full_page_writes": "on",
    "isolation": "read committed", "superuser": False, "checksums": "on", "address": "", "encrypted": False,
}  # fmt: skip


def both(work: Callable[[int], Any], folder: Path) -> list[Any]:
    """Do something in two processes at once and return what each told."""
    begin, children = time.time() + 0.5, []
    for number in range(PROCESSES):
        child = os.fork()
        if child == 0:
            try:
                time.sleep(max(begin - time.time(), 0))
                (folder / f"{number}.json").write_text(json.dumps(work(number)))
            except BaseException:  # noqa: BLE001 - the child ends here, and the parent misses its file
                traceback.print_exc()
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    return [json.loads((folder / f"{number}.json").read_text()) for number in range(PROCESSES)]


def altered(statement: str) -> None:
    """Change the server, as its administrator."""

    async def run() -> None:
        connection = await asyncpg.connect(server().url("postgres"))
        await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


async def apart(writer: Writer) -> None:
    """Do what needs a transaction of the unit's own from here on."""
    await writer.see("here", str(uuid.uuid4()), 0.0)


def name_of(database: str) -> str:
    return database.partition("@/")[2].partition("?")[0]


# ---------------------------------------------------------------------- several processes


def test_forty_keys_sent_ten_times_over_two_processes_have_forty_effects(database: str, tmp_path: Path) -> None:
    def submit(_: int) -> list[Any]:
        host = Host(database=database, limits=PATIENT)
        headers = [{**host.auth(), "Idempotency-Key": f"key-{number:04}"} for number in range(40)]
        posts = [
            host.client.post(BASE + "/notes", json={"text": str(number)}, headers=headers[number])
            for number in range(40)
            for _ in range(5)
        ]
        return [[answer.status_code, answer.text] for answer in host.together(*posts)]

    told = [answer for answers in both(submit, tmp_path) for answer in answers]
    assert [status for status, _ in told] == [201] * 400
    assert len({text for _, text in told}) == 40
    host = Host(database=database)
    assert sorted(int(note["text"]) for note in listed(host)) == list(range(40))
    assert sorted(note["number"] for note in listed(host)) == list(range(1, 41))
    assert host.sql("SELECT count(*) FROM outbox") == [(40,)]
    assert (len(chain(host)), verify(chain(host))) == (40, None)
    host.close()


def test_twenty_writers_of_one_version_over_two_processes_have_one_winner(database: str, tmp_path: Path) -> None:
    host = Host(database=database)
    made = host.create({"text": "a"})
    tag, location = made.headers["etag"], made.headers["location"]

    def replace(number: int) -> list[int]:
        other = Host(database=database, limits=PATIENT)
        headers = {**other.auth(), "If-Match": tag}
        puts = [other.client.put(location, json={"text": f"{number}-{n}"}, headers=headers) for n in range(10)]
        return [answer.status_code for answer in other.together(*puts)]

    told = [status for statuses in both(replace, tmp_path) for status in statuses]
    assert sorted(told) == [200] + [412] * 19
    assert (len(chain(host)), verify(chain(host))) == (2, None)
    host.close()


def test_processes_that_open_an_empty_database_at_once_make_one_schema(tmp_path: Path) -> None:
    url = asyncio.run(server().create("template0"))

    def open_it(_: int) -> bool:
        counter = Counter(url)
        return counter.do(counter.store.ready())

    assert both(open_it, tmp_path) == [True, True]
    asyncio.run(server().drop(url))


def test_a_twin_in_another_process_is_told_that_the_first_still_runs(database: str) -> None:
    first, other = Counter(database), Counter(database, unit_seconds=0.3)

    async def look(writer: Writer) -> StoredAnswer | None:
        await apart(writer)
        return await writer.answer(KEY)

    async def slow(writer: Writer) -> None:
        await apart(writer)
        await writer.answer(KEY)
        with pytest.raises(KeyBusy):
            await other.store.write(SERVICE, look)

    async def meet() -> None:
        await other.store.close()
        await other.store.open()
        await first.store.write(SERVICE, slow)
        assert await other.store.write(SERVICE, look) is None
        await other.store.close()

    first.do(meet())
    first.close()
    other.close()


def test_whoever_changes_what_all_read_waits_for_them_and_runs_alone(database: str) -> None:
    """Events look up the subscriptions once: no subscription may begin between that look and their commit."""
    counter = Counter(database, **PATIENT)
    told: list[str] = []

    async def announce(writer: Writer) -> None:
        await apart(writer)
        found = await writer.find(Query("subscriptions"))
        told.append("looked")
        await asyncio.sleep(0.2)
        await writer.add_event({"subject": "a"}, [one.id for one in found], 0.0)
        await writer.append_journal('{"announced":true}')
        told.append("announced")

    async def subscribe(writer: Writer) -> None:
        told.append("subscribing")
        await writer.add(Record("subscriptions", "one", 0, "ana", 1, {}), {})
        await writer.append_journal('{"subscribed":true}')
        told.append("subscribed")

    async def later() -> None:
        await asyncio.sleep(0.1)
        await counter.store.write(SERVICE, subscribe)

    async def meet() -> None:
        await asyncio.gather(counter.store.write(SERVICE, announce), later())

    counter.do(meet())
    assert told == ["looked", "subscribing", "announced", "subscribing", "subscribed"]
    entries = [link.entry for link in counter.do(counter.reader.journal())]
    assert entries == ['{"announced":true}', '{"subscribed":true}']
    assert counter.sql("SELECT count(*) FROM delivery") == [(0,)]
    counter.write(announce)
    assert counter.sql("SELECT count(*) FROM delivery") == [(1,)]
    counter.close()


# ---------------------------------------------------------------------- waits that end


def test_a_lock_held_outside_is_waited_for_and_then_refused(database: str) -> None:
    counter = Counter(database, unit_seconds=0.3)

    async def number(writer: Writer) -> int:
        return await writer.next_number("notes")

    async def hold() -> None:
        connection = await asyncpg.connect(database)
        async with connection.transaction():
            await connection.execute("LOCK TABLE counter")
            with pytest.raises(StoreBusy):
                await counter.store.write(SERVICE, number)
        await connection.close()
        assert await counter.store.write(SERVICE, number) == 1

    counter.do(hold())
    counter.close()


def test_all_connections_in_use_are_waited_for_and_then_refused_and_views_go_on(database: str) -> None:
    counter = Counter(database, unit_seconds=0.6, connections=4)

    async def slow(writer: Writer) -> None:
        await apart(writer)
        assert await counter.reader.find(Query("notes")) == []  # a unit may look into a view
        await asyncio.sleep(0.5)

    async def crowd() -> list[Any]:
        units = (counter.store.write(SERVICE, slow) for _ in range(8))
        return list(await asyncio.gather(*units, return_exceptions=True))

    told = counter.do(crowd())
    assert told[:2] == [None, None]
    assert {type(one) for one in told[2:]} == {StoreBusy}
    counter.close()


def test_a_session_waits_for_nothing_longer_than_a_unit(database: str) -> None:
    counter = Counter(database, unit_seconds=3.0)
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    assert [counter.sql(f"SHOW {name}")[0][0] for name in names] == ["3s", "3s", "6s"]
    assert counter.sql("SHOW default_transaction_isolation") == [("read committed",)]
    assert counter.sql("SHOW application_name") == [("istmo",)]
    counter.close()


def test_what_is_asked_wrongly_is_no_outage(counter: Counter) -> None:
    async def unit(writer: Writer) -> None:
        await writer.add(Record("notes", "n", 0, "an\0a", 1, {}), {})

    with pytest.raises(asyncpg.PostgresError):
        counter.write(unit)


# ---------------------------------------------------------------------- a server that goes and comes back


@contextmanager
def stopped() -> Iterator[None]:
    server().control("stop")
    try:
        yield
    finally:
        server().control("start")


def test_without_its_server_a_service_says_so_at_once_and_recovers_unaided(database: str) -> None:
    host = Host(database=database)
    headers = {**host.auth(), "Idempotency-Key": "key-0001"}
    assert host.create({"text": "before"}).status_code == 201
    assert len(listed(host)) == 1
    with stopped():
        for method, path in (("POST", "/notes"), ("GET", "/notes"), ("GET", "/_health/ready")):
            body = {"json": {"text": "during"}} if method == "POST" else {}
            started = time.monotonic()
            answer = host.call(method, path, headers=headers, **body)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert "retry-after" in answer.headers
            assert time.monotonic() - started < 2.0
        assert host.call("GET", "/_health/live").status_code == 200
    assert host.call("POST", "/notes", json={"text": "during"}, headers=headers).status_code == 201
    time.sleep(FRESH)  # so long a finding about the database holds
    assert host.call("GET", "/_health/ready").status_code == 200
    assert [note["text"] for note in listed(host)] == ["before", "during"]
    assert verify(chain(host)) is None
    host.close()


def test_a_unit_that_loses_its_server_before_the_commit_runs_again(counter: Counter) -> None:
    runs: list[int] = []

    async def unit(writer: Writer) -> None:
        runs.append(1)
        await writer.add(Record("notes", "n1", 0, "ana", 1, {}), {})
        if len(runs) == 1:
            await asyncio.to_thread(server().control, "restart")
        await writer.next_number("notes")

    counter.write(unit)
    assert len(runs) == 2
    assert len(counter.do(counter.reader.find(Query("notes")))) == 1


def test_a_server_process_that_does_not_answer_is_given_up(database: str) -> None:
    counter = Counter(database, unit_seconds=0.5)
    frozen = int(counter.sql("SELECT pg_backend_pid()")[0][0])
    os.kill(frozen, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(StoreBusy):
            counter.write(nothing)
        assert time.monotonic() - started < 5.0
        counter.write(nothing)
    finally:
        os.kill(frozen, signal.SIGCONT)
    counter.close()


# ---------------------------------------------------------------------- what is refused


def test_a_database_that_may_lose_acknowledged_work_is_refused(database: str) -> None:
    altered(f"ALTER DATABASE {name_of(database)} SET synchronous_commit = off")
    with pytest.raises(KitError, match="synchronous_commit") as refused:
        asyncio.run(connect(database).open())
    assert (refused.value.code, bool(refused.value.hint)) == ("unsafe-database", True)


def test_durability_that_is_switched_off_later_stops_the_writes(database: str) -> None:
    counter = Counter(database)
    altered(f"ALTER DATABASE {name_of(database)} SET synchronous_commit = off")
    with pytest.raises(StoreUnavailable, match="synchronous_commit"):
        counter.write(nothing)
    counter.close()


def test_another_isolation_level_of_the_database_does_not_hold_here(database: str) -> None:
    altered(f"ALTER DATABASE {name_of(database)} SET default_transaction_isolation = serializable")
    counter = Counter(database)
    assert counter.sql("SHOW transaction_isolation") == [("read committed",)]
    counter.close()


def test_a_service_needs_no_more_than_to_read_and_write_its_tables(database: str) -> None:
    owner = Counter(database)
    altered("CREATE ROLE plain LOGIN")
    owner.sql("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO plain")
    owner.close()
    host = Host(database=database.replace("postgres@", "plain@"))
    made = host.create({"text": "a", "code": "X"})
    good = {**host.auth(), "If-Match": made.headers["etag"]}
    assert host.call("PUT", made.headers["location"].removeprefix(BASE), json={"text": "b"}, headers=good).is_success
    host.do(host.shared.reset())
    assert host.shared.store.warnings() == []
    host.close()
    asyncio.run(server().drop(database))
    altered("DROP ROLE plain")


def test_a_database_of_another_encoding_is_refused() -> None:
    altered("CREATE DATABASE odd ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    with pytest.raises(KitError, match="UTF8"):
        asyncio.run(connect(server().url("odd")).open())
    altered("DROP DATABASE odd")


def test_a_database_that_takes_no_writes_is_refused(database: str) -> None:
    altered(f"ALTER DATABASE {name_of(database)} SET default_transaction_read_only = on")
    with pytest.raises(KitError, match="standby"):
        asyncio.run(connect(database).open())


@pytest.mark.parametrize(
    "wrong",
    [{"version": 130013}, {"fsync": "off"}, {"full_page_writes": "off"}, {"isolation": "serializable"}],
    ids=str,
)
def test_every_unsafe_fact_is_refused(wrong: dict[str, Any]) -> None:
    assert link.refusal(SAFE) is None
    assert link.refusal({**SAFE, **wrong}) is not None


def test_what_an_operator_should_know_is_told(counter: Counter) -> None:
    assert any("superuser" in warning for warning in counter.store.warnings())
    assert link.cautions(SAFE) == []
    remote = {**SAFE, "address": "192.0.2.1", "checksums": "off"}
    assert len(link.cautions(remote)) == 2
    assert link.cautions({**SAFE, "address": "192.0.2.1", "encrypted": True}) == []


# ---------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ana:geheim@db.example:5432/istmo", "postgresql://ana@db.example:5432/istmo"),
        ("postgresql://ana@/istmo?host=/run/pg&password=geheim", "postgresql://ana@/istmo?host=/run/pg"),
        ("postgres://db/istmo", "postgres://db/istmo"),
        ("postgresql://[::1]:5432/istmo", "postgresql://[::1]:5432/istmo"),
        ("postgresql://ana:geheim@one:5432,two/istmo", "postgresql://ana@one:5432,two/istmo"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert link.shown(link.checked(url)) == shown


@pytest.mark.parametrize(
    "url", ["postgresql://ana:geheim@db:x/istmo", "postgresql://ana:geheim@db", "postgresql://ana:geheim@db/a#b"]
)
def test_a_wrong_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(KitError) as refused:
        PostgresStore(url)
    assert refused.value.code == "database-url"
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    "place", ["127.0.0.1:1/istmo", "/no_such_database?host={folder}", "no.such.host.invalid/istmo"]
)
def test_a_database_that_cannot_be_reached_is_told_without_the_password(place: str) -> None:
    url = f"postgresql://postgres:geheim@{place.format(folder=server().folder)}"
    with pytest.raises(KitError) as refused:
        asyncio.run(connect(url).open())
    assert (refused.value.code, bool(refused.value.hint)) == ("database", True)
    assert "geheim" not in str(refused.value)
