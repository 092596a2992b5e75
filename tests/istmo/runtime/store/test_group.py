"""Units of PostgreSQL that share a commit: each has its own effect and its own refusal, and none without its commit."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from typing import Any

import pytest
from tests.databases import server
from tests.istmo.runtime.desk import Desk
from tests.istmo.runtime.store.conftest import ANSWER, KEY, SERVICE, Counter, adding, found, note, nothing

from istmo.runtime.store import (
    DuplicateKey,
    IdempotencyKey,
    Query,
    Record,
    StaleRecord,
    StoreUnavailable,
    Unit,
    Writer,
    connect,
)
from istmo.runtime.store.chain import verify
from istmo.runtime.store.postgres import PostgresStore

ENGINES = ("postgresql",)
PATIENT = 25.0  # seconds: on a machine with other work, what is counted here is effects
RIGHT = PostgresStore._commit  # noqa: SLF001 - what the tests put faults before


def creating(number: int, **unique: str) -> Unit[str]:
    """A unit as a request makes it: key, record, event, link, answer."""

    async def unit(writer: Writer) -> str:
        key = IdempotencyKey("ana", "POST /notes", f"key-{number:04}")
        if await writer.answer(key):
            return "replayed"
        await writer.add(note(number, keys=unique), unique)
        await writer.keep_answer(key, ANSWER, 0.0)
        await writer.add_event({"subject": "s"}, [], 0.0)
        await writer.append_journal(f'{{"number":{number}}}')
        return "made"

    return unit


def transactions(counter: Counter) -> int:
    """How many transactions the records come from."""
    return int(counter.sql("SELECT count(DISTINCT xmin::text) FROM record")[0][0])


def whole(counter: Counter, count: int) -> None:
    """The chain verifies and is so long; the events of the subject have numbers without gap."""
    links = counter.do(counter.reader.journal(limit=10_000))
    assert (len(links), verify(links)) == (count, None)
    numbers = counter.sql("SELECT (event->>'sequence')::int FROM outbox ORDER BY seq")
    assert [number for (number,) in numbers] == list(range(1, len(numbers) + 1))


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The service of each unit that got a transaction of its own."""
    told: list[str] = []
    right = PostgresStore._once  # noqa: SLF001 - the way that a group does not take

    async def once(store: PostgresStore, pools: Any, beside: Any, service: str, *more: Any, **named: Any) -> Any:
        told.append(service)
        return await right(store, pools, beside, service, *more, **named)

    monkeypatch.setattr(PostgresStore, "_once", once)
    return told


# ---------------------------------------------------------------------- one commit for many


def test_many_at_once_share_few_commits(counter: Counter, apart: list[str]) -> None:
    assert counter.together(*(creating(number) for number in range(200))) == ["made"] * 200
    assert apart == []
    assert transactions(counter) < 50
    whole(counter, 200)
    ids = [f"n{number}" for number in range(200)]
    assert counter.do(counter.reader.find(Query("notes", limit=1000)))[7].doc == {"number": 7}
    assert [record.id for record in counter.do(counter.reader.find(Query("notes", limit=1000)))] == ids


def test_a_transaction_does_not_grow_without_bound(counter: Counter, apart: list[str]) -> None:
    counter.together(*(adding(note(number, text="x" * 3_000_000)) for number in range(3)))
    assert (apart, transactions(counter)) == ([], 3)


def test_one_alone_is_committed_by_itself_and_knows_its_number(counter: Counter, apart: list[str]) -> None:
    record = note()
    (stored,) = counter.write(adding(record))
    (read,) = counter.do(counter.reader.find(Query("notes")))
    assert (stored, record.seq, stored.seq) == (read, read.seq, read.seq)
    assert apart == []


def test_replays_need_no_transaction(counter: Counter, apart: list[str]) -> None:
    assert counter.write(creating(1)) == "made"
    assert counter.together(*[creating(1)] * 20) == ["replayed"] * 20
    assert apart == []


def test_twins_at_once_have_one_effect(counter: Counter) -> None:
    told = counter.together(*(creating(number % 10) for number in range(100)))
    assert Tally(told) == {"made": 10, "replayed": 90}
    whole(counter, 10)


def test_numbers_of_many_at_once_are_all_different(counter: Counter) -> None:
    async def take(writer: Writer) -> int:
        return await writer.take_number("a")

    assert sorted(counter.together(*[take] * 100)) == list(range(1, 101))


def test_a_request_is_begun_and_submitted_without_a_transaction_of_its_own(apart: list[str]) -> None:
    desk = Desk()
    apart.clear()
    case = desk.draft()
    desk.done("ana", case, "submit")
    assert apart == []
    desk.close()


# ---------------------------------------------------------------------- one that may not stay


async def failing(writer: Writer) -> None:
    await writer.add(note(900), {})
    await writer.append_journal("{}")
    raise LookupError("mine")


