"""What happens: calls, the passing of time, events of other services."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

from istmo.errors import Finding, KitError
from istmo.spec import Operation
from istmo_conformance import spans, walk
from istmo_conformance.calls import Call
from istmo_conformance.cast import ENTITLED, NOBODY, ROLES, WITHOUT
from istmo_conformance.causes import Blocked
from istmo_conformance.clauses import describe
from istmo_conformance.client import BODY_CAP, Request
from istmo_conformance.modes import Mode
from istmo_conformance.naming import operation_named
from istmo_conformance.needs import by_method, by_operation, by_set
from istmo_conformance.preparing import ready
from istmo_conformance.sets import selected
from istmo_conformance.steps.given import _moment
from istmo_conformance.values import text_at
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World, prerequisite

MOST_PAGES = 60
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def open_path(
    world: World,
    who: str,
    path: str,
    method: str = "GET",
    *,
    accept: str = "application/json",
    operation: Operation | None = None,
    cap: int = BODY_CAP,
) -> None:
    """Send a bare request to a path of the host, with whatever token its sender has, and keep the answer."""
    headers = [("Accept", accept), ("Correlation-Id", world.fresh_uuid("correlation"))]
    token = world.run.cast.token(who, "plain", None, world.instant)
    if token is not None:
        headers.append(("Authorization", f"Bearer {token}"))
    world.keep(who, operation, world.run.client.send(Request(method, path, tuple(headers), cap=cap)))


@sentence("given", en="{who} calls {operation}{tail}", es="{who} llama a {operation}{tail}", needs=by_operation)
def has_called(world: World, who: str, operation: str, tail: str = "") -> None:
    """Call an operation as a part of the set-up, which only counts when it succeeds."""
    call = describe(who, tail)
    call.operation = operation_named(world.spec, operation)
    walk.must(world, call, call.operation.success)


@sentence(
    "given",
    en="{who} is refused {operation}{tail}",
    es="a {who} se le niega {operation}{tail}",
    needs=by_operation,
)
def is_refused(world: World, who: str, operation: str, tail: str = "") -> None:
    """Call an operation that has to be refused before its refusal is looked at; elsewhere the scenario is not run."""
    calls(world, who, operation, tail)
    if world.answer.status < 400:  # noqa: PLR2004  # any success is no refusal
        raise prerequisite(operation_named(world.spec, operation).id, world.answer)


@sentence("when", en="{who} calls {operation}{tail}", es="{who} llama a {operation}{tail}", needs=by_operation)
def calls(world: World, who: str, operation: str, tail: str = "") -> None:
    """Call an operation of the specification; what follows its name are clauses."""
    call = describe(who, tail)
    call.operation = operation_named(world.spec, operation)
    world.perform(call)


@sentence(
    "when",
    en="{who} calls each {set}[ {due}]{tail}",
    es="{who} llama a cada {set}[ {due}]{tail}",
    needs=by_set,
)
def calls_each(world: World, who: str, set: str, due: str | None = None, tail: str = "") -> None:  # noqa: A002  # the sentence's own word
    """Call every operation of a set up to the judged stage, each for something that does not exist.

    When it is due, each is called for something that was made for it, a case in a status in which it is legal.
    `everybody without the scope` is each role that holds none of the scopes of an operation.
    """
    kept, unready = [], dict[str, str]()
    for operation in selected(world.spec, set):
        if operation.stage > world.run.stage or (operation.signed and not world.trusted()):
            continue
        try:
            named = ready(world, operation) if due is not None else []
            for call in _calls_to(world, who, operation, tail, aim="it" if due is not None else "unknown"):
                call.changes = [*named, *call.changes]
                world.perform(call)
                kept.extend(world.group)
        except Blocked as error:
            if due is None:
                raise
            unready[operation.id] = str(error)[:200]
    world.group, world.unready = kept, unready
    if not kept and not unready:
        raise KitError("empty-set", f"no operation is a {set}", "see the specification")


def _calls_to(world: World, who: str, operation: Operation, tail: str, aim: str) -> Iterator[Call]:
    """The calls to one operation, one for each who makes it."""
    verbs = {scope.rpartition(":")[2] for scope in operation.scopes}
    for each in ROLES if who in WITHOUT else [who]:
        if who in WITHOUT and verbs.intersection(world.run.cast.persona(each).scopes):
            continue
        call = describe(each, tail)
        call.operation = operation
        if call.aim == "it":
            call.aim = aim
        if call.who in ENTITLED:
            call.who = world.run.cast.entitled(operation)
        if call.token != "plain" and call.who in NOBODY:  # noqa: S105  # the kind of token, not one
            call.who = "ana"
        yield call


@sentence(
    "when",
    en="{who} sends {method} to {path}[ {host}]",
    es="{who} envía {method} a {path}[ {host}]",
    needs=by_method,
)
def sends(world: World, who: str, method: str, path: str, host: str | None = None) -> None:
    """Send a bare request to a path below the service, or of its host: there without a token and only to read."""
    world.group = []
    if host is None:
        open_path(world, who, world.run.subject.base_path + quote(path, safe="/%?=&-._~"), method)
    elif method in SAFE:
        open_path(world, "nobody", path, method)
    else:
        raise KitError("unsafe-method", f"{method} may change what is not ours", "use GET, HEAD or OPTIONS")


@sentence(
    "when",
    en="{who} reads all pages of {operation}, {number} at a time",
    es="{who} lee todas las páginas de {operation}, de {number} en {number_2}",
    counts=True,
    needs=Mode.READ,
)
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


@sentence(
    "given",
    "when",
    en="{span} pass[es]",
    es="pasa[n] {span}",
    needs=Mode.FULL,
)
def passes(world: World, span: str) -> None:
    """Move the clock by a span such as "a year", "5 working days" or "the minutes of" a setting of the profile."""
    world.set_clock(spans.after(world, world.now, span))


@sentence(
    "given",
    "when",
    en="it is {time} on {date}",
    es="son las {time} del {date}",
    needs=Mode.FULL,
)
def it_is(world: World, time: str, date: str) -> None:
    """Set the clock, in the time zone of the country."""
    world.set_clock(_moment(world, date, time))


@sentence(
    "given",
    "when",
    en="the event {kind} arrives[ with]",
    es="llega el evento {kind}[ con]",
    needs=Mode.FULL,
)
def event(world: World, kind: str, text: str | None = None) -> None:
    """Deliver an event of another service; its data stand below as JSON, or speak of the case at hand."""
    if text is None and world.case is None:
        raise KitError("no-data", "an event needs data, or a case at hand", "write its JSON below the step")
    data = json.loads(text) if text is not None else walk.payment(world.case) if world.case else {}
    world.run.sandbox.event(kind, data)


@sentence(
    "given",
    "when",
    en="its scan ends as {outcome}",
    es="su análisis termina como {outcome}",
    needs=Mode.FULL,
)
def scan(world: World, outcome: str) -> None:
    """Decide how the scan of the document at hand ended."""
    if world.it is None:
        raise KitError("nothing-at-hand", "no document is at hand", "upload one first")
    world.run.sandbox.scan(world.it.id, outcome)
