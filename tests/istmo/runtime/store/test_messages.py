"""What every engine promises of answers, messages, files and accesses."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
from tests.istmo.runtime.store.conftest import ANSWER, KEY, Counter

from istmo.runtime.store import Blob, Delivery, IdempotencyKey, StoredAnswer, StoreUnavailable, Unit, Writer
from istmo.runtime.store.chain import verify


def test_the_first_answer_is_kept_and_its_twins_read_it(counter: Counter) -> None:
    effects: list[int] = []

    async def unit(writer: Writer) -> StoredAnswer:
        stored = await writer.answer(KEY)
        if stored is not None:
            return stored
        await asyncio.sleep(0)
        effects.append(await writer.next_number("effects"))
        await writer.keep_answer(KEY, ANSWER, 1.0)
        return ANSWER

    assert counter.together(*[unit] * 20) == [ANSWER] * 20
    assert counter.sql("SELECT value FROM counter") == [(1,)]
    assert counter.do(counter.reader.answer(KEY)) == ANSWER
    other = IdempotencyKey("client|bruno", KEY.path, KEY.key)
    assert counter.do(counter.reader.answer(other)) is None


def test_a_key_without_an_answer_stays_free(counter: Counter) -> None:
    async def look(writer: Writer) -> StoredAnswer | None:
        return await writer.answer(KEY)

    async def fail(writer: Writer) -> None:
        await writer.answer(KEY)
        raise LookupError

    assert counter.write(look) is None
    with pytest.raises(LookupError):
        counter.write(fail)
    assert counter.write(look) is None
    assert counter.sql("SELECT count(*) FROM idempotency") == [(0,)]


def test_old_keys_and_messages_are_forgotten(counter: Counter) -> None:
    async def unit(writer: Writer) -> bool:
        await writer.keep_answer(KEY, ANSWER, 100.0)
        return await writer.see("there", "m1", 100.0)

    async def again(writer: Writer) -> bool:
        return await writer.see("there", "m1", 200.0)

    assert counter.write(unit)
    assert not counter.write(again)
    counter.do(counter.store.forget(datetime.fromtimestamp(99, UTC)))
    assert counter.do(counter.reader.answer(KEY)) == ANSWER
    counter.do(counter.store.forget(datetime.fromtimestamp(101, UTC)))
    assert counter.do(counter.reader.answer(KEY)) is None
    assert counter.write(again)


def test_deliveries_leave_in_order_for_each_subject_and_are_claimed_once(counter: Counter) -> None:
    async def fill(writer: Writer) -> None:
        for number, subject in enumerate("aab"):
            await writer.add_event({"id": number, "subject": subject}, ["one", "two"], 10.0)

    async def due(writer: Writer) -> list[Delivery]:
        return await writer.due(20.0, 10)

    def settle(delivery: Delivery) -> Unit[None]:
        async def unit(writer: Writer) -> None:
            await writer.settle(delivery.id, "delivered", 1, 0.0)

        return unit

    counter.write(fill)
    assert counter.do(counter.store.next_due()) == 10.0
    told = [delivery for batch in counter.together(*[due] * 5) for delivery in batch]
    assert [(one.subscription, one.event["id"]) for one in told] == [("one", 0), ("two", 0), ("one", 2), ("two", 2)]
    assert [delivery.first_at for delivery in told] == [10.0] * 4
    for delivery in told:
        counter.write(settle(delivery))
    assert [(one.subscription, one.event["id"]) for one in counter.write(due)] == [("one", 1), ("two", 1)]


def test_files_and_accesses_come_back(counter: Counter) -> None:
    data = bytes(range(256)) * 100

    async def unit(writer: Writer) -> None:
        await writer.add_blob(Blob("b", "application/pdf", "0" * 64, data))
        for number in range(3):
            await writer.add_access("ana", {"z": number, "a": "ñ"})

    async def remove(writer: Writer) -> None:
        await writer.remove_blob("b")

    counter.write(unit)
    assert counter.do(counter.reader.blob("b")) == Blob("b", "application/pdf", "0" * 64, data)
    first, second, _ = counter.do(counter.reader.accesses("ana"))
    assert json.dumps(first[1]) == json.dumps({"z": 0, "a": "ñ"})
    assert counter.do(counter.reader.accesses("ana", after=first[0], limit=1)) == [second]
    assert counter.do(counter.reader.accesses("bruno")) == []
    counter.write(remove)
    assert counter.do(counter.reader.blob("b")) is None


def test_events_are_numbered_per_subject_without_gaps_also_from_parallel_units(counter: Counter) -> None:
    def unit(number: int) -> Unit[None]:
        async def run(writer: Writer) -> None:
            for subject in "aba":
                await writer.add_event({"id": number, "subject": subject}, ["one"], 10.0)
            await writer.append_journal("{}")
            if number % 4 == 0:
                raise LookupError

        return run

    counter.together(*(unit(number) for number in range(20)))
    told = [json.loads(event) for (event,) in counter.sql("SELECT CAST(event AS text) FROM outbox ORDER BY seq")]
    for subject, times in (("a", 30), ("b", 15)):
        sequence = [event["sequence"] for event in told if event["subject"] == subject]
        assert sequence == list(range(1, times + 1))
    ordered = counter.sql("SELECT outbox FROM delivery ORDER BY id")
    assert ordered == sorted(ordered)
    assert len(ordered) == 45


def test_a_unit_reads_what_it_wrote_for_its_end(counter: Counter) -> None:
    async def unit(writer: Writer) -> None:
        for number in range(3):
            await writer.append_journal(f"{{{number}}}")
        await writer.add_access("ana", {"by": "eva"})
        await writer.keep_answer(KEY, ANSWER, 1.0)
        await writer.add_event({"id": 1, "subject": "a"}, ["one"], 10.0)
        assert [link.entry for link in await writer.journal()] == ["{0}", "{1}", "{2}"]
        assert [entry for _, entry in await writer.accesses("ana")] == [{"by": "eva"}]
        assert await writer.answer(KEY) == ANSWER
        assert [delivery.event["sequence"] for delivery in await writer.due(20.0, 10)] == [1]
        await writer.append_journal("{3}")

    counter.write(unit)
    links = counter.do(counter.reader.journal())
    assert [link.seq for link in links] == [1, 2, 3, 4]
    assert verify(links) is None


def test_an_answer_is_never_replaced(counter: Counter) -> None:
    async def keep(writer: Writer) -> None:
        await writer.keep_answer(KEY, ANSWER, 1.0)

    async def other(writer: Writer) -> None:
        await writer.append_journal("{}")
        await writer.keep_answer(KEY, StoredAnswer("0" * 64, 200, (), b"{}"), 2.0)

    counter.write(keep)
    with pytest.raises(StoreUnavailable):
        counter.write(other)
    assert counter.do(counter.reader.answer(KEY)) == ANSWER
    assert counter.do(counter.reader.journal()) == []


def test_a_number_that_is_taken_keeps_nobody_waiting(counter: Counter) -> None:
    """On PostgreSQL a unit that is still open has its number for good; on SQLite there is one unit at a time."""

    async def take(writer: Writer) -> int:
        number = await writer.take_number("notes")
        await asyncio.sleep(0.01)
        return number

    async def failing(writer: Writer) -> None:
        await writer.take_number("notes")
        raise LookupError

    taken = [one for one in counter.together(*[take, failing] * 10) if isinstance(one, int)]
    assert len(set(taken)) == 10
    assert min(taken) >= 1
    assert max(taken) <= 20