def saving(record: Record) -> Unit[None]:
    async def unit(writer: Writer) -> None:
        await writer.save(record, {})
        await writer.append_journal("{}")

    return unit


@pytest.mark.parametrize("bad", ["id", "unique", "both", "stale", "failing", "wrong"])
def test_one_that_is_refused_leaves_the_others_alone(counter: Counter, bad: str) -> None:
    counter.write(creating(0, code="A"))
    stale = Record("notes", "n0", counter.do(counter.reader.find(Query("notes")))[0].seq, "ana", 7, {})
    units: dict[str, tuple[Unit[Any], type[Exception]]] = {
        "id": (adding(note(0)), DuplicateKey),
        "unique": (creating(901, code="A"), DuplicateKey),
        "both": (creating(902, code="C3"), DuplicateKey),  # taken by one of the same commit
        "stale": (saving(stale), StaleRecord),
        "failing": (failing, LookupError),
        "wrong": (adding(note(903, owner="an\0a")), Exception),
    }
    unit, error = units[bad]
    told = counter.together(*(creating(number, code=f"C{number}") for number in range(1, 11)), unit)
    assert told[:10] == ["made"] * 10
    assert isinstance(told[10], error)
    assert found(counter) == [f"n{number}" for number in range(11)]
    assert stale.version == 7
    whole(counter, 11)


def test_keys_move_with_a_save_and_a_taken_one_is_refused(counter: Counter, apart: list[str]) -> None:
    counter.write(adding(note(1, keys={"code": "A", "color": "red"}), unique={"code": "A"}))
    counter.write(adding(note(2, keys={"code": "B"}), unique={"code": "B"}))

    def rename(name: str, code: str) -> Unit[str]:
        async def unit(writer: Writer) -> str:
            record = await writer.get("notes", name)
            assert record is not None
            record.keys = {"code": code}
            await writer.save(record, {"code": code})
            await writer.append_journal("{}")
            return code

        return unit

    assert counter.together(rename("n1", "C"), rename("n2", "B")) == ["C", "B"]
    assert apart == []
    assert [found(counter, keys={"code": code}) for code in "ABC"] == [[], ["n2"], ["n1"]]
    assert found(counter, keys={"color": "red"}) == []
    assert isinstance(counter.together(rename("n1", "B"))[0], DuplicateKey)
    assert counter.write(rename("n2", "A")) == "A"
    assert counter.sql("SELECT value FROM unique_key ORDER BY value") == [("A",), ("C",)]


# ---------------------------------------------------------------------- what was read still holds


def test_what_another_process_changed_since_it_was_read_is_read_again(database: str, counter: Counter) -> None:
    other = connect(database)
    counter.write(adding(note(1)))
    runs: list[int] = []

    async def elsewhere(writer: Writer) -> None:
        await writer.add(note(2, keys={"slot": "monday"}), {})
        await writer.append_journal("{}")

    async def unit(writer: Writer) -> int:
        runs.append(len(await writer.find(Query("notes", keys={"slot": "monday"}))))
        if len(runs) == 1:
            await other.write(SERVICE, elsewhere)
        await writer.add(note(3 + runs[-1]), {})
        await writer.append_journal("{}")
        return runs[-1]

    async def meet() -> int:
        await other.open()
        told = await counter.store.write(SERVICE, unit)
        await other.close()
        return told

    assert counter.do(meet()) == 1
    assert runs == [0, 1]
    assert found(counter) == ["n1", "n2", "n4"]
    whole(counter, 2)


def test_what_an_earlier_unit_of_the_same_commit_adds_is_seen_by_the_later_one(counter: Counter) -> None:
    async def meet() -> int:
        looked, ready = asyncio.Event(), asyncio.Event()

        async def first(writer: Writer) -> None:
            await writer.answer(KEY)
            await looked.wait()
            await writer.add(note(1, keys={"slot": "monday"}), {})
            await writer.append_journal('{"first":true}')
            ready.set()

        async def second(writer: Writer) -> int:
            seen = len(await writer.find(Query("notes", keys={"slot": "monday"})))
            looked.set()
            await ready.wait()
            await writer.append_journal('{"second":true}')
            return seen

        _, seen = await asyncio.gather(counter.store.write(SERVICE, first), counter.store.write(SERVICE, second))
        return seen

    assert counter.do(meet()) == 1
    assert [link.entry for link in counter.do(counter.reader.journal())] == ['{"first":true}', '{"second":true}']


def test_whoever_subscribes_before_an_event_is_committed_gets_it(counter: Counter) -> None:
    runs: list[int] = []

    async def subscribe(writer: Writer) -> None:
        await writer.add(Record("subscriptions", "one", 0, "ana", 1, {}), {})
        await writer.append_journal("{}")

    async def announce(writer: Writer) -> None:
        known = await writer.find(Query("subscriptions", limit=1000))
        runs.append(len(known))
        if len(runs) == 1:
            await counter.store.write(SERVICE, subscribe)
        await writer.add_event({"subject": "s"}, [one.id for one in known], 0.0)
        await writer.append_journal("{}")

    counter.write(announce)
    assert runs == [0, 1]
    assert counter.sql("SELECT count(*) FROM delivery") == [(1,)]
    counter.write(announce)
    assert (runs, counter.sql("SELECT count(*) FROM delivery")) == ([0, 1, 1], [(2,)])


