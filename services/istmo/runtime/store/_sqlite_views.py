"""The SQLite engine's views (`SqliteReader`) and units (`SqliteWriter`) over one connection."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any, Final

from . import _sqlite_sql as sql
from ._protocol import (
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
    Stored,
    StoredAnswer,
    StoreUnavailable,
)
from .chain import GENESIS, link_digest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

LEASE = 60.0  # seconds for which a claimed delivery is left to the worker that claimed it
FAR = 2**62  # above every sequence number


# It writes JSON compactly, in UTF-8 rather than in escapes.
dumps: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class SqliteReader:
    """Reads of one service; every read waits until `settled`, so that it sees committed records only."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        service: str,
        settled: Callable[[], Awaitable[None] | None] | None = None,
    ) -> None:
        self._connection = connection
        self._service = service
        self._settled = settled

    async def _rows(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        if self._settled is not None and (wait := self._settled()):
            await wait
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(str(error)) from error

    async def get(self, kind: str, record_id: str) -> Record | None:
        """Return a record by its id."""
        rows = await self._rows(sql.GET, (self._service, kind, record_id))
        return Stored(rows[0]) if rows else None

    async def find(self, query: Query) -> list[Record]:
        """Return the records that match, at most `query.limit`."""
        statement, parameters = sql.FIND, [self._service, query.kind]
        if query.owner is not None:
            statement += sql.FIND_OWNER
            parameters.append(query.owner)
        for name, wanted in query.keys.items():
            values = [wanted] if isinstance(wanted, str) else list(wanted)
            statement += sql.FIND_KEY.format(marks=", ".join("?" * len(values)))
            parameters += [self._service, query.kind, name, *values]
        statement += sql.FIND_DOWN if query.newest_first else sql.FIND_UP
        start = (query.after or FAR) if query.newest_first else query.after
        return [Stored(row) for row in await self._rows(statement, [*parameters, start, query.limit])]

    async def blob(self, blob_id: str) -> Blob | None:
        """Return a file."""
        rows = await self._rows(sql.BLOB, (self._service, blob_id))
        return Blob(*rows[0]) if rows else None

    async def journal(self, *, after: int = 0, limit: int = 1000) -> list[JournalEntry]:
        """Return links of the chain in order."""
        return [JournalEntry(*row) for row in await self._rows(sql.CHAIN, (self._service, after, limit))]

    async def accesses(self, subject: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Json]]:
        """Return who looked at a subject's records, with the number of each entry."""
        rows = await self._rows(sql.ACCESSES, (self._service, subject, after, limit))
        return [(seq, json.loads(entry)) for seq, entry in rows]

    async def answer(self, key: IdempotencyKey) -> StoredAnswer | None:
        """Return the stored answer to an idempotency key."""
        rows = await self._rows(sql.ANSWER, (self._service, key.client, key.path, key.key))
        if not rows:
            return None
        fingerprint, status, headers, body = rows[0]
        pairs = tuple((name, value) for name, value in json.loads(headers))
        return StoredAnswer(fingerprint, status, pairs, body)


