"""Random units of two stores on the same few things at once: in the end all agree with what they told."""

from __future__ import annotations

import asyncio
import random
from collections import Counter as Tally
from typing import Any

import pytest
from tests.istmo.runtime.store.conftest import ANSWER, SERVICE, Counter, adding

from istmo.runtime.store import (
    DuplicateKey,
    IdempotencyKey,
    Query,
    Record,
    StoreBusy,
    Unit,
    Writer,
    connect,
)
from istmo.runtime.store.chain import verify

ENGINES = ("postgresql",)
PATIENT = 25.0  # seconds: on a machine with other work, what is counted here is effects


class Town:
    """Random units on few records, keys and subjects, and what must be true of them in the end."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.done: Tally[str] = Tally()
        self.links = 0

    def unit(self) -> Unit[str]:
        choose = self.random
        what = choose.choice([self.count, self.hold, self.once, self.place, self.fail])
        return what(choose.randrange(4), choose.randrange(10_000_000))

    def count(self, place: int, _: int) -> Unit[str]:
        async def unit(writer: Writer) -> str:
            record = await writer.get("counts", str(place))
            assert record is not None
            await asyncio.sleep(0)
            doc = {"count": record.doc["count"] + 1}
            await writer.save(Record("counts", str(place), record.seq, "ana", record.version, doc), None)
            return await self.end(writer, f"count {place}")

        return unit

    def hold(self, place: int, number: int) -> Unit[str]:
        async def unit(writer: Writer) -> str:
            await writer.add(Record("held", f"{number}", 0, "ana", 1, {}, {}, {}), {"code": f"{number % 40}"})
            return await self.end(writer, f"hold {place}")

        return unit

    def once(self, place: int, number: int) -> Unit[str]:
        key = IdempotencyKey("ana", "POST", f"key-{number % 60}")

        async def unit(writer: Writer) -> str:
            if await writer.answer(key):
                return "replayed"
            await writer.add(Record("once", key.key, 0, "ana", 1, {}), {})
            await writer.keep_answer(key, ANSWER, 0.0)
            return await self.end(writer, f"once {place}")

        return unit

    def place(self, place: int, number: int) -> Unit[str]:
        async def unit(writer: Writer) -> str:
            taken = await writer.find(Query("places", keys={"slot": str(place)}))
            await asyncio.sleep(0)
            if len(taken) >= 3:
                return "full"
            await writer.add(Record("places", f"{number}", 0, "ana", 1, {}, {}, {"slot": str(place)}), {})
            return await self.end(writer, f"place {place}")

        return unit

    def fail(self, place: int, _: int) -> Unit[str]:
        async def unit(writer: Writer) -> str:
            await self.end(writer, f"fail {place}")
            raise LookupError

        return unit

    async def end(self, writer: Writer, told: str) -> str:
        await writer.add_event({"subject": told}, [], 0.0)
        await writer.append_journal(f'{{"told":"{told}"}}')
        return told


@pytest.mark.parametrize("seed", range(3))
def test_two_stores_that_hammer_the_same_things_agree_with_what_they_told(database: str, seed: int) -> None:
    counter, town = Counter(database, unit_seconds=PATIENT), Town(seed)
    other = connect(database, unit_seconds=PATIENT)
    counter.write(adding(*(Record("counts", str(place), 0, "ana", 1, {"count": 0}) for place in range(4))))

    async def meet() -> list[Any]:
        await other.open()
        stores = (counter.store, other)
        told = []
        for _ in range(3):
            units = [town.random.choice(stores).write(SERVICE, town.unit()) for _ in range(120)]
            told += await asyncio.gather(*units, return_exceptions=True)
        await other.close()
        return told

    told = counter.do(meet())
    assert {type(one) for one in told} <= {str, DuplicateKey, LookupError, StoreBusy}
    done = Tally(one for one in told if isinstance(one, str) and one not in {"replayed", "full"})
    links = counter.do(counter.reader.journal(limit=10_000))
    assert verify(links) is None
    assert Tally(link.entry for link in links) == {f'{{"told":"{one}"}}': count for one, count in done.items()}
    counts = counter.sql("SELECT id, (doc->>'count')::int FROM record WHERE kind = 'counts' ORDER BY id")
    assert counts == [(str(place), done[f"count {place}"]) for place in range(4)]
    for kind, word in (("held", "hold"), ("once", "once")):
        stored = counter.sql(f"SELECT count(*) FROM record WHERE kind = '{kind}'")
        assert stored == [(sum(count for one, count in done.items() if one.startswith(word)),)]
    slots = counter.sql("SELECT value, count(*) FROM record_key WHERE kind = 'places' GROUP BY value ORDER BY value")
    assert slots == [(str(place), 3) for place in range(4)]
    numbers = counter.sql(
        "SELECT event->>'subject', array_agg((event->>'sequence')::int ORDER BY seq) FROM outbox GROUP BY 1"
    )
    assert dict(numbers) == {one: list(range(1, count + 1)) for one, count in done.items()}
    counter.close()
