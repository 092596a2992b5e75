"""The one way through which everything is written: key, effect, journal, outbox and answer, or none of them."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from istmo.errors import Problem

from . import canonical
from .observe import Unit, unit_of
from .store import IdempotencyKey, Json, KeyBusy, Query, StoreBusy, StoredAnswer, Writer
from .work import Caller, Work, WriteNeeded

if TYPE_CHECKING:
    from istmo.spec import Operation

    from .service import ServiceContext

T = TypeVar("T")

SUBSCRIPTIONS = "subscriptions"
MOST_SUBSCRIPTIONS = 1000

_in_flight: Counter[tuple[str, IdempotencyKey]] = Counter()


@dataclass(slots=True, frozen=True)
class Wire:
    """An answer as it goes over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    replayed: bool = False


@dataclass(slots=True, frozen=True)
class Intention:
    """The caller's idempotency key, or a message's own name, and the fingerprint of what it stands for."""

    key: IdempotencyKey
    fingerprint: str
    reused: str = "idempotency-key-reused"  # the refusal of another fingerprint


Effect = Callable[[Work], Awaitable[Wire]]
NewWork = Callable[[Writer | None], Work]


async def read(context: ServiceContext, new_work: NewWork, effect: Effect) -> Wire:
    """Serve a safe method: in a view when nothing is to be written, else in a unit."""
    work = new_work(None)
    try:
        wire = await effect(work)
    except WriteNeeded:
        return await write(context, new_work, effect, None)
    if work.accesses:  # no access log, no answer

        async def note(writer: Writer, told: Unit) -> None:
            told.operation = work.operation_id
            await _keep_accesses(work, writer)

        await _observed(context, note)
    return wire


async def _observed(
    context: ServiceContext, unit: Callable[[Writer, Unit], Awaitable[T]], *, afresh: bool = False
) -> T:
    """Run a unit of which observers hear, also how often the store had to begin it again."""
    with unit_of(context.observers, context.kebab) as told:
        before = False

        async def attempt(writer: Writer) -> T:
            nonlocal before
            told.attempts += not before  # with nothing open in the database, the attempt has hardly begun
            before = getattr(writer, "tentative", False)
            told.outcome = "committed"
            return await unit(writer, told)

        run = context.store.reset if afresh else context.store.write
        return await run(context.slug, attempt)


async def write(context: ServiceContext, new_work: NewWork, effect: Effect, intention: Intention | None) -> Wire:
    """Serve a call that changes something: the answer exists only once everything is committed."""

    async def unit(writer: Writer, told: Unit) -> Wire:
        if intention is not None:
            stored = await writer.answer(intention.key)
            if stored is not None:
                told.outcome = "replayed"
                return _replay(stored, intention)
        work = new_work(writer)
        told.operation = work.operation_id
        wire = await effect(work)
        if intention is not None:
            answer = StoredAnswer(intention.fingerprint, wire.status, wire.headers, wire.body)
            await writer.keep_answer(intention.key, answer, time.time())
        await settle(work, writer, wire.status)  # the journal last: units queue from its link to the commit
        return wire

    if intention is None:
        return await _observed(context, unit)
    place = (context.slug, intention.key)
    _in_flight[place] += 1
    try:
        return await _observed(context, unit)
    except StoreBusy as busy:
        if isinstance(busy, KeyBusy) or _in_flight[place] > 1:
            raise Problem("idempotency-in-progress", headers={"Retry-After": "1"}) from None
        raise
    finally:
        _in_flight[place] -= 1
        if not _in_flight[place]:
            del _in_flight[place]


async def run_system(
    context: ServiceContext,
    unit: Callable[[Work], Awaitable[T]],
    caller: Caller | None,
    operation: Operation | None,
    *,
    afresh: bool = False,
) -> T:
    """Run a unit that no request asked for, after everything that the service stored is removed if it is `afresh`."""
    who = caller or Caller(scopes=frozenset({f"{context.kebab}:system"}), service=context.kebab)

    async def whole(writer: Writer, told: Unit) -> T:
        told.operation = "system" if operation is None else operation.id
        work = Work(context, who, operation=operation, writer=writer)
        result = await unit(work)
        await settle(work, writer, 0)
        return result

    return await _observed(context, whole, afresh=afresh)


async def settle(work: Work, writer: Writer, status: int) -> None:
    """Write what the unit collected: its events, its link of the journal, its entries of the access log."""
    for kind, subject, data in work.events:
        await _keep_event(work, writer, kind, subject, data)
    await _keep_accesses(work, writer)
    if work.entries:
        await writer.append_journal(canonical.dumps(_entry(work, status)).decode())


def _entry(work: Work, status: int) -> Json:
    who = work.caller
    entry: Json = {
        "at": work.stamp,
        "operation": work.operation_id,
        "actor": who.subject or "system",
        "client": who.client,
        "correlationId": work.request.correlation_id,
        "records": work.entries,
    }
    if who.mandate is not None:
        entry["onBehalfOf"] = who.acting_for
    if status:
        entry["status"] = status
    return entry


async def _keep_accesses(work: Work, writer: Writer) -> None:
    for (kind, record_id), owner in work.accesses.items():
        entry = {
            "at": work.stamp,
            "actor": work.caller.subject,
            "operation": work.operation_id,
            "kind": kind,
            "id": record_id,
            "correlationId": work.request.correlation_id,
        }
        await writer.add_access(owner, entry)


async def _keep_event(work: Work, writer: Writer, kind: str, subject: str, data: Json) -> None:
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": work.context.base_path,
        "type": kind,
        "subject": subject,
        "time": work.stamp,
        "datacontenttype": "application/json",
        "data": data,
    }
    known = await writer.find(Query(SUBSCRIPTIONS, limit=MOST_SUBSCRIPTIONS))
    wanting = [record.id for record in known if kind in record.doc.get("types", ())]
    await writer.add_event(event, wanting, time.time())


def _replay(stored: StoredAnswer, intention: Intention) -> Wire:
    if stored.fingerprint != intention.fingerprint:
        raise Problem(intention.reused)
    headers = (*stored.headers, ("idempotency-replayed", "true"))
    return Wire(stored.status, headers, stored.body, replayed=True)
