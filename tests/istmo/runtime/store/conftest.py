"""A store on each engine, called from a loop of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from tests.databases import reach

from istmo.runtime.store import IdempotencyKey, Query, Reader, Record, Store, StoredAnswer, Unit, Writer, connect

T = TypeVar("T")
SERVICE = "notes"
KEY = IdempotencyKey("client|ana", "POST /notes", "key-0001")
ANSWER = StoredAnswer("f" * 64, 201, (("etag", '"1"'), ("location", "/notes/1")), b'{"b":1,"a":"\xc3\xb1"}')


class Counter:
    """One open store, and the units that a test runs on it."""

    def __init__(self, url: str, **options: Any) -> None:
        self.runner = asyncio.Runner()
        self.store: Store = connect(url, **options)
        self.do(self.store.open())

    def close(self) -> None:
        self.do(self.store.close())
        self.runner.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def write(self, unit: Unit[T], service: str = SERVICE) -> T:
        return self.do(self.store.write(service, unit))

    def together(self, *units: Unit[Any]) -> list[Any]:
        """Run units at the same time; return what each gave, or how it failed."""

        async def gather() -> list[Any]:
            running = (self.store.write(SERVICE, unit) for unit in units)
            return list(await asyncio.gather(*running, return_exceptions=True))

        return self.do(gather())

    @property
    def reader(self) -> Reader:
        return self.store.reader(SERVICE)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        return self.do(reach(self.store, statement))


@pytest.fixture
def counter(database: str) -> Iterator[Counter]:
    found = Counter(database)
    yield found
    found.close()


async def nothing(_: Writer) -> None:
    """Do nothing: a unit that only begins and ends."""


def note(number: int = 1, owner: str = "ana", keys: dict[str, str] | None = None, **doc: Any) -> Record:
    return Record("notes", f"n{number}", 0, owner, 1, {"number": number, **doc}, {}, keys or {})


def adding(*records: Record, unique: dict[str, str] | None = None) -> Unit[list[Record]]:
    async def unit(writer: Writer) -> list[Record]:
        return [await writer.add(record, unique or {}) for record in records]

    return unit


def found(counter: Counter, **query: Any) -> list[str]:
    return [record.id for record in counter.do(counter.reader.find(Query("notes", **query)))]
