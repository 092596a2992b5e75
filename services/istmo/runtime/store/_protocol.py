"""What a store is: records, their journal and their messages, read in views and written in units."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

T = TypeVar("T")

Json = dict[str, Any]
Keys = Mapping[str, str]


# Nearly every unit reads these kinds and few write them.  An engine that runs units side by side runs those few alone,
# so nobody has to look again whether what was read of them still holds.
STEADY = frozenset({"subscriptions"})


class StoreUnavailable(Exception):
    """The store cannot take work now; nothing of the unit was kept."""


class StoreBusy(StoreUnavailable):
    """The unit did not get its turn in time, or did not end in time."""


class KeyBusy(StoreBusy):
    """The first call with the same idempotency key still runs."""


class DuplicateKey(Exception):
    """A unique key is taken by another record."""

    def __init__(self, kind: str, names: Sequence[str]) -> None:
        super().__init__(f"{kind}: {', '.join(names)}")
        self.kind = kind
        self.names = tuple(names)


class StaleRecord(Exception):
    """The record was changed or removed since it was read."""


@dataclass(slots=True)
class Record:
    """One stored resource: `doc` is what is served, `hidden` stays inside, `keys` are indexed values."""

    kind: str
    id: str
    seq: int
    owner: str
    version: int
    doc: Json
    hidden: Json = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


TEXTS = {"doc": 5, "hidden": 6, "keys": 7}  # places in a row


class Stored(Record):
    """A record as the database holds it: what is text there becomes a document when somebody asks for it.

    It is made from a row: number, kind, id, owner, version, and the texts of `doc`, `hidden` and `keys`.
    """

    __slots__ = ("_row", "text")
    text: str | None  # the document as it is stored, while nobody has asked for it as a document

    def __init__(self, row: Sequence[Any] = (), **fields: Any) -> None:  # noqa: ANN401 - those of a record
        if fields:  # as `dataclasses.replace` makes a changed copy
            super().__init__(**fields)
            self.text = None
            self._row: Sequence[Any] = ()
            return
        self.seq, self.kind, self.id, self.owner, self.version, self.text, _, _ = self._row = row

    if not TYPE_CHECKING:  # a checker must go on to know every name

        def __getattr__(self, name: str) -> Any:
            """Read a text when it is asked for, once: whoever has the document may change it."""
            place = TEXTS.get(name)
            if place is None:
                raise AttributeError(name)
            value = json.loads(self._row[place])
            setattr(self, name, value)
            if name == "doc":
                self.text = None
            return value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and all(
            getattr(self, name) == getattr(other, name) for name in Record.__slots__
        )

    __hash__ = None  # type: ignore[assignment] # as that of every record


@dataclass(slots=True, frozen=True)
class Query:
    """A bounded search by kind, owner and indexed keys, in the order of creation."""

    kind: str
    owner: str | None = None
    keys: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    limit: int = 100
    after: int = 0
    newest_first: bool = False


@dataclass(slots=True, frozen=True)
class StoredAnswer:
    """The first answer to an idempotency key, kept for its replays."""

    fingerprint: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(slots=True, frozen=True)
class IdempotencyKey:
    """Whose key it is, and for what: two clients or two paths never share one."""

    client: str
    path: str
    key: str


@dataclass(slots=True, frozen=True)
class JournalEntry:
    """One link of the chain: `digest` covers the previous digest and the canonical entry."""

    seq: int
    previous: str
    entry: str
    digest: str


@dataclass(slots=True, frozen=True)
class Blob:
    """The bytes of a file."""

    id: str
    media_type: str
    sha256: str
    data: bytes


@dataclass(slots=True, frozen=True)
class Delivery:
    """One event on its way to one subscription."""

    id: int
    subscription: str
    event: Json
    attempts: int
    first_at: float


class Reader(Protocol):
    """A view of one service's records."""

    async def get(self, kind: str, record_id: str) -> Record | None:
        """Return a record by its id."""
        ...

    async def find(self, query: Query) -> list[Record]:
        """Return the records that match, at most `query.limit`."""
        ...

    async def blob(self, blob_id: str) -> Blob | None:
        """Return a file."""
        ...

    async def journal(self, *, after: int = 0, limit: int = 1000) -> list[JournalEntry]:
        """Return links of the chain in order."""
        ...

    async def accesses(self, subject: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Json]]:
        """Return who looked at a subject's records, with the number of each entry."""
        ...

    async def answer(self, key: IdempotencyKey) -> StoredAnswer | None:
        """Return the stored answer to an idempotency key."""
        ...


