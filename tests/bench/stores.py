"""Units of work a second on each engine, side by side on this disk: one after the other, and 32 at once."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import count

from istmo.runtime.store import IdempotencyKey, Record, Store, StoredAnswer, Unit, Writer, connect
from tests.databases import Server

from ._figures import Figure, measure

ROUNDS = 3
TOGETHER = 32


def _unit(number: int) -> Unit[None]:
    """What a call that creates a record writes: key, number, record, event, link of the journal, answer."""

    async def run(writer: Writer) -> None:
        key = IdempotencyKey("client|ana", "POST /notes", f"key-{number}")
        assert await writer.answer(key) is None
        assert await writer.take_number("notes") > 0
        doc = {"id": f"n{number}", "text": "x" * 1000}
        await writer.add(Record("notes", f"n{number}", 0, "ana", 1, doc, {}, {"status": "draft"}), {})
        await writer.add_event({"subject": f"n{number}", "type": "notes.created"}, [], 0.0)
        await writer.keep_answer(key, StoredAnswer("f" * 64, 201, (), b"{}"), 0.0)
        await writer.append_journal('{"operation":"createNote"}')

    return run


async def _rates(store: Store) -> tuple[float, float]:
    """Return the units a second, one after the other and at once."""
    await store.open()
    numbers, alone, together = count(), [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(200):
            await store.write("notes", _unit(next(numbers)))
        alone.append(200 / (time.perf_counter() - started))
        started = time.perf_counter()
        for _ in range(20):
            await asyncio.gather(*(store.write("notes", _unit(next(numbers))) for _ in range(TOGETHER)))
        together.append(20 * TOGETHER / (time.perf_counter() - started))
    await store.close()
    return statistics.median(alone), statistics.median(together)


@measure("stores")
def stores() -> Iterator[Figure]:
    """SQLite at synchronous=FULL beside PostgreSQL with its default durability, both on the disk of temporary files."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(None)
        urls = {"sqlite": f"sqlite:///{folder}/bench.db", "postgresql": asyncio.run(server.create())}
        rates = {engine: asyncio.run(_rates(connect(url))) for engine, url in urls.items()}
        for engine, (alone, together) in rates.items():
            yield Figure(f"stores.{engine}.one", alone, "units/s")
            yield Figure(f"stores.{engine}.together", together, "units/s")
