"""The PostgreSQL engine's views (`PostgresReader`) and units (`PostgresWriter`)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _postgres_sql as sql
from ._postgres_pending import Pending, place, short
from ._protocol import (
    STEADY,
    Blob,
    Delivery,
    DuplicateKey,
    IdempotencyKey,
    JournalEntry,
    Json,
    Keys,
    Query,
    Record,
    StaleRecord,
    StoreBusy,
    Stored,
    StoredAnswer,
    StoreUnavailable,
)
from ._sqlite_views import FAR, LEASE, dumps

if TYPE_CHECKING:
    from asyncpg import Connection

Fetch = Callable[..., Awaitable[Sequence[Any]]]


def pairs(keys: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return keys and their values as they are indexed."""
    return list(keys), [short(value) for value in keys.values()]


@dataclass(slots=True, frozen=True)
class Search:
    """A query as a statement, of which the columns are still open, and its parameters; the last one is the limit."""

    statement: str
    parameters: list[Any]


def _search(service: str, query: Query) -> Search:
    statement, parameters = sql.FIND, [service, query.kind]

    def number(value: Any) -> int:  # noqa: ANN401 - a parameter of any type
        parameters.append(value)
        return len(parameters)

    if query.owner is not None:
        statement += sql.FIND_OWNER.replace("{owner}", str(number(query.owner)))
    for name, wanted in query.keys.items():
        values = [short(value) for value in ([wanted] if isinstance(wanted, str) else wanted)]
        part = sql.FIND_KEY.replace("{name}", str(number(name)))
        statement += part.replace("{values}", str(number(values)))
    end = sql.FIND_DOWN if query.newest_first else sql.FIND_UP
    start = (query.after or FAR) if query.newest_first else query.after
    end = end.replace("{start}", str(number(start)))
    return Search(statement + end.replace("{limit}", str(number(query.limit))), parameters)


class PostgresReader:
    """Reads of one service's committed records, each in a view of its own."""

    def __init__(self, fetch: Fetch, service: str) -> None:
        self._fetch = fetch
        self._service = service

    async def get(self, kind: str, record_id: str) -> Record | None:
        """Return a record by its id."""
        rows = await self._fetch(sql.GET.format(columns=sql.COLUMNS), self._service, kind, record_id)
        return Stored(rows[0]) if rows else None

    async def find(self, query: Query) -> list[Record]:
        """Return the records that match, at most `query.limit`."""
        search = _search(self._service, query)
        rows = await self._fetch(search.statement.format(columns=sql.COLUMNS), *search.parameters)
        return [Stored(row) for row in rows]

    async def blob(self, blob_id: str) -> Blob | None:
        """Return a file."""
        rows = await self._fetch(sql.BLOB, self._service, blob_id)
        return Blob(*rows[0]) if rows else None

    async def journal(self, *, after: int = 0, limit: int = 1000) -> list[JournalEntry]:
        """Return links of the chain in order."""
        return [JournalEntry(*row) for row in await self._fetch(sql.CHAIN, self._service, after, limit)]

    async def accesses(self, subject: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Json]]:
        """Return who looked at a subject's records, with the number of each entry."""
        rows = await self._fetch(sql.ACCESSES, self._service, subject, after, limit)
        return [(seq, json.loads(entry)) for seq, entry in rows]

    async def answer(self, key: IdempotencyKey) -> StoredAnswer | None:
        """Return the stored answer to an idempotency key."""
        rows = await self._fetch(sql.ANSWER, self._service, *place(key))
        if not rows or rows[0]["status"] == 0:
            return None
        fingerprint, status, headers, body = rows[0]
        pairs = tuple((name, value) for name, value in json.loads(headers))
        return StoredAnswer(fingerprint, status, pairs, body)


