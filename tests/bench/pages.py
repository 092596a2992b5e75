"""A page of 20 out of a thousand records and out of a million, straight from each store."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from typing import TYPE_CHECKING

import asyncpg

from istmo.runtime.store import Query, Reader, connect
from tests.databases import Server

from ._figures import Figure, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = {"few": 1_000, "many": 1_000_000}
ROUNDS, CALLS = 7, 200
DOC = json.dumps({"text": "x" * 300, "status": "submitted"})
ROW = "'{service}', 'notes', 'n' || {n}, 'ana', 1, '{doc}', '{{}}', '{{}}'"
INTO = "INSERT INTO record (service, kind, id, owner, version, doc, hidden, keys) "
# A service for each size, in one database: each has a beginning, a middle and an end.
LITE = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {size}) SELECT {row} FROM c"
POSTGRES = "SELECT {row} FROM generate_series(1, {size}) AS c(n)"


def _insert(form: str, service: str, size: int, number: str) -> str:
    return INTO + form.format(size=size, row=ROW.format(service=service, n=number, doc=DOC))


async def _fill_sqlite(path: str) -> None:
    connection = sqlite3.connect(path)
    for service, size in SIZES.items():
        connection.execute(_insert(LITE, service, size, "n"))
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


async def _fill_postgres(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("SET statement_timeout = 0; SET synchronous_commit = off")
    for service, size in SIZES.items():
        await connection.execute(_insert(POSTGRES, service, size, "n"))
    await connection.execute("ANALYZE record")
    await connection.close()


async def _microseconds(reader: Reader, query: Query) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        found = await reader.find(query)
        assert len(found) == query.limit, len(found)
    return 1e6 * (time.perf_counter() - started) / CALLS


async def _pages(url: str) -> dict[str, dict[str, float]]:
    """Microseconds of a page by where it begins and by the size of what it is taken from."""
    store = connect(url)
    await store.open()
    readers = {service: store.reader(service) for service in SIZES}
    places: dict[str, dict[str, Query]] = {"first": {}, "middle": {}, "newest": {}}
    for service, size in SIZES.items():
        last = (await readers[service].find(Query("notes", "ana", limit=1, newest_first=True)))[0].seq
        places["first"][service] = Query("notes", "ana", limit=21)
        places["middle"][service] = Query("notes", "ana", limit=21, after=last - size // 2)
        places["newest"][service] = Query("notes", "ana", limit=21, newest_first=True)
    found: dict[str, dict[str, float]] = {}
    for place, queries in places.items():
        times: dict[str, list[float]] = {service: [] for service in SIZES}
        for _ in range(ROUNDS):
            for service, query in queries.items():
                times[service].append(await _microseconds(readers[service], query))
        found[place] = {service: statistics.median(values) for service, values in times.items()}
    await store.close()
    return found


async def _sqlite(folder: str) -> dict[str, dict[str, float]]:
    url = f"sqlite:///{folder}/pages.db"
    store = connect(url)
    await store.open()
    await store.close()
    await _fill_sqlite(f"{folder}/pages.db")
    return await _pages(url)


async def _postgresql(server: Server) -> dict[str, dict[str, float]]:
    url = await server.create()
    await _fill_postgres(url)
    return await _pages(url)


@measure("pages")
def pages() -> Iterator[Figure]:
    """First page, a page in the middle, the newest: their cost does not depend on how much there is."""
    with tempfile.TemporaryDirectory() as folder:
        engines = {"sqlite": asyncio.run(_sqlite(folder)), "postgresql": asyncio.run(_postgresql(Server(None)))}
        for engine, places in engines.items():
            for place, found in places.items():
                yield Figure(f"pages.{engine}.{place}-of-1000", found["few"], "us")
                yield Figure(f"pages.{engine}.{place}-of-1000000", found["many"], "us")
                ratio = found["many"] / found["few"]
                yield Figure(f"pages.{engine}.{place}-many-over-few", ratio, "ratio", 1.25)
