"""A PostgreSQL unit that has nothing open in the database: it keeps what it writes until a group is committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from ._postgres_pending import Pending, place, short
from ._postgres_views import PostgresReader, Sight, find_sight, get_sight, pairs
from ._protocol import STEADY, Query, Record, Stored
from ._sqlite_views import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._postgres_group import Group
    from ._protocol import Blob, Delivery, IdempotencyKey, JournalEntry, Json, Keys, StoredAnswer

Place = tuple[str, str]  # the kind and the id of a record


class Slow(Exception):
    """The unit needs a transaction of its own; `alone` when no other may run beside it."""

    def __init__(self, *, alone: bool = False) -> None:
        super().__init__("the unit needs a transaction of its own")
        self.alone = alone


@dataclass(slots=True)
class Kept:
    """A record as the unit leaves it, and what of its keys goes into the indexes; None: they stay as they are."""

    given: Record
    record: Stored
    base: int  # the version that it replaces; 0: it is new
    texts: tuple[str, str, str]
    keys: Mapping[str, str] | None
    unique: Keys | None


@dataclass(slots=True)
class Seen:
    """What a unit looked for, in the form in which another unit's writes are held against it."""

    sight: Sight
    kind: str
    id: str | None = None
    query: Query | None = None

    def touched(self, kept: Kept) -> bool:
        """Tell whether a record that another unit leaves so changes what was seen."""
        record = kept.record
        if record.kind != self.kind:
            return False
        if self.query is None:
            return record.id == self.id
        if kept.base and any(record.seq == seq for seq, _ in self.sight.seen):
            return True
        return kept.keys is not None and matches(self.query, record.owner, kept.keys)


def matches(query: Query, owner: str, keys: Mapping[str, str]) -> bool:
    """Tell whether a query may find a record of an owner under some keys."""
    if query.owner not in {None, owner}:
        return False
    for name, wanted in query.keys.items():
        values = [wanted] if isinstance(wanted, str) else wanted
        if name not in keys or short(keys[name]) not in map(short, values):
            return False
    return True