def test_a_unit_that_a_reset_overtakes_begins_again(counter: Counter) -> None:
    numbers: list[int] = []

    async def unit(writer: Writer) -> None:
        numbers.append(await writer.take_number("a"))
        if len(numbers) == 3:
            await counter.store.reset(SERVICE, nothing)
        await writer.add(note(numbers[-1]), {})
        await writer.append_journal("{}")

    for _ in range(3):
        counter.write(unit)
    assert numbers == [1, 2, 3, 1]
    assert found(counter) == ["n1"]
    whole(counter, 1)


# ---------------------------------------------------------------------- a commit that is not confirmed


def test_a_commit_that_fails_is_told_to_nobody_as_done(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_store: PostgresStore, connection: Any, _statements: str) -> None:
        await connection.execute("ROLLBACK")
        raise StoreUnavailable("the commit was not confirmed")

    with monkeypatch.context() as broken:
        broken.setattr(PostgresStore, "_commit", fail)
        told = counter.together(*(creating(number) for number in range(20)))
    assert [type(one) for one in told] == [StoreUnavailable] * 20
    assert found(counter) == []
    assert counter.together(*(creating(number) for number in range(20))) == ["made"] * 20
    whole(counter, 20)


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError])
def test_a_commit_that_ends_in_an_unknown_way_is_neither_told_as_done_nor_done_again(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    """Units without a key: if one ran again after its commit, it would have two effects."""

    async def odd(_store: PostgresStore, connection: Any, statements: str) -> None:
        await connection.execute(statements)
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(PostgresStore, "_commit", odd)
        (told,) = counter.together(adding(note()))
    assert type(told) is StoreUnavailable
    assert found(counter) == ["n1"]
    counter.write(adding(note(2)))
    assert found(counter) == ["n1", "n2"]


@pytest.mark.parametrize("done", [False, True])
def test_a_server_that_dies_at_the_commit_leaves_all_or_nothing(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, *, done: bool
) -> None:
    deaths: list[int] = []

    async def dying(store: PostgresStore, connection: Any, statements: str) -> None:
        if deaths:
            await RIGHT(store, connection, statements)
            return
        deaths.append(1)
        if done:
            await connection.execute(statements)
        await asyncio.to_thread(server().control, "restart")
        await RIGHT(store, connection, statements)

    monkeypatch.setattr(PostgresStore, "_commit", dying)
    told = counter.together(*(creating(number) for number in range(20)))
    lost = [number for number, one in enumerate(told) if one != "made"]
    assert lost
    assert {type(told[number]) for number in lost} == {StoreUnavailable}
    again = counter.together(*(creating(number) for number in lost))
    assert again == ["replayed" if done else "made"] * len(lost)
    whole(counter, 20)


def test_whoever_stops_waiting_does_not_stop_the_others(counter: Counter) -> None:
    async def meet() -> list[Any]:
        running = [asyncio.create_task(counter.store.write(SERVICE, creating(number))) for number in range(30)]
        await asyncio.sleep(0.005)
        for task in running[::3]:
            task.cancel()
        return await asyncio.gather(*running, return_exceptions=True)

    told = counter.do(meet())
    assert [one for number, one in enumerate(told) if number % 3] == ["made"] * 20
    counter.together(*(creating(number) for number in range(30)))
    whole(counter, 30)


def test_closing_finishes_what_is_under_way(counter: Counter) -> None:
    async def meet() -> list[Any]:
        running = [asyncio.create_task(counter.store.write(SERVICE, creating(number))) for number in range(30)]
        await asyncio.sleep(0.005)
        await counter.store.close()
        told = await asyncio.gather(*running)
        await counter.store.open()
        return told

    assert counter.do(meet()) == ["made"] * 30
    whole(counter, 30)


def test_a_twin_elsewhere_that_takes_long_holds_up_nobody_else(database: str, counter: Counter) -> None:
    other = connect(database)

    async def long(writer: Writer) -> None:
        await writer.see("here", "m", 0.0)
        await writer.answer(KEY)
        await asyncio.sleep(1.5)

    async def twin(writer: Writer) -> str:
        await asyncio.sleep(0.3)
        assert await writer.answer(KEY) is None
        await writer.keep_answer(KEY, ANSWER, 0.0)
        return "made"

    async def meet() -> list[Any]:
        await other.open()
        slow = asyncio.create_task(other.write(SERVICE, long))
        units = [counter.store.write(SERVICE, unit) for unit in (twin, *map(creating, range(5)))]
        told = await asyncio.gather(*units)
        await slow
        await other.close()
        return told

    assert counter.do(meet()) == ["made"] * 6
