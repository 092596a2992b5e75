"""What every engine promises, said once for all of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.istmo.runtime.store.conftest import ANSWER, KEY, SERVICE, Counter, adding, found, note, nothing

from istmo.runtime.store import (
    Blob,
    DuplicateKey,
    Query,
    Record,
    StaleRecord,
    StoreBusy,
    StoreUnavailable,
    Unit,
    Writer,
    connect,
)
from istmo.runtime.store.chain import verify

# ---------------------------------------------------------------------- records


def test_a_document_comes_back_byte_for_byte(counter: Counter) -> None:
    doc = json.loads(
        '{"z": 1, "a": {"y": 1.50, "b": 1e22, "n": -0.1, "t": true, "x": null}, "text": "ñ\\u0000\\"\\\\ \U0001f600 <"}'
    )
    counter.write(adding(Record("notes", "x", 0, "ana", 1, doc, {"h": [1, {}]}, {"k": "ñ'; --"})))
    record = counter.do(counter.reader.get("notes", "x"))
    assert record is not None
    assert json.dumps(record.doc) == json.dumps(doc)
    assert (record.hidden, record.keys, record.owner, record.version) == ({"h": [1, {}]}, {"k": "ñ'; --"}, "ana", 1)


def test_a_record_that_was_read_can_be_copied_with_a_change(counter: Counter) -> None:
    counter.write(adding(note(1, keys={"k": "v"}, colour="red")))
    (read,) = counter.do(counter.reader.find(Query("notes")))
    other = replace(read, doc={**read.doc, "colour": "blue"})
    assert (other.doc["colour"], other.id, other.seq, other.keys) == ("blue", read.id, read.seq, {"k": "v"})
    assert read.doc["colour"] == "red"
    assert replace(read) == read
    assert replace(read, owner="eva") != read


def test_records_are_found_in_their_order_by_owner_and_keys(counter: Counter) -> None:
    for number in range(1, 7):
        keys = {"color": "red" if number % 2 else "blue", "size": str(number % 3)}
        counter.write(adding(note(number, "ana" if number < 5 else "bruno", keys)))
    assert found(counter) == ["n1", "n2", "n3", "n4", "n5", "n6"]
    assert found(counter, owner="ana") == ["n1", "n2", "n3", "n4"]
    assert found(counter, keys={"color": "red"}) == ["n1", "n3", "n5"]
    assert found(counter, keys={"color": "red", "size": ["0", "2"]}) == ["n3", "n5"]
    assert found(counter, keys={"color": []}) == []
    assert found(counter, newest_first=True, limit=2) == ["n6", "n5"]
    third = counter.do(counter.reader.find(Query("notes", limit=3)))[-1].seq
    assert found(counter, after=third, limit=2) == ["n4", "n5"]
    assert found(counter, after=third, newest_first=True) == ["n2", "n1"]
    assert counter.do(counter.store.reader("other").find(Query("notes"))) == []


def test_a_save_replaces_and_moves_the_keys(counter: Counter) -> None:
    async def unit(writer: Writer) -> Record:
        record = await writer.add(note(keys={"color": "red", "size": "1"}), {})
        record.doc, record.keys = {"number": 2}, {"color": "blue", "size": "1"}
        return await writer.save(record, {})

    assert counter.write(unit).version == 2
    assert (found(counter, keys={"color": "red"}), found(counter, keys={"color": "blue", "size": "1"})) == ([], ["n1"])


def test_a_stale_version_is_neither_saved_nor_removed(counter: Counter) -> None:
    (record,) = counter.write(adding(note()))
    stale = Record(**{name: getattr(record, name) for name in Record.__slots__})

    async def save(writer: Writer) -> None:
        await writer.save(record, None)

    async def save_stale(writer: Writer) -> None:
        await writer.save(stale, {})

    async def remove_stale(writer: Writer) -> None:
        await writer.remove(stale)

    counter.write(save)
    stale.version = 1
    for unit in (save_stale, remove_stale):
        with pytest.raises(StaleRecord):
            counter.write(unit)
    kept = counter.do(counter.reader.get("notes", "n1"))
    assert kept is not None
    assert kept.version == 2


def test_a_removed_record_leaves_no_keys(counter: Counter) -> None:
    (record,) = counter.write(adding(note(keys={"color": "red"}), unique={"color": "red"}))

    async def unit(writer: Writer) -> None:
        await writer.remove(record)

    counter.write(unit)
    assert found(counter, keys={"color": "red"}) == []
    counter.write(adding(note(2), unique={"color": "red"}))
    assert found(counter) == ["n2"]


def test_a_taken_key_is_refused_and_the_unit_may_go_on(counter: Counter) -> None:
    counter.write(adding(note(1), unique={"code": "A", "name": "x"}))

    async def unit(writer: Writer) -> list[Any]:
        told: list[Any] = []
        second = await writer.add(note(2), {"code": "B"})
        trials: list[Callable[[], Awaitable[Record]]] = [
            lambda: writer.add(note(3), {"name": "y", "code": "A"}),
            lambda: writer.save(second, {"name": "z", "code": "A"}),
            lambda: writer.add(note(1), {}),
        ]
        for trial in trials:
            with pytest.raises(DuplicateKey) as refused:
                await trial()
            told.append(refused.value.names)
        await writer.add(note(4), {"name": "y"})  # the refused ones took nothing
        await writer.save(second, {"code": "B", "name": "z"})
        return told

    assert counter.write(unit) == [("code",), ("code",), ("id",)]
    assert found(counter) == ["n1", "n2", "n4"]


def test_keys_of_any_length_are_found_and_unique(counter: Counter) -> None:
    long = "ñ" * 5000
    counter.write(adding(note(1, keys={"name": long}), unique={"name": long}))
    assert found(counter, keys={"name": long}) == ["n1"]
    assert found(counter, keys={"name": long[:-1]}) == []
    with pytest.raises(DuplicateKey):
        counter.write(adding(note(2), unique={"name": long}))


# ---------------------------------------------------------------------- units


def test_a_failed_unit_leaves_nothing_and_its_error_arrives(counter: Counter) -> None:
    async def unit(writer: Writer) -> None:
        await writer.add(note(), {"code": "A"})
        assert await writer.next_number("notes") == 1
        await writer.append_journal("{}")
        await writer.add_event({"subject": "s"}, ["one"], 0.0)
        assert await writer.see("here", "m1", 0.0)
        await writer.add_blob(Blob("b", "text/plain", "0", b"x"))
        await writer.add_access("ana", {})
        await writer.keep_answer(KEY, ANSWER, 0.0)
        assert await writer.journal()  # now all of it is in the database
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        counter.write(unit)
    tables = ("record", "unique_key", "journal", "outbox", "delivery", "inbox", "blob", "access_log", "idempotency")
    assert {table: counter.sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables} == dict.fromkeys(tables, 0)


def test_a_view_sees_what_is_committed_and_a_unit_sees_itself(counter: Counter) -> None:
    seen: list[list[str]] = []

    async def unit(writer: Writer) -> None:
        await writer.add(note(), {})
        seen.append([record.id for record in await writer.find(Query("notes"))])

    counter.write(unit)
    seen.append(found(counter))
    assert seen == [["n1"], ["n1"]]


def test_a_unit_that_takes_too_long_is_undone(database: str) -> None:
    counter = Counter(database, unit_seconds=0.3)

    async def unit(writer: Writer) -> None:
        await writer.add(note(), {})
        await asyncio.sleep(30)

    with pytest.raises(StoreBusy):
        counter.write(unit)
    counter.write(adding(note(2)))
    assert found(counter) == ["n2"]
    counter.close()


def test_numbers_have_no_gaps_and_no_twins(counter: Counter) -> None:
    async def number(writer: Writer) -> int:
        return await writer.next_number("notes")

    async def failing(writer: Writer) -> None:
        await writer.next_number("notes")
        raise LookupError

    told = counter.together(*[number, failing] * 20)
    assert sorted(one for one in told if isinstance(one, int)) == list(range(1, 21))


def test_the_chain_neither_forks_nor_breaks_under_parallel_units(counter: Counter) -> None:
    def unit(entry: int) -> Unit[None]:
        async def run(writer: Writer) -> None:
            await writer.append_journal(f'{{"entry":{entry},"text":"ñ\\\\"}}')
            await asyncio.sleep(0)
            if entry % 5 == 0:
                raise LookupError

        return run

    counter.together(*(unit(number) for number in range(50)))
    links = counter.do(counter.reader.journal())
    assert len(links) == 40
    assert verify(links) is None
    assert [link.seq for link in counter.do(counter.reader.journal(after=38))] == [39, 40]


def test_of_many_savers_of_one_version_one_wins_and_the_others_see_the_next(counter: Counter) -> None:
    counter.write(adding(note(count=0)))

    def unit(expected: int | None) -> Unit[str]:
        async def run(writer: Writer) -> str:
            record = await writer.get("notes", "n1")
            assert record is not None
            if expected is not None and record.version != expected:
                return "refused"
            await asyncio.sleep(0)
            record.doc["count"] += 1
            await writer.save(record, None)
            await writer.append_journal("{}")
            return "saved"

        return run

    assert sorted(counter.together(*[unit(1)] * 20)) == ["refused"] * 19 + ["saved"]
    assert counter.together(*[unit(None)] * 20) == ["saved"] * 20
    record = counter.do(counter.reader.get("notes", "n1"))
    assert record is not None
    assert (record.doc["count"], record.version) == (21, 22)


def test_the_last_places_are_not_given_twice(counter: Counter) -> None:
    """Each unit counts what is taken before it takes: that must hold until it commits."""

    def unit(number: int) -> Unit[bool]:
        async def run(writer: Writer) -> bool:
            taken = await writer.find(Query("notes", keys={"slot": "monday"}))
            await asyncio.sleep(0)
            if len(taken) >= 3:
                return False
            await writer.add(note(number, keys={"slot": "monday"}), {})
            await writer.append_journal("{}")
            return True

        return run

    told = counter.together(*(unit(number) for number in range(20)))
    assert sorted(told) == [False] * 17 + [True] * 3
    assert len(found(counter, keys={"slot": "monday"})) == 3


def test_two_units_that_lock_crosswise_both_end(counter: Counter) -> None:
    async def one(writer: Writer) -> None:
        await writer.next_number("a")
        await asyncio.sleep(0.05)
        await writer.next_number("b")

    async def other(writer: Writer) -> None:
        await writer.next_number("b")
        await asyncio.sleep(0.05)
        await writer.next_number("a")

    assert counter.together(one, other) == [None, None]
    assert counter.sql("SELECT name, value FROM counter ORDER BY name") == [("a", 2), ("b", 2)]


# ---------------------------------------------------------------------- what belongs to no service


def test_a_secret_is_made_once(counter: Counter) -> None:
    store = counter.store
    made = iter("ab")
    assert counter.do(store.secret("key", lambda: next(made))) == "a"
    assert counter.do(store.secret("key", lambda: next(made))) == "a"


def test_shared_values_and_failures_are_everybodys(counter: Counter) -> None:
    store = counter.store
    assert counter.do(store.shared("clock")) is None
    for value in ("1", "2"):
        counter.do(store.share("clock", value))
    assert counter.do(store.shared("clock")) == "2"
    counter.do(store.share("clock", None))
    assert counter.do(store.shared("clock")) is None
    for place, at in (("a", 100.0), ("a", 90_000.0), ("b", 90_001.0), ("a", 89_999.0)):
        counter.do(store.fail(SERVICE, place, at))
    assert counter.do(store.failures(SERVICE, "a", 0.0)) == [100.0, 89_999.0, 90_000.0]
    assert counter.do(store.failures(SERVICE, "a", 89_999.0)) == [90_000.0]
    assert counter.do(store.failures("other", "a", 0.0)) == []
    counter.do(store.forget(datetime.fromtimestamp(89_999.5, UTC)))
    assert counter.do(store.failures(SERVICE, "a", 0.0)) == [90_000.0]
    counter.do(store.reset(SERVICE, nothing))
    assert counter.do(store.failures(SERVICE, "a", 0.0)) == []


def test_a_reset_empties_one_service_only(counter: Counter) -> None:
    for service in (SERVICE, "other"):
        counter.write(adding(note(keys={"a": "b"}), unique={"a": "b"}), service)
    counter.do(counter.store.secret("key", lambda: "kept"))
    counter.do(counter.store.reset(SERVICE, nothing))
    assert found(counter) == []
    assert len(counter.do(counter.store.reader("other").find(Query("notes")))) == 1
    assert counter.do(counter.store.secret("key", lambda: "new")) == "kept"
    counter.write(adding(note(), unique={"a": "b"}))


def test_a_reset_runs_a_unit_when_everything_is_removed(counter: Counter) -> None:
    counter.write(adding(note(), unique={"a": "b"}))

    async def unit(writer: Writer) -> int:
        before = len(await writer.find(Query("notes")))
        await writer.add(note(), {"a": "b"})
        await writer.append_journal("{}")
        return before

    assert counter.do(counter.store.reset(SERVICE, unit)) == 0
    assert counter.do(counter.store.reset(SERVICE, unit)) == 0
    assert len(found(counter)) == 1
    assert [link.seq for link in counter.do(counter.store.reader(SERVICE).journal())] == [1]


def test_a_closed_store_takes_and_tells_nothing(database: str) -> None:
    counter = Counter(database)
    assert counter.do(counter.store.ready())
    counter.do(counter.store.close())
    with pytest.raises(StoreUnavailable):
        counter.write(nothing)
    with pytest.raises(StoreUnavailable):
        counter.store.reader(SERVICE)
    assert not counter.do(counter.store.ready())
    counter.do(counter.store.open())
    counter.do(counter.store.open())
    counter.write(nothing)
    counter.close()


def test_a_store_goes_with_its_application_to_another_loop(database: str) -> None:
    store = connect(database)
    for number in range(3):
        with asyncio.Runner() as runner:
            runner.run(store.open())
            runner.run(store.write(SERVICE, adding(note(number))))
            assert len(runner.run(store.reader(SERVICE).find(Query("notes")))) == number + 1
            if number == 2:
                runner.run(store.close())