@dataclass(slots=True, frozen=True)
class Sight:
    """What a unit saw: a search and the records it found, by number and version."""

    search: Search
    limit: int | None
    seen: list[tuple[int, int]]

    def again(self, count: int) -> tuple[str, list[Any]]:
        """Return the statement that looks again, past `count` records that the unit wrote itself."""
        parameters = list(self.search.parameters)
        if self.limit is not None:
            parameters[-1] = self.limit + count
        return self.search.statement.format(columns=sql.SIGHT), parameters

    def holds(self, rows: Sequence[Any], own: Container[int]) -> bool:
        """Tell whether what is found now is what was seen; what the unit wrote itself does not count."""
        before = [pair for pair in self.seen if pair[0] not in own]
        now = [(seq, version) for seq, version in rows if seq not in own]
        full = self.limit is not None and len(self.seen) >= self.limit
        return before == (now[: len(before)] if full else now)


def get_sight(service: str, kind: str, record_id: str, found: Record | None) -> Sight:
    """Return what a unit saw at the place of one record."""
    search = Search(sql.GET, [service, kind, record_id])
    return Sight(search, None, [(found.seq, found.version)] if found else [])


def find_sight(service: str, query: Query, found: Sequence[Record]) -> Sight:
    """Return what a unit saw of a query's records."""
    return Sight(_search(service, query), query.limit, [(record.seq, record.version) for record in found])


