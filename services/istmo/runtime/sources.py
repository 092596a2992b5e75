"""Records of other systems: read through, and kept here once the service changes them.

A `Source` stands behind a kind of record, such as a national register behind the entries that a service certifies.
What the service saves of it is first copied into the store, with everything that a unit promises; from then on the
copy is what the service sees. What it removes stays removed, whatever the source says. Bringing changes back to the
other system is left to the country, from the outbox.

A record of a source has a negative version, so that its tag is never that of a copy, and no place in the order of
creation: nobody pages over such a kind. Beside each record that is or was ours stands one of the kind's shadow, which
overrules the source.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from istmo.errors import KitError, Problem
from istmo.texts import text

from . import logs
from .clock import monotonic
from .store import DuplicateKey, Query, Record, StaleRecord, Stored

if TYPE_CHECKING:
    from .service import Service
    from .store import Reader, Writer
    from .work import Work

T = TypeVar("T")

UNPLACED = -1  # the number of a record that was not created here
PATIENCE = 2.0  # seconds after which a source that has not said whether it is ready is not
FRESH = 0.5  # seconds for which a finding holds
SHADOWS = 500  # so many ids are asked for at once


class Source(Protocol):
    """Another system that holds records of one or more kinds; it never blocks the event loop."""

    @property
    def name(self) -> str:
        """The name by which a sandbox plays it down, slow or failing."""
        ...

    async def get(self, kind: str, record_id: str) -> Record | None:
        """Return a record by its id, with a version that grows when it changes."""
        ...

    async def find(self, query: Query) -> list[Record]:
        """Return the records that match, at most `query.limit`, in an order that stays the same."""
        ...

    async def ready(self) -> bool:
        """Tell whether it would answer now."""
        ...


class Shelf(Protocol):
    """Where records of a kind are read."""

    async def get(self, kind: str, record_id: str) -> Record | None:
        """Return a record by its id."""
        ...

    async def find(self, query: Query) -> list[Record]:
        """Return the records that match, at most `query.limit`."""
        ...


class Desk(Protocol):
    """Where records of a kind are written."""

    async def add(self, record: Record, unique: Mapping[str, str]) -> Record:
        """Store a new record and number it."""
        ...

    async def save(self, record: Record, unique: Mapping[str, str] | None) -> Record:
        """Replace a record of the version read."""
        ...

    async def remove(self, record: Record) -> None:
        """Remove a record with its keys."""
        ...


def refuse_paging(kind: str) -> KitError:
    """Return the error of whoever pages over a kind with a source: two systems have no common order."""
    return KitError("source-paged", text("source.paged", kind=kind), text("source.paged-hint"))


def check(service: Service) -> None:
    """Refuse a source behind cases: the kernel lists them page by page."""
    for machine in service.cases:
        kind = getattr(machine, "collection", "")
        if any(one.name == kind and one.source is not None for one in service.collections):
            raise refuse_paging(kind)


async def answer(name: str, seconds: float, question: Awaitable[T]) -> T:
    """Return what a source answers in time; a failing or slow one is a problem like that of any other system."""
    try:
        async with asyncio.timeout(seconds):
            return await question
    except Problem:
        raise
    except Exception as error:  # noqa: BLE001 - whatever another system's client raises, it answered wrongly
        logs.write(logs.ERROR, logging.WARNING, "source-failed", source=name, **logs.cause(error))
        raise _problem(error) from None


def _problem(error: Exception) -> Problem:
    """Return the problem that a failure of another system is to a caller."""
    if isinstance(error, TimeoutError):
        return Problem("upstream-timeout")
    if isinstance(error, OSError):
        return Problem("unavailable", headers={"Retry-After": "5"})
    return Problem("upstream-error")


class Standing:
    """Whether all sources of a process would answer now; however often probes ask, each is asked twice a second."""

    def __init__(self, all_of_them: Sequence[Source]) -> None:
        self._sources = list({id(source): source for source in all_of_them}.values())
        self._ready = False
        self._until = -FRESH
        self._lock = asyncio.Lock()

    async def ready(self) -> bool:
        """Tell whether every source is ready; one that fails or is slow is not."""
        if not self._sources:
            return True
        async with self._lock:
            if monotonic() >= self._until:
                self._ready = all(await asyncio.gather(*map(self._look, self._sources)))
                self._until = monotonic() + FRESH
            return self._ready

    @staticmethod
    async def _look(source: Source) -> bool:
        try:
            return await answer(source.name, PATIENCE, source.ready())
        except Problem:
            return False


class Through:
    """The kinds of one unit that have a source: our record where there is one, else the source's."""

    def __init__(self, work: Work, sources: Mapping[str, Source], reader: Reader, writer: Writer | None) -> None:
        self.kinds = sources
        self._work = work
        self._reader = reader
        self._writer = writer
        self._given: dict[tuple[str, str], tuple[Any, ...]] = {}  # what the source said first holds for the unit

    # ------------------------------------------------------------------ reading

    async def get(self, kind: str, record_id: str) -> Record | None:
        """Return a record by its id."""
        own = await self._reader.get(kind, record_id)
        if own is not None or await self._reader.get(_shadow(kind), record_id) is not None:
            return own
        if (kind, record_id) in self._given:
            return Stored(self._given[kind, record_id])
        source = self.kinds[kind]
        found = await self._ask(source, lambda: source.get(kind, record_id))
        if found is None:
            return None
        self._ensure(source, found, kind, found.id == record_id)
        return self._give(found)

    async def find(self, query: Query) -> list[Record]:
        """Return the records that match: those of the source are the older ones."""
        if query.after:
            raise refuse_paging(query.kind)
        own = await self._reader.find(query)
        theirs = await self._theirs(query, {record.id for record in own})
        both = [*own, *theirs] if query.newest_first else [*theirs, *own]
        return both[: query.limit]

    async def _theirs(self, query: Query, own: set[str]) -> list[Record]:
        """Return the matching records of the source that nothing of ours overrules."""
        source, asked = self.kinds[query.kind], query.limit
        while True:
            wanted = replace(query, limit=asked)
            found = await self._ask(source, lambda wanted=wanted: source.find(wanted))
            for record in found:
                self._ensure(source, record, query.kind, query.owner in {None, record.owner})
            overruled = own | await self._overruled(query.kind, [record.id for record in found])
            left = [record for record in found if record.id not in overruled]
            if len(left) >= query.limit or len(found) < asked:
                return [self._give(record) for record in left[: query.limit]]
            asked *= 2

    async def _overruled(self, kind: str, ids: list[str]) -> set[str]:
        found: set[str] = set()
        for start in range(0, len(ids), SHADOWS):
            some = ids[start : start + SHADOWS]
            shadows = await self._reader.find(Query(_shadow(kind), keys={"of": some}, limit=len(some)))
            found |= {shadow.id for shadow in shadows}
        return found

    async def _ask(self, source: Source, question: Any) -> Any:  # noqa: ANN401 - any question of the protocol
        self._work.upstream(source.name)
        return await answer(source.name, self._work.settings.limits.source_seconds, question())

    @staticmethod
    def _ensure(source: Source, record: Record, kind: str, fitting: bool) -> None:  # noqa: FBT001 - a finding
        """Refuse what was not asked for: the record of another person would go to whoever asks."""
        if record.kind != kind or not fitting:
            logs.write(logs.ERROR, logging.WARNING, "source-wrong", source=source.name, kind=kind)
            raise Problem("upstream-error")

    def _give(self, record: Record) -> Record:
        """Return a record of the source as one that can be told from ours, and that nobody shares with the source."""
        place = (record.kind, record.id)
        if place not in self._given:
            texts = (json.dumps(part, ensure_ascii=False) for part in (record.doc, record.hidden, record.keys))
            version = -max(1, abs(record.version))
            self._given[place] = (UNPLACED, record.kind, record.id, record.owner, version, *texts)
        return Stored(self._given[place])

    # ------------------------------------------------------------------ writing

    @property
    def _tx(self) -> Writer:
        assert self._writer is not None, "the unit of work has asked"
        return self._writer

    async def add(self, record: Record, unique: Mapping[str, str]) -> Record:
        """Store a new record; what the source holds under its id or its unique keys counts as taken."""
        if await self.get(record.kind, record.id) is not None:
            raise DuplicateKey(record.kind, ["id"])
        await self._refuse_held(record, unique)
        stored = await self._tx.add(record, unique)
        await self._overrule(record)
        return stored

    async def save(self, record: Record, unique: Mapping[str, str] | None) -> Record:
        """Replace a record; one of the source is copied first, and the copy is what is replaced."""
        if record.version < 0:
            copy = await self._copied(record)
            record.seq, record.version = copy.seq, copy.version
        await self._refuse_held(record, unique or {})
        return await self._tx.save(record, unique)

    async def remove(self, record: Record) -> None:
        """Remove a record; it stays removed, also when the source holds it."""
        if record.version < 0:
            self._taken(record)
        else:
            await self._tx.remove(record)
        await self._overrule(record)

    async def _copied(self, record: Record) -> Record:
        """Store the record of the source as this unit saw it, and note in the journal where it came from."""
        original = self._taken(record)
        copy = Record(
            original.kind, original.id, 0, original.owner, 1, original.doc, original.hidden, dict(original.keys)
        )
        names = self._work.context.unique.get(copy.kind, ())
        try:
            stored = await self._tx.add(copy, {name: copy.keys[name] for name in names if name in copy.keys})
        except DuplicateKey as taken:
            if taken.names == ("id",):
                raise StaleRecord(copy.kind) from None
            raise
        await self._overrule(stored)
        self._work.journal("copy", original, source=self.kinds[copy.kind].name)
        return stored

    def _taken(self, record: Record) -> Record:
        """Return what the source gave this unit; it is given once, as a version is replaced once."""
        row = self._given.pop((record.kind, record.id), None)
        if row is None or row[4] != record.version:
            raise StaleRecord(record.kind)
        return Stored(row)

    async def _refuse_held(self, record: Record, unique: Mapping[str, str]) -> None:
        """Refuse a unique key that another record of the source holds."""
        for name, value in unique.items():
            held = await self._theirs(Query(record.kind, keys={name: value}, limit=1), {record.id})
            if held:
                raise DuplicateKey(record.kind, [name])

    async def _overrule(self, record: Record) -> None:
        """Let a record be ours for good, whatever becomes of it here and there."""
        shadow = _shadow(record.kind)
        if await self._reader.get(shadow, record.id) is None:
            await self._tx.add(Record(shadow, record.id, 0, "", 1, {}, {}, {"of": record.id}), {})


def _shadow(kind: str) -> str:
    return f"{kind}~"