class SqliteWriter(SqliteReader):
    """A unit under way on the writing connection."""

    def __init__(self, connection: sqlite3.Connection, service: str, *, heads: dict[str, JournalEntry]) -> None:
        super().__init__(connection, service)
        self._heads = heads  # the last links of the journals, as far as this transaction knows them

    def _do(self, statement: str, parameters: Sequence[Any]) -> sqlite3.Cursor:
        return self._connection.execute(statement, parameters)

    async def add(self, record: Record, unique: Keys) -> Record:
        """Store a new record and number it."""
        self._refuse_taken(record, unique)
        texts = self._texts(record)
        values = (self._service, record.kind, record.id, record.owner, *texts)
        try:
            seq = self._do(sql.ADD, values).lastrowid
        except sqlite3.IntegrityError:
            raise DuplicateKey(record.kind, ["id"]) from None
        assert seq is not None, "an insert has a row"
        record.seq, record.version = seq, 1
        self._index(record, unique)
        return self._kept(record, texts)

    async def save(self, record: Record, unique: Keys | None) -> Record:
        """Replace a record of the version read; `unique` None keeps the unique keys it has."""
        if unique is not None:
            self._refuse_taken(record, unique)
        where = (self._service, record.kind, record.id, record.version)
        texts = self._texts(record)
        if self._do(sql.SAVE, (*texts, *where)).rowcount != 1:
            raise StaleRecord(record.kind)
        record.version += 1
        if unique is not None:
            self._do(sql.DROP_KEYS, (record.seq,))
            self._do(sql.DROP_UNIQUE, (record.seq,))
            self._index(record, unique)
        return self._kept(record, texts)

    async def remove(self, record: Record) -> None:
        """Remove a record with its keys."""
        where = (self._service, record.kind, record.id, record.version)
        if self._do(sql.REMOVE, where).rowcount != 1:
            raise StaleRecord(record.kind)

    @staticmethod
    def _texts(record: Record) -> tuple[str, str, str]:
        return dumps(record.doc), dumps(record.hidden), dumps(record.keys)

    @staticmethod
    def _kept(record: Record, texts: tuple[str, str, str]) -> Stored:
        """Return a record as it is stored now, whatever becomes of the document that was given."""
        return Stored((record.seq, record.kind, record.id, record.owner, record.version, *texts))

    def _refuse_taken(self, record: Record, unique: Keys) -> None:
        taken = [
            name
            for name, value in unique.items()
            for (seq,) in self._do(sql.HOLDER, (self._service, record.kind, name, value))
            if seq != record.seq
        ]
        if taken:
            raise DuplicateKey(record.kind, taken)

    def _index(self, record: Record, unique: Keys) -> None:
        for name, value in record.keys.items():
            self._do(sql.ADD_KEY, (self._service, record.kind, name, value, record.seq))
        for name, value in unique.items():
            self._do(sql.ADD_UNIQUE, (self._service, record.kind, name, value, record.seq))

    async def next_number(self, series: str) -> int:
        """Count a series up by one, starting at 1."""
        rows = self._do(sql.COUNT, (self._service, series)).fetchall()
        return int(rows[0][0])

    async def take_number(self, series: str) -> int:
        """Count a series up by one; here nobody waits longer for it, so no number is left out either."""
        return await self.next_number(series)

    async def append_journal(self, entry: str) -> None:
        """Append a canonical entry to the chain."""
        seq, previous = self._head()
        link = JournalEntry(seq + 1, previous, entry, link_digest(previous, entry))
        self._do(sql.LINK, (self._service, link.seq, link.previous, link.entry, link.digest))
        self._heads[self._service] = link

    def _head(self) -> tuple[int, str]:
        known = self._heads.get(self._service)
        if known is not None:
            return known.seq, known.digest
        return self._do(sql.HEAD, (self._service,)).fetchone() or (0, GENESIS)

    async def keep_answer(self, key: IdempotencyKey, answer: StoredAnswer, at: float) -> None:
        """Store the first answer to an idempotency key."""
        headers = dumps([list(pair) for pair in answer.headers])
        place = (self._service, key.client, key.path, key.key)
        self._do(sql.KEEP_ANSWER, (*place, answer.fingerprint, answer.status, headers, bytes(answer.body), at))

    async def add_event(self, event: Json, subscriptions: Sequence[str], at: float) -> None:
        """Put an event into the outbox, with the next `sequence` of its subject, due at once for each subscription."""
        subject = str(event.get("subject", ""))
        numbered = event | {"sequence": await self.next_number(f"event:{subject}")}
        seq = self._do(sql.ADD_EVENT, (self._service, dumps(numbered), at)).lastrowid
        for subscription in subscriptions:
            self._do(sql.ADD_DELIVERY, (self._service, seq, subscription, subject, at, at))

    async def see(self, source: str, message_id: str, at: float) -> bool:
        """Note an incoming message; False when it was seen before."""
        return self._do(sql.SEE, (self._service, source, message_id, at)).rowcount == 1

    async def add_access(self, subject: str, entry: Json) -> None:
        """Note that somebody read a subject's record."""
        self._do(sql.ADD_ACCESS, (self._service, subject, dumps(entry)))

    async def add_blob(self, blob: Blob) -> None:
        """Store a file."""
        self._do(sql.ADD_BLOB, (self._service, blob.id, blob.media_type, blob.sha256, blob.data))

    async def remove_blob(self, blob_id: str) -> None:
        """Remove a file."""
        self._do(sql.REMOVE_BLOB, (self._service, blob_id))

    async def due(self, at: float, limit: int) -> list[Delivery]:
        """Return the deliveries that are due, the oldest of each subscription and subject only."""
        found = [
            Delivery(row[0], row[1], json.loads(row[2]), row[3], row[4])
            for row in self._do(sql.DUE, (self._service, at, limit))
        ]
        for delivery in found:
            self._do(sql.CLAIM, (at + LEASE, delivery.id))
        return found

    async def settle(self, delivery: int, state: str, attempts: int, next_at: float) -> None:
        """Record how a delivery went: `delivered`, `waiting` or `parked`."""
        self._do(sql.SETTLE, (state, attempts, next_at, self._service, delivery))
