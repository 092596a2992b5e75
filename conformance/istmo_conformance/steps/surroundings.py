"""What surrounds a service: the systems that it needs, the moments that it named, its bill, the host that serves it."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

import pytest

from istmo.errors import Finding, KitError
from istmo_conformance import walk
from istmo_conformance.calls import Call, operation_named
from istmo_conformance.client import Request
from istmo_conformance.steps.then import member
from istmo_conformance.values import items_at, text_at
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World, later

JSON: TypeAlias = Any
NOT_APPLICABLE = "declared-not-applicable"
ABSENT = "not-in-profile"
PRODUCTION = "needs-production"
BEFORE = frozenset({"before", "antes"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@sentence(
    "given", "when",
    en="the systems that the service needs are {mode}", es="los sistemas que el servicio necesita están en {mode}",
)  # fmt: skip
def needed_systems(world: World, mode: str) -> None:
    """Degrade every system that the service's entry in the catalogue names: down, slow, error or none."""
    names = world.run.service.upstreams
    if not names:
        pytest.skip(NOT_APPLICABLE)
    for name in names:
        world.run.sandbox.fault(name, mode)


@sentence("given", "when", en="it is {span} {side} {member_}", es="es {span} {side} de {member_}")
def it_is_relative(world: World, span: str, side: str, member_: str) -> None:
    """Set the clock so far before or after a moment, or the beginning of a day, that the last answer names."""
    try:
        moment = datetime.fromisoformat(str(member(world, member_)))
    except ValueError:
        raise Finding(say('"{name}" is no moment', '"{name}" no es un momento', name=member_)) from None
    if moment.tzinfo is None:  # a day, which begins when it begins in the country
        moment = moment.replace(tzinfo=world.zone)
    distance = later(moment, span) - moment
    world.set_clock(moment - distance if side in BEFORE else moment + distance)


@sentence("when", en="{who} tries to walk the case to {goal}", es="{who} intenta llevar el caso a {goal}")
def tries_to_walk(world: World, who: str, goal: str) -> None:
    """Take the case towards a status, paying what holds it, until it is there or a step is refused."""
    _try(world, who, goal, paying=True)


@sentence("when", en="{who} tries to walk the case to {goal} without paying",
          es="{who} intenta llevar el caso a {goal} sin pagar")  # fmt: skip
def tries_unpaid(world: World, who: str, goal: str) -> None:
    """Take the case towards a status until it is there or a step is refused; nothing is paid on the way."""
    _try(world, who, goal, paying=False)


def _try(world: World, who: str, goal: str, *, paying: bool) -> None:
    case = walk.case_paths(world)
    for _ in range(walk.MOST_STEPS):
        seen = walk.reread(world, who)
        status = walk.status_of(seen)
        if status == goal:
            return
        action = walk.next_action(case, status, goal)
        if action is None:
            raise walk.no_way(status, goal)
        if paying and walk.pay(world, seen, action.path.rpartition("/")[2]):
            continue
        if world.perform(Call(walk.actor_of(who, action), action))[-1].status != action.success:
            return
    raise Finding(say("the case never reaches {goal}", "el caso no llega a {goal}", goal=goal))


@sentence("given", en="the case costs something", es="el caso cuesta algo")
def costs_something(world: World) -> None:
    """Go on only where the submitted case has a bill; where it is free, the scenario does not apply."""
    lines = items_at(world.case.doc if world.case else None, "fees")
    if not any(_amount(line) > 0 for line in lines):
        pytest.skip(ABSENT)


def _amount(line: JSON) -> Decimal:
    try:
        return Decimal(text_at(line, "/amount/amount"))
    except InvalidOperation:
        return Decimal(0)


@sentence("given", "when", en="{who} asks what the case costs", es="{who} pregunta cuánto cuesta el caso")
def asks_price(world: World, who: str) -> None:
    """Ask for a quote of exactly what the case at hand was billed for."""
    lines = items_at(world.case.doc if world.case else None, "fees")
    asked = [{name: line[name] for name in ("code", "quantity", "exemption") if name in line} for line in lines]
    call = Call(who, operation_named(world.spec, "createFeeQuote"), body=json.dumps({"lines": asked}))
    walk.must(world, call, 200)


@sentence("given", en="the service is in production", es="el servicio está en producción")
def in_production(world: World) -> None:
    """Go on only where the manifest says so; in a sandbox the scenario does not apply."""
    if world.run.subject.environment != "production":
        pytest.skip(PRODUCTION)


@sentence("when", en="{who} sends {method} to {path} of the host", es="{who} envía {method} a {path} del servidor")
def sends_to_host(world: World, who: str, method: str, path: str) -> None:
    """Send a bare request to a path of the host, outside the service; only methods that change nothing are taken."""
    if method not in SAFE:
        raise KitError("unsafe-method", f"{method} may change what is not ours", "use GET, HEAD or OPTIONS")
    headers = (("Accept", "application/json"), ("Correlation-Id", world.fresh_uuid("correlation")))
    world.group = []
    world.keep(who, None, world.run.client.send(Request(method, path, headers)))