class Hasty(PostgresReader):
    """A unit that reads what is committed and keeps what it writes; whatever it cannot do is `Slow`."""

    tentative = True  # a unit that goes on in a transaction of its own has not been begun twice by chance

    def __init__(self, group: Group, service: str) -> None:
        super().__init__(group.fetch, service)
        self._group = group
        self.slow: Slow | None = None
        self.used = False  # whether it asked or wrote anything
        self.at_key = False  # whether it waits for a twin
        self.held: set[IdempotencyKey] = set()
        self.head: int | None = None  # the last link when the unit began to look
        self.reset: str | None = None  # what names the last reset then
        self.seen: list[Seen] = []
        self.steady: dict[str, list[list[str]]] = {}
        self.kept: dict[Place, Kept] = {}
        self.pending = Pending()
        self._given: list[tuple[Record, int]] = []

    @property
    def writes(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.kept or self.pending)

    @property
    def size(self) -> int:
        """How much it writes, in characters."""
        kept = sum(len(text) for one in self.kept.values() for text in one.texts)
        return kept + sum(len(row[6]) for row in self.pending.answers)

    def undo(self) -> None:
        """Leave the records that were given as they were, for the unit to run again."""
        for record, version in reversed(self._given):
            record.version = version

    def _slow(self, *, alone: bool = False) -> NoReturn:
        self.slow = Slow(alone=alone)  # remembered: a handler may catch what it does not know
        raise self.slow

    async def _begin(self) -> None:
        """Learn how the service stands before the first thing is read or taken."""
        self.used = True
        if self.head is None:
            standing = await self._group.asking.looks.ask(None)
            if self.head is None:
                self.head, self.reset = standing.head, standing.reset

    # ------------------------------------------------------------------ reading

    async def get(self, kind: str, record_id: str) -> Record | None:
        """Return a record by its id."""
        if kind in STEADY or (kind, record_id) in self.kept:
            self._slow()
        await self._begin()
        row = await self._group.asking.gets.ask((kind, record_id))
        found = None if row is None else Stored(row)
        sight = get_sight(self._service, kind, record_id, found)
        self.seen.append(Seen(sight, kind, record_id))
        return found

    async def find(self, query: Query) -> list[Record]:
        """Return the records that match, at most `query.limit`."""
        if any(kind == query.kind for kind, _ in self.kept):
            self._slow()
        if query.kind in STEADY:
            return await self._find_steady(query)
        await self._begin()
        found = await super().find(query)
        self.seen.append(Seen(find_sight(self._service, query, found), query.kind, query=query))
        return found

    async def _find_steady(self, query: Query) -> list[Record]:
        """Return all records of a kind, as the group knows them: it looks again when it commits."""
        if query != Query(query.kind, limit=query.limit):
            self._slow()
        self.used = True
        rows = await self._group.steady_rows(query.kind)
        if len(rows) >= query.limit:
            self._slow()
        self.steady[query.kind] = [[query.kind, str(row[0]), str(row[4])] for row in rows]
        return [Stored(row) for row in rows]

    async def blob(self, blob_id: str) -> Blob | None:
        """Return a file."""
        await self._begin()
        return await super().blob(blob_id)

    async def journal(self, *, after: int = 0, limit: int = 1000) -> list[JournalEntry]:
        """Return links of the chain in order."""
        if self.pending.links:
            self._slow()
        await self._begin()
        return await super().journal(after=after, limit=limit)

    async def accesses(self, subject: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Json]]:
        """Return who looked at a subject's records."""
        if self.pending.accesses:
            self._slow()
        await self._begin()
        return await super().accesses(subject, after=after, limit=limit)

    async def answer(self, key: IdempotencyKey) -> StoredAnswer | None:
        """Return the stored answer to an idempotency key; twins of this process wait for each other."""
        if self.pending.answers:
            self._slow()
        self.used = True
        if key not in self.held:
            self.at_key = True
            await self._group.hold(key)
            self.held.add(key)
            self.at_key = False
        standing = await self._group.asking.looks.ask(key)
        if self.head is None:
            self.head, self.reset = standing.head, standing.reset
        return standing.answer

    # ------------------------------------------------------------------ records

    async def add(self, record: Record, unique: Keys) -> Record:
        """Keep a new record; it gets its number when it is committed."""
        where = (record.kind, record.id)
        if record.kind in STEADY or where in self.kept:
            self._slow(alone=record.kind in STEADY)
        self.used = True
        self._given.append((record, record.version))
        record.version = 1
        return self._keep(record, 0, dict(record.keys), dict(unique))

    async def save(self, record: Record, unique: Keys | None) -> Record:
        """Keep a record of the version read; `unique` None keeps the unique keys it has."""
        if record.kind in STEADY:
            self._slow(alone=True)
        self.used = True
        before = self.kept.get((record.kind, record.id))
        if before is not None and before.record.version != record.version:
            self._slow()
        base = record.version if before is None else before.base
        keys = None if before is None else before.keys
        owned = None if before is None else before.unique
        if unique is not None:
            keys, owned = dict(record.keys), dict(unique)
        self._given.append((record, record.version))
        record.version += 1
        return self._keep(record, base, keys, owned)

    def _keep(self, record: Record, base: int, keys: Keys | None, unique: Keys | None) -> Record:
        """Keep what a unit writes; its texts are fixed now, whatever becomes of the documents that were given."""
        texts = (dumps(record.doc), dumps(record.hidden), dumps(record.keys))
        stored = Stored((record.seq, record.kind, record.id, record.owner, record.version, *texts))
        self.kept[record.kind, record.id] = Kept(record, stored, base, texts, keys, unique)
        claims = [(one.record.kind, *pair) for one in self.kept.values() for pair in claimed(one)]
        if len(claims) != len(set(claims)):
            self._slow()
        return stored

    async def remove(self, _record: Record) -> None:
        """Leave it to a transaction."""
        self._slow(alone=_record.kind in STEADY)

    # ------------------------------------------------------------------ evidence, answers, messages

    async def next_number(self, _series: str) -> int:
        """Leave it to a transaction."""
        self._slow()

    async def take_number(self, series: str) -> int:
        """Take a number of a series; one that a unit took in vain is left out."""
        await self._begin()
        return await self._group.asking.takes.ask(series)

    async def append_journal(self, entry: str) -> None:
        """Append a canonical entry to the chain, at the end of the unit."""
        self.used = True
        self.pending.links.append(entry)

    async def keep_answer(self, key: IdempotencyKey, answer: StoredAnswer, at: float) -> None:
        """Store the first answer to an idempotency key, at the end of the unit."""
        self.used = True
        if any(row[:3] == place(key) for row in self.pending.answers):
            self._slow()
        self.pending.answer(key, answer, at)

    async def add_event(self, event: Json, subscriptions: Sequence[str], at: float) -> None:
        """Put an event into the outbox, numbered per subject, due at once for each subscription."""
        self.used = True
        self.pending.event(event, subscriptions, at)

    async def add_access(self, subject: str, entry: Json) -> None:
        """Note that somebody read a subject's record."""
        self.used = True
        self.pending.access(subject, entry)

    async def see(self, _source: str, _message_id: str, _at: float) -> bool:
        """Leave it to a transaction."""
        self._slow()

    async def add_blob(self, _blob: Blob) -> None:
        """Leave it to a transaction."""
        self._slow()

    async def remove_blob(self, _blob_id: str) -> None:
        """Leave it to a transaction."""
        self._slow()

    async def due(self, _at: float, _limit: int) -> list[Delivery]:
        """Leave it to a transaction."""
        self._slow()

    async def settle(self, _delivery: int, _state: str, _attempts: int, _next_at: float) -> None:
        """Leave it to a transaction."""
        self._slow()


def claimed(kept: Kept) -> list[tuple[str, str]]:
    """Return the unique keys of a record as they are indexed."""
    return [] if kept.unique is None else list(zip(*pairs(kept.unique), strict=True))
