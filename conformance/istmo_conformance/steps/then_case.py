"""What must be true of cases: their actions on offer, their history, their days, that nothing changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo_conformance import walk
from istmo_conformance.calls import Call
from istmo_conformance.steps.then import member, problem_code
from istmo_conformance.values import MISSING, items_at, lookup, pointer_of
from istmo_conformance.vocabulary import names_of, sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any


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


@sentence(
    "then",
    en="the actions on offer to {who} tell the truth",
    es="las acciones ofrecidas a {who} dicen la verdad",
)
def actions_true(world: World, who: str) -> None:
    """Whoever reads the case may take what it offers unblocked, and may not take what it does not offer."""
    case = walk.case_paths(world)
    seen = walk.reread(world, who)
    status = walk.status_of(seen)
    offered = {str(entry.get("name")): entry.get("blockedBy") or [] for entry in items_at(seen.doc, "availableActions")}
    for name, action in case.actions.items():
        legal = action.allowed is not None and status in action.allowed.origins
        if name in offered and not legal:
            raise Finding(
                say("{name} is on offer in {status}", "{name} se ofrece en {status}", name=name, status=status)
            )
        if name not in offered:
            answer = world.perform(Call(who, action))[-1]
            if answer.status < 400:  # noqa: PLR2004  # any success refutes
                raise Finding(
                    say("{name} is not on offer in {status} and works", "{name} no se ofrece en {status} y funciona",
                        name=name, status=status)
                )  # fmt: skip
    _try_one(world, who, [name for name, blocked in offered.items() if not blocked])


def _try_one(world: World, who: str, names: list[str]) -> None:
    """Take one of the actions on offer: it must not be refused as illegal, held or forbidden."""
    case = walk.case_paths(world)
    for name in names:
        if name in case.actions:
            answer = world.perform(Call(who, case.actions[name]))[-1]
            if answer.status in {403, 404, 409}:
                raise Finding(
                    say("{name} is on offer and answers {status} {code}", "{name} se ofrece y responde {status} {code}",
                        name=name, status=answer.status, code=problem_code(answer) or "")
                )  # fmt: skip
            return


@sentence("then", en="the actions on offer to {who} are {names}", es="las acciones ofrecidas a {who} son {names}")
def actions_are(world: World, who: str, names: str) -> None:
    """Whoever reads the case is offered exactly these actions."""
    seen = walk.reread(world, who)
    actual = {str(entry.get("name")) for entry in items_at(seen.doc, "availableActions")}
    if actual != set(names_of(names)):
        raise Finding(
            say("on offer: {actual}", "se ofrecen: {actual}", actual=", ".join(sorted(actual)) or "-"),
            expected=names,
        )


@sentence("then", en="its history is in order", es="su historial está en orden")
def history_in_order(world: World) -> None:
    """The history only grew, its times never decrease, and its last entry is the present status."""
    document = world.case.doc if world.case else None
    entries = lookup(document, "/statusHistory")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise Finding(say("there is no history", "no hay historial"))
    times = [str(entry.get("at")) for entry in entries]
    if times != sorted(times):
        raise Finding(say("its times decrease", "sus tiempos retroceden"))
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


def _history_of(answer: Any, identifier: str) -> list[JSON] | None:
    if answer.status >= 300 or not answer.is_json:  # noqa: PLR2004  # successes only
        return None
    document = answer.json()
    if not isinstance(document, dict) or document.get("id") != identifier:
        return None
    found = document.get("statusHistory")
    return found if isinstance(found, list) else None


@sentence("then", en="{member_} is {number} working days after {start}",
          es="{member_} es {number} días hábiles después de {start}")  # fmt: skip
def working_days(world: World, member_: str, number: str, start: str) -> None:
    """A day or moment of the last answer lies so many working days of the profile after another one."""
    _working(world, member_, int(number), start)


@sentence("then", en="{member_} is the working days of {setting} after {start}",
          es="{member_} es los días hábiles de {setting} después de {start}")  # fmt: skip
def working_days_of(world: World, member_: str, setting: str, start: str) -> None:
    """The same, with as many days as the profile promises."""
    days: Any = world.run.profile.service(world.spec.slug)[setting]
    _working(world, member_, int(days), start)


def _working(world: World, name: str, number: int, start: str) -> None:
    first, last = member(world, name), lookup(world.answer.json(), pointer_of(start))
    if first is MISSING or last is MISSING:
        raise Finding(say("a date is missing", "falta una fecha"))
    days = [_day(world, str(value)) for value in (last, first)]
    expected = world.run.profile.add_working_days(days[0], number)
    if days[1] != expected:
        raise Finding(
            say('"{name}" is {actual}', '"{name}" es {actual}', name=name, actual=days[1].isoformat()),
            expected=expected.isoformat(), actual=days[1].isoformat(),
        )  # fmt: skip


def _day(world: World, text: str) -> Any:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Finding(say("a date cannot be read", "una fecha no se puede leer")) from None
    return moment.astimezone(world.zone).date() if moment.tzinfo else moment.date()


@sentence("then", en="{member_} is the digest of what was sent to {operation}",
          es="{member_} es el resumen de lo enviado a {operation}")  # fmt: skip
def digest_of_sent(world: World, member_: str, operation: str) -> None:
    """A SHA-256 in hexadecimal is that of the canonical form (RFC 8785) of the last body sent to an operation."""
    import hashlib
    import json

    import rfc8785

    from istmo_conformance.calls import operation_named

    named = operation_named(world.spec, operation)
    sent = [one.answer.request.body for one in world.history if one.operation is named]
    if not sent:
        raise KitError("not-sent", f"{operation} was not called", "call it first")
    expected = hashlib.sha256(rfc8785.dumps(json.loads(sent[-1]))).hexdigest()
    if str(member(world, member_)).lower() != expected:
        raise Finding(say("the digest is another", "el resumen es otro"), expected=expected)
