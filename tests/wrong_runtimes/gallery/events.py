"""Runtimes that lose events, stop at one, or take one twice."""

from __future__ import annotations

from typing import Any

from tests.parts import Parts
from tests.wrong_runtimes._register import wrong

POISON, ONCE = "common/parked-event", "common/exchange-once"
OUTBOX, SANDBOX = "tests/istmo/runtime/test_outbox.py::test_", "tests/istmo/runtime/test_sandbox.py::test_"
EXCHANGE = "tests/istmo/runtime/test_exchange.py::test_"
PARKED = OUTBOX + "after_a_day_an_event_is_parked_and_the_rest_flows"
AGAIN = OUTBOX + "what_failed_comes_again_with_the_same_id_and_in_order"
RELAY, MODULE = "istmo.runtime.outbox:Relay", "istmo.runtime.outbox"


@wrong(POISON, "What cannot be delivered is tried for ever.", PARKED)
def never_parked(runtime: Parts) -> None:
    runtime.replace(MODULE, GIVE_UP=float("inf"))


@wrong(POISON, "Nothing leaves any more once an event is parked.", PARKED)
def parked_event_stops_the_rest(runtime: Parts) -> None:
    right = runtime.original(RELAY, "deliver_once")

    async def deliver(relay: Any) -> int:
        parked = (await relay._store.backlog())["parked"]
        return 0 if parked else int(await right(relay))

    runtime.replace(RELAY, deliver_once=deliver)


@wrong(ONCE, "An event is sent once, and is forgotten whether it arrived or not.", AGAIN)
def sent_once_and_forgotten(runtime: Parts) -> None:
    right = runtime.original(RELAY, "_send")

    async def send(relay: Any, *what: Any) -> bool:
        await right(relay, *what)
        return True

    runtime.replace(RELAY, _send=send)


@wrong(ONCE, "An event that comes again comes under another id.", AGAIN)
def another_id_each_time(runtime: Parts) -> None:
    right = runtime.original(RELAY, "_send")

    async def send(relay: Any, *what: Any) -> bool:
        delivery = what[-1]
        delivery.event["id"] = f"{delivery.event['id']}-{delivery.attempts}"
        return bool(await right(relay, *what))

    runtime.replace(RELAY, _send=send)


@wrong(
    ONCE,
    "Events leave for another service without a signature.",
    EXCHANGE + "an_event_goes_from_one_service_to_another",
)
def events_leave_unsigned(runtime: Parts) -> None:
    runtime.replace(MODULE, _addressed=lambda _context, _url, _recipient, headers, _body: headers)


@wrong(ONCE, "An event that arrives twice takes effect twice.", SANDBOX + "an_event_takes_effect_once")
def event_taken_twice(runtime: Parts) -> None:
    async def first(*_: Any) -> bool:
        return True

    runtime.replace("istmo.runtime.work:Work", first_time=first)


@wrong(
    ONCE,
    "An event is known by its id alone, whoever sent it: one of another sender is lost.",
    SANDBOX + "an_event_takes_effect_once",
)
def senders_not_told_apart(runtime: Parts) -> None:
    place = "istmo.runtime.work:Work"
    right = runtime.original(place, "first_time")

    async def first(work: Any, _source: str, message_id: str) -> bool:
        return bool(await right(work, "somebody", message_id))

    runtime.replace(place, first_time=first)