class Writer(Reader, Protocol):
    """A unit under way: what it writes is kept whole or not at all."""

    async def add(self, record: Record, unique: Keys) -> Record:
        """Store a new record and number it."""
        ...

    async def save(self, record: Record, unique: Keys | None) -> Record:
        """Replace a record of the version read; `unique` None keeps the unique keys it has."""
        ...

    async def remove(self, record: Record) -> None:
        """Remove a record with its keys."""
        ...

    async def next_number(self, series: str) -> int:
        """Count a series up by one, starting at 1: no number is left out, so others that count wait for the commit."""
        ...

    async def take_number(self, series: str) -> int:
        """Return a number of a series that nobody else gets; one that an undone unit took may be left out."""
        ...

    async def append_journal(self, entry: str) -> None:
        """Append a canonical entry to the chain."""
        ...

    async def keep_answer(self, key: IdempotencyKey, answer: StoredAnswer, at: float) -> None:
        """Store the first answer to an idempotency key."""
        ...

    async def add_event(self, event: Json, subscriptions: Sequence[str], at: float) -> None:
        """Put an event into the outbox, with the next `sequence` of its subject, due at once for each subscription."""
        ...

    async def see(self, source: str, message_id: str, at: float) -> bool:
        """Note an incoming message; False when it was seen before."""
        ...

    async def add_access(self, subject: str, entry: Json) -> None:
        """Note that somebody read a subject's record."""
        ...

    async def add_blob(self, blob: Blob) -> None:
        """Store a file."""
        ...

    async def remove_blob(self, blob_id: str) -> None:
        """Remove a file."""
        ...

    async def due(self, at: float, limit: int) -> list[Delivery]:
        """Return the deliveries that are due, the oldest of each subscription and subject only."""
        ...

    async def settle(self, delivery: int, state: str, attempts: int, next_at: float) -> None:
        """Record how a delivery went: `delivered`, `waiting` or `parked`."""
        ...


Unit = Callable[[Writer], Awaitable[T]]


class Store(Protocol):
    """A database for all services of one process; every call names the service it works for."""

    @property
    def alone(self) -> bool:
        """Whether no other process can ever see this database."""
        ...

    async def open(self) -> None:
        """Connect, create or migrate the schema, start the writer."""
        ...

    async def close(self) -> None:
        """Finish the units under way and disconnect."""
        ...

    def reader(self, service: str) -> Reader:
        """Return a view of one service's committed records."""
        ...

    async def write(self, service: str, unit: Unit[T]) -> T:
        """Run a unit in one transaction and return its result after the commit."""
        ...

    async def secret(self, name: str, make: Callable[[], str]) -> str:
        """Return a value that all processes on this database share, made by the first that asks."""
        ...

    async def shared(self, name: str) -> str | None:
        """Return a committed value that all processes on this database see, or None."""
        ...

    async def share(self, name: str, value: str | None) -> None:
        """Set a value that all processes see; None removes it."""
        ...

    async def failures(self, service: str, place: str, since: float) -> list[float]:
        """Return when something failed at a place after an instant, the oldest first."""
        ...

    async def fail(self, service: str, place: str, at: float) -> None:
        """Note a failure at a place."""
        ...

    async def next_due(self) -> float | None:
        """Return when the next delivery of any service is due."""
        ...

    async def reset(self, service: str, unit: Unit[T]) -> T:
        """Remove everything that a service stored, then run a unit; an engine may do both in one transaction."""
        ...

    async def forget(self, before: datetime) -> None:
        """Drop idempotency keys, seen messages and failures older than an instant."""
        ...

    async def ready(self) -> bool:
        """Tell whether a write would be taken now."""
        ...

    async def backlog(self) -> Mapping[str, int]:
        """Return how many deliveries of all services are `waiting` and how many are `parked`."""
        ...

    def engine(self) -> tuple[str, str]:
        """Return the name of the database engine, in lower case, and its version."""
        ...

    def warnings(self) -> list[str]:
        """Return what an operator should know about this database."""
        ...