class PostgresWriter(PostgresReader):
    """A unit under way on a connection of its own.

    It reads without locks and remembers what it saw.  Before the journal is written, when no other unit of the
    service can commit, it looks again: if anything differs, the unit is `lost` and must run again.
    """

    def __init__(self, connection: Connection[Any], beside: Fetch, service: str, *, alone: bool = False) -> None:
        super().__init__(self._do, service)
        self._beside = beside  # runs a statement by itself, outside of this unit
        self._connection = connection
        self._alone = alone
        self._one_by_one = asyncio.Lock()  # a handler may gather; a connection takes one statement at a time
        self._sights: list[Sight] = []
        self._own: set[int] = set()  # records that this unit wrote itself
        self._reserved: set[IdempotencyKey] = set()
        self._pending = Pending()
        self._linked = False  # whether it holds the head of the chain
        self._head: int | None = None  # the last link when the unit began; None: not known
        self.error: Exception | None = None  # the first that the database reported
        self.lost = False
        self.at_key = False  # whether it waits for a twin

    async def _do(self, statement: str, *parameters: Any) -> Sequence[Any]:  # noqa: ANN401 - of any type
        import asyncpg  # noqa: PLC0415 - a store on SQLite does without

        async with self._one_by_one:
            try:
                rows: Sequence[Any] = await self._connection.fetch(statement, *parameters)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                self.error = self.error or error
                raise
        return rows

    # ------------------------------------------------------------------ reading, and whether it still holds

    async def get(self, kind: str, record_id: str) -> Record | None:
        """Return a record by its id."""
        found = await super().get(kind, record_id)
        self._saw(kind, get_sight(self._service, kind, record_id, found))
        return found

    async def find(self, query: Query) -> list[Record]:
        """Return the records that match, at most `query.limit`."""
        found = await super().find(query)
        self._saw(query.kind, find_sight(self._service, query, found))
        return found

    def _saw(self, kind: str, sight: Sight) -> None:
        if kind not in STEADY:
            self._sights.append(sight)

    def _steadily(self, record: Record) -> None:
        """Refuse to change a kind that others read without looking again, unless no other unit runs."""
        if record.kind in STEADY and not self._alone:
            self.lost = True
            raise StoreBusy("only a unit that runs alone may change this")

    def _doubts(self) -> list[Sight]:
        """Return the sights that others may have changed: not those of records that this unit wrote itself."""
        if self._alone:
            return []
        return [sight for sight in self._sights if sight.limit is not None or not self._owns(sight)]

    def _owns(self, sight: Sight) -> bool:
        return bool(sight.seen) and all(seq in self._own for seq, _ in sight.seen)

    async def _holds(self) -> bool:
        """Tell whether everything that the unit read is still so; what it wrote itself does not count."""
        for sight in self._doubts():
            statement, parameters = sight.again(len(self._own))
            if not sight.holds(await self._do(statement, *parameters), self._own):
                return False
        return True

    async def journal(self, *, after: int = 0, limit: int = 1000) -> list[JournalEntry]:
        """Return links of the chain in order, those of this unit included."""
        await self._flush()
        return await super().journal(after=after, limit=limit)

    async def accesses(self, subject: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Json]]:
        """Return who looked at a subject's records, those of this unit included."""
        await self._flush()
        return await super().accesses(subject, after=after, limit=limit)

    # ------------------------------------------------------------------ records

    async def add(self, record: Record, unique: Keys) -> Record:
        """Store a new record and number it."""
        self._steadily(record)
        texts = (dumps(record.doc), dumps(record.hidden), dumps(record.keys))
        keys = (*pairs(record.keys), *pairs(unique))
        rows = await self._do(sql.ADD, self._service, record.kind, record.id, record.owner, *texts, *keys)
        seq, names = rows[0]
        taken = ["id"] if seq is None else [name for name in unique if name not in names]
        if taken:
            if seq is not None:
                await self._do(sql.UNDO_ADD, seq)
            await self._refuse(record, taken)
        self._own.add(seq)
        record.seq, record.version = seq, 1
        return record

    async def save(self, record: Record, unique: Keys | None) -> Record:
        """Replace a record of the version read; `unique` None keeps the unique keys it has."""
        self._steadily(record)
        claimed = await self._claim(record, unique) if unique else {}
        texts = (dumps(record.doc), dumps(record.hidden), dumps(record.keys))
        where = (self._service, record.kind, record.id, record.version)
        if unique is None:
            rows = await self._do(sql.SAVE, *where, *texts)
        else:
            rows = await self._do(sql.SAVE_KEYS, *where, *texts, *pairs(record.keys), *pairs(unique))
        if not rows:
            await self._unclaim(record, claimed)
            self._stale(record)
        self._own.add(record.seq)
        record.version += 1
        return record

    async def remove(self, record: Record) -> None:
        """Remove a record with its keys."""
        self._steadily(record)
        if not await self._do(sql.REMOVE, self._service, record.kind, record.id, record.version):
            self._stale(record)
        self._own.add(record.seq)

    async def _claim(self, record: Record, unique: Keys) -> dict[str, str]:
        """Take unique keys for a stored record and return those that are new to it."""
        rows = await self._do(sql.CLAIM, self._service, record.kind, record.seq, *pairs(unique))
        claimed = {name: unique[name] for name, new, _ in rows if new}
        taken = [name for name, new, own in rows if not (new or own)]
        if taken:
            await self._unclaim(record, claimed)
            await self._refuse(record, taken)
        return claimed

    async def _unclaim(self, record: Record, claimed: Keys) -> None:
        if claimed:
            await self._do(sql.UNCLAIM, self._service, record.kind, record.seq, *pairs(claimed))

    async def _refuse(self, record: Record, names: Sequence[str]) -> None:
        """Refuse a taken key; when its holder came while the unit ran, the unit may find it and say more."""
        self.lost = self.lost or not await self._holds()
        raise DuplicateKey(record.kind, names)

    def _stale(self, record: Record) -> None:
        """Refuse a version that is none any more; when the unit itself had read it, it lost a race."""
        mine = (record.seq, record.version)
        read = record.seq not in self._own and any(mine in sight.seen for sight in self._sights)
        self.lost = self.lost or read
        raise StaleRecord(record.kind)

    # ------------------------------------------------------------------ evidence, answers, messages

    async def next_number(self, series: str) -> int:
        """Count a series up by one, starting at 1; others that count wait for the commit, so none is left out."""
        rows = await self._do(sql.COUNT, self._service, series)
        return int(rows[0][0])

    async def take_number(self, series: str) -> int:
        """Take a number of a series by itself: nobody waits for this unit, and one that is undone leaves a gap."""
        rows = await self._beside(sql.TAKE, self._service, series, 1)
        return int(rows[0][0])

    async def append_journal(self, entry: str) -> None:
        """Append a canonical entry to the chain, at the end of the unit."""
        self._pending.links.append(entry)

    async def answer(self, key: IdempotencyKey) -> StoredAnswer | None:
        """Return the stored answer to an idempotency key, or take the key: twins wait until this unit ends."""
        await self._flush()
        while key not in self._reserved:
            self.at_key = True
            rows = await self._do(sql.RESERVE, self._service, *place(key))
            self.at_key = False
            if rows[0]["reserved"]:
                self._reserved.add(key)
                if not self._sights:
                    self._head = rows[0]["head"] or 0
                return None
            stored = await super().answer(key)
            if stored is not None:
                return stored
        return await super().answer(key)

    async def keep_answer(self, key: IdempotencyKey, answer: StoredAnswer, at: float) -> None:
        """Store the first answer to an idempotency key, at the end of the unit."""
        self._pending.answer(key, answer, at)
        self._reserved.discard(key)

    async def add_event(self, event: Json, subscriptions: Sequence[str], at: float) -> None:
        """Put an event into the outbox, numbered per subject, due at once for each subscription."""
        self._pending.event(event, subscriptions, at)

    async def add_access(self, subject: str, entry: Json) -> None:
        """Note that somebody read a subject's record."""
        self._pending.access(subject, entry)

    async def finish(self) -> str:
        """Write what waited for the end; return the statements that commit the unit."""
        for key in self._reserved:
            await self._do(sql.RELEASE, self._service, *place(key))
        last = None
        if len(self._pending.links) == 1 and not self._linked and not self._doubts():
            last = self._pending.links.pop()
        await self._flush(last)
        return sql.COMMIT if last is None else sql.LINK_AND_COMMIT

    async def _flush(self, last: str | None = None) -> None:
        """Write what waits; from its link of the journal on no other unit of the service can commit."""
        while self._pending or last is not None:
            pending, self._pending = self._pending, Pending()
            link = pending.links[0] if pending.links else None
            self._pending.links = pending.links[1:]
            rows = await self._do(sql.FLUSH, *pending.parameters(self._service, link=link, last=last))
            last = None
            kept, number = rows[0][:2]
            if kept != len(pending.answers):
                raise StoreUnavailable("the idempotency key has its answer already")
            if link is None or self._linked:
                continue
            self._linked = True
            nobody_between = self._head is not None and number == self._head + 1
            if not nobody_between and not await self._holds():
                self.lost = True
            self._sights.clear()

    async def see(self, source: str, message_id: str, at: float) -> bool:
        """Note an incoming message; False when it was seen before."""
        return bool(await self._do(sql.SEE, self._service, short(source), short(message_id), at))

    async def add_blob(self, blob: Blob) -> None:
        """Store a file."""
        await self._do(sql.ADD_BLOB, self._service, blob.id, blob.media_type, blob.sha256, blob.data)

    async def remove_blob(self, blob_id: str) -> None:
        """Remove a file."""
        await self._do(sql.REMOVE_BLOB, self._service, blob_id)

    async def due(self, at: float, limit: int) -> list[Delivery]:
        """Return the deliveries that are due, the oldest of each subscription and subject only."""
        await self._flush()
        rows = await self._do(sql.DUE, self._service, at, limit, at + LEASE)
        return [
            Delivery(number, subscription, json.loads(event), attempts, first_at)
            for number, subscription, event, attempts, first_at in sorted(rows, key=lambda row: int(row[0]))
        ]

    async def settle(self, delivery: int, state: str, attempts: int, next_at: float) -> None:
        """Record how a delivery went: `delivered`, `waiting` or `parked`."""
        await self._do(sql.SETTLE, state, attempts, next_at, self._service, delivery)
