"""What a PostgreSQL unit writes but never reads again: it goes to the database at the unit's end, in one statement."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ._sqlite_views import dumps
from .chain import GENESIS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._protocol import IdempotencyKey, Json, StoredAnswer

LONGEST = 500  # bytes of a value in an index; PostgreSQL refuses 2,700


def short(value: str) -> str:
    """Return a value as it is indexed: one that is too long for an index by its digest."""
    data = value.encode()
    return value if len(data) <= LONGEST else f"sha256:{hashlib.sha256(data).hexdigest()}"


def place(key: IdempotencyKey) -> tuple[str, str, str]:
    """Return an idempotency key as it is indexed."""
    return short(key.client), short(key.path), key.key


@dataclass(slots=True)
class Pending:
    """Answers, accesses, events and links of the journal that wait for the end of their unit.

    Nothing in a unit depends on them, so they cost one round trip together instead of one each, and the head of
    the chain, for which all units of a service queue, is locked for that statement and the commit only.
    """

    answers: list[tuple[Any, ...]] = field(default_factory=list)
    accesses: list[tuple[str, str]] = field(default_factory=list)
    events: list[tuple[str, str, float]] = field(default_factory=list)
    deliveries: list[tuple[int, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Tell whether anything waits."""
        return bool(self.answers or self.accesses or self.events or self.links)

    def answer(self, key: IdempotencyKey, answer: StoredAnswer, at: float) -> None:
        """Keep the first answer to an idempotency key."""
        headers = dumps([list(pair) for pair in answer.headers])
        self.answers.append((*place(key), answer.fingerprint, answer.status, headers, bytes(answer.body), at))

    def access(self, subject: str, entry: Json) -> None:
        """Note that somebody read a subject's record."""
        self.accesses.append((subject, dumps(entry)))

    def event(self, event: Json, subscriptions: Sequence[str], at: float) -> None:
        """Put an event into the outbox; the statement adds its `sequence`."""
        self.events.append((short(str(event.get("subject", ""))), dumps(event), at))
        self.deliveries.extend((len(self.events), subscription) for subscription in subscriptions)

    def columns(self, service: str) -> list[Any]:
        """Return the first parameters of every statement that writes this: the service, and columns."""
        return [
            service,
            *columns(self.answers, 8),
            *columns(self.accesses, 2),
            *columns(self.events, 3),
            *columns(self.deliveries, 2),
        ]

    def parameters(self, service: str, *, link: str | None, last: str | None) -> list[Any]:
        """Return the parameters of `FLUSH`: columns of what is written, a link to write now, one for the commit."""
        return [*self.columns(service), link, GENESIS, last]


def columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Return rows as columns, which are empty when there are none."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
