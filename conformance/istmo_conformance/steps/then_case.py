"""What must be true of cases: their history, their days, that nothing changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo_conformance.calls import Call
from istmo_conformance.spans import counted
from istmo_conformance.steps.then import member
from istmo_conformance.values import MISSING, lookup
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
SLACK = timedelta(minutes=10)  # the clock goes on while a scenario runs


@sentence("then", en="it has not changed", es="no ha cambiado")
def not_changed(world: World) -> None:
    """Read again by its owner, the resource at hand has the same tag and members as before."""
    before = world.it
    if before is None:
        raise KitError("nothing-at-hand", "no resource is at hand", "create one first")
    reading = next(
        (one for one in world.spec.operations.values()
         if one.method.upper() == "GET" and one.path == f"/{before.collection}/{{id}}"),
        None,
    )  # fmt: skip
    if reading is None:
        raise KitError("unreadable", f"/{before.collection} cannot be read one by one", "see the specification")
    etag, document = before.etag, before.doc
    group = world.group
    answer = world.perform(Call(before.owner, reading))[-1]
    world.group = group
    if answer.status != reading.success:
        raise Finding(say("it cannot be read any more", "ya no se puede leer"))
    now = answer.json()
    if not isinstance(now, dict):
        raise Finding(say("it cannot be read any more", "ya no se puede leer"))
    changed = sorted(
        name for name in now if name in document and now[name] != document[name] and name != "availableActions"
    )
    if changed or (etag is not None and answer.header("etag") != etag):
        raise Finding(say("it changed: {names}", "cambió: {names}", names=", ".join(changed) or "ETag"))


@sentence("then", en="its history is in order", es="su historial está en orden")
def history_in_order(world: World) -> None:
    """The history only grew, its times are the scenario's and never decrease, its last entry is the present status."""
    document = world.case.doc if world.case else None
    entries = lookup(document, "/statusHistory")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise Finding(say("there is no history", "no hay historial"))
    times = [_instant(entry.get("at")) for entry in entries]
    if times != sorted(times):
        raise Finding(say("its times decrease", "sus tiempos retroceden"))
    if world.earliest is not None and world.latest is not None:
        before, after = world.earliest - SLACK, world.latest + SLACK
        if not before <= times[0] <= times[-1] <= after:
            raise Finding(
                say("its times are not those of the clock", "sus tiempos no son los del reloj"),
                expected=f"{before:%Y-%m-%dT%H:%MZ} .. {after:%Y-%m-%dT%H:%MZ}",
                actual=f"{times[0].isoformat()} .. {times[-1].isoformat()}",
            )
    if entries[-1].get("status") != lookup(document, "/status"):
        raise Finding(say("its last entry is not the status", "su última entrada no es el estado"))
    seen: list[JSON] = []
    for exchange in world.history:
        earlier = _history_of(exchange.answer, world.case.id if world.case else "")
        if earlier is None:
            continue
        if earlier[: len(seen)] != seen:
            raise Finding(say("an entry of the history changed", "una entrada del historial cambió"))
        seen = earlier


def _instant(text: JSON) -> datetime:
    """A moment with an offset; anything else is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Finding(say("a time cannot be read", "un tiempo no se puede leer"), actual=repr(text)[:60])
    return found


def _history_of(answer: Any, identifier: str) -> list[JSON] | None:
    if answer.status >= 300 or not answer.is_json:  # noqa: PLR2004  # successes only
        return None
    document = answer.json()
    if not isinstance(document, dict) or document.get("id") != identifier:
        return None
    found = document.get("statusHistory")
    return found if isinstance(found, list) else None


@sentence("then", en="{member_} is {workdays} after {start}", es="{member_} es {workdays} después de {start}")
def working_days(world: World, member_: str, workdays: str, start: str) -> None:
    """A day of the last answer lies so many working days after another, or as many as the profile promises."""
    last, first = member(world, member_), member(world, start)
    if first is MISSING or last is MISSING:
        raise Finding(say("a date is missing", "falta una fecha"))
    begin, end = (_day(world, str(value)) for value in (first, last))
    expected = world.run.profile.add_working_days(begin, counted(world, workdays)[0])
    if end != expected:
        raise Finding(
            say('"{name}" is {actual}', '"{name}" es {actual}', name=member_, actual=end.isoformat()),
            expected=expected.isoformat(), actual=end.isoformat(),
        )  # fmt: skip


def _day(world: World, text: str) -> Any:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Finding(say("a date cannot be read", "una fecha no se puede leer")) from None
    return moment.astimezone(world.zone).date() if moment.tzinfo else moment.date()
