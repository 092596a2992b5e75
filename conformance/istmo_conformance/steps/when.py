"""What happens: calls, the passing of time, events of other services."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from istmo.errors import Finding, KitError
from istmo_conformance import walk
from istmo_conformance.calls import describe, operation_named
from istmo_conformance.cast import ENTITLED, NOBODY
from istmo_conformance.client import Request
from istmo_conformance.steps.given import _moment
from istmo_conformance.values import items_at, text_at
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World, later, prerequisite, selected

MOST_PAGES = 60


@sentence("given", en="{who} calls {operation}{tail}", es="{who} llama a {operation}{tail}")
def has_called(world: World, who: str, operation: str, tail: str = "") -> None:
    """Call an operation as a part of the set-up, which only counts when it succeeds."""
    call = describe(who, tail)
    call.operation = operation_named(world.spec, operation)
    walk.must(world, call, call.operation.success)


@sentence("given", en="{who} is refused {operation}{tail}", es="a {who} se le niega {operation}{tail}")
def is_refused(world: World, who: str, operation: str, tail: str = "") -> None:
    """Call an operation that has to be refused before its refusal is looked at; elsewhere the scenario is not run."""
    calls(world, who, operation, tail)
    if world.answer.status < 400:  # noqa: PLR2004  # any success is no refusal
        raise prerequisite(operation, world.answer)


@sentence("when", en="{who} calls {operation}{tail}", es="{who} llama a {operation}{tail}")
def calls(world: World, who: str, operation: str, tail: str = "") -> None:
    """Call an operation of the specification; what follows its name are clauses."""
    call = describe(who, tail)
    call.operation = operation_named(world.spec, operation)
    world.perform(call)


@sentence("when", en="{who} calls each {set}{tail}", es="{who} llama a cada {set}{tail}")
def calls_each(world: World, who: str, set: str, tail: str = "") -> None:  # noqa: A002  # the sentence's own word
    """Call every operation of a set up to the judged stage, each for something that does not exist."""
    kept = []
    for operation in selected(world.spec, set):
        if operation.stage > world.run.stage:
            continue
        call = describe(who, tail)
        call.operation = operation
        if call.aim == "it":
            call.aim = "unknown"
        if call.who in ENTITLED:
            call.who = world.run.cast.entitled(operation)
        if call.token != "plain" and call.who in NOBODY:  # noqa: S105  # the kind of token, not one
            call.who = "ana"
        world.perform(call)
        kept.extend(world.group)
    world.group = kept
    if not kept:
        raise KitError("empty-set", f"no operation is a {set}", "see the specification")


@sentence("when", en="{who} sends {method} to {path}", es="{who} envía {method} a {path}")
def sends(world: World, who: str, method: str, path: str) -> None:
    """Send a bare request to a path below the service, known to the specification or not."""
    headers = [("Accept", "application/json"), ("Correlation-Id", world.fresh_uuid("correlation"))]
    token = world.run.cast.token(who, "plain", None, world.instant)
    if token is not None:
        headers.append(("Authorization", f"Bearer {token}"))
    request = Request(method, world.run.subject.base_path + quote(path, safe="/%?=&-._~"), tuple(headers))
    world.group = []
    world.keep(who, None, world.run.client.send(request))


@sentence("when", en="{who} reads all pages of {operation}, {number} at a time",
          es="{who} lee todas las páginas de {operation}, de {number} en {number_2}")  # fmt: skip
def reads_pages(world: World, who: str, operation: str, number: str, number_2: str | None = None) -> None:
    """Follow the cursor from the first page to the last and collect the items."""
    del number_2  # the Spanish wording says it twice
    world.before, world.collected, cursor, kept = world.collected, [], "", []
    for _ in range(MOST_PAGES):
        call = describe(who, "")
        call.operation = operation_named(world.spec, operation)
        call.query = f"limit={number}" + (f"&cursor={cursor}" if cursor else "")
        answer = world.perform(call)[-1]
        kept.extend(world.group)
        if answer.status != call.operation.success:
            break
        page = answer.json()
        if not isinstance(page, dict) or not isinstance(page.get("items"), list):
            raise Finding(say("the answer is no list", "la respuesta no es una lista"))
        if len(page["items"]) > int(number):
            count = len(page["items"])
            raise Finding(say("a page holds {count} items", "una página tiene {count} elementos", count=count))
        world.collected.extend(page["items"])
        cursor = text_at(page, "/page/nextCursor")
        if not cursor:
            break
    else:
        raise Finding(say("the pages never end", "las páginas no terminan"))
    world.group = kept


@sentence("given", "when", en="{who} walks the case to {goal}", es="{who} lleva el caso a {goal}")
def walks(world: World, who: str, goal: str) -> None:
    """Take the case at hand to a status by the actions of the specification."""
    for _ in range(walk.MOST_STEPS):
        case = walk.reread(world, who)
        if walk.status_of(case) == goal:
            return
        walk.step(world, who, walk.status_of(case), goal, case)
    raise Finding(say("the case never reaches {goal}", "el caso no llega a {goal}", goal=goal))


@sentence("given", "when", en="{who} follows the actions on offer to {goal}",
          es="{who} sigue las acciones ofrecidas hasta {goal}")  # fmt: skip
def follows(world: World, who: str, goal: str) -> None:
    """Reach a status by taking only actions that the case itself offers to whoever reads it."""
    case = walk.case_paths(world)
    for _ in range(walk.MOST_STEPS):
        status = walk.status_of(walk.reread(world, who))
        if status == goal:
            return
        action = walk.next_action(case, status, goal)
        if action is None:
            raise walk.no_way(status, goal)
        if world.case is not None and walk.pay(world, world.case, action.path.rpartition("/")[2]):
            continue
        actor = walk.actor_of(who, action)
        seen = walk.reread(world, actor)
        offered = {entry.get("name") for entry in items_at(seen.doc, "availableActions")}
        name = action.path.rpartition("/")[2]
        if name not in offered:
            raise Finding(
                say(
                    "{name} is not on offer in {status}",
                    "{name} no se ofrece en {status}",
                    name=name,
                    status=status,
                )
            )
        call = describe(actor, "")
        call.operation = action
        answer = world.perform(call)[-1]
        if answer.status != action.success:
            raise Finding(
                say("{name} is on offer and answers {status}", "{name} se ofrece y responde {status}",
                    name=name, status=answer.status)
            )  # fmt: skip


@sentence("given", "when", en="{span} pass[es]", es="pasa[n] {span}")
def passes(world: World, span: str) -> None:
    """Move the clock by a span such as "a year" or "5 working days"."""
    _move(world, span)


def _move(world: World, span: str) -> None:
    if "working" in span or "hábil" in span:
        day = world.run.profile.add_working_days(world.today, int(span.split(maxsplit=1)[0]))
        local = world.now.astimezone(world.zone)
        world.set_clock(local.replace(year=day.year, month=day.month, day=day.day))
    else:
        world.set_clock(later(world.now, span))


@sentence("given", "when", en="the days of {setting} pass", es="pasan los días de {setting}")
def days_of(world: World, setting: str) -> None:
    """Move the clock by the days that the profile grants, and one more."""
    days: Any = world.run.profile.service(world.spec.slug)[setting]
    if setting == "processingDays":
        _move(world, f"{int(days) + 1} working days")
    else:
        _move(world, f"{int(days) + 1} days")


@sentence("given", "when", en="the minutes of {setting} pass", es="pasan los minutos de {setting}")
def minutes_of(world: World, setting: str) -> None:
    """Move the clock by the minutes that the profile grants."""
    minutes = world.run.profile.service(world.spec.slug)[setting]
    _move(world, f"{int(minutes)} minutes")


@sentence("given", "when", en="it is {time} on {date}", es="son las {time} del {date}")
def it_is(world: World, time: str, date: str) -> None:
    """Set the clock, in the time zone of the country."""
    world.set_clock(_moment(world, date, time))


@sentence("given", "when", en="the event {kind} arrives[ with]", es="llega el evento {kind}[ con]")
def event(world: World, kind: str, text: str | None = None) -> None:
    """Deliver an event of another service; its data stand below as JSON, or speak of the case at hand."""
    if text is None and world.case is None:
        raise KitError("no-data", "an event needs data, or a case at hand", "write its JSON below the step")
    data = json.loads(text) if text is not None else walk.payment(world.case) if world.case else {}
    world.run.sandbox.event(kind, data)


@sentence("given", "when", en="its scan ends as {outcome}", es="su análisis termina como {outcome}")
def scan(world: World, outcome: str) -> None:
    """Decide how the scan of the document at hand ended."""
    if world.it is None:
        raise KitError("nothing-at-hand", "no document is at hand", "upload one first")
    world.run.sandbox.scan(world.it.id, outcome)
