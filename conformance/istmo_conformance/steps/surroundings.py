"""What surrounds a service: the systems that it needs, the moments that it named, what it costs, where it runs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

import pytest

from istmo.errors import Finding, KitError
from istmo_conformance import spans
from istmo_conformance.cast import PEER
from istmo_conformance.modes import Mode
from istmo_conformance.steps.then import member
from istmo_conformance.values import items_at, text_at
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
NOT_APPLICABLE = "declared-not-applicable"
ABSENT = "not-in-profile"
PRODUCTION = "needs-production"


@sentence(
    "given",
    "when",
    en="the systems that the service needs are {mode}",
    es="los sistemas que el servicio necesita están en {mode}",
    needs=Mode.FULL,
)
def needed_systems(world: World, mode: str) -> None:
    """Degrade every system that the service's entry in the catalogue names: down, slow, error or none."""
    names = world.run.service.upstreams
    if not names:
        pytest.skip(NOT_APPLICABLE)
    for name in names:
        world.run.sandbox.fault(name, mode)


@sentence(
    "given",
    "when",
    en="it is {span} {side} {member_}",
    es="es {span} {side} de {member_}",
    needs=Mode.FULL,
)
def it_is_relative(world: World, span: str, side: str, member_: str) -> None:
    """Set the clock so far before or after a moment, or the beginning of a day, that the last answer names."""
    try:
        moment = datetime.fromisoformat(str(member(world, member_)))
    except ValueError:
        raise Finding(say('"{name}" is no moment', '"{name}" no es un momento', name=member_)) from None
    if moment.tzinfo is None:  # a day, which begins when it begins in the country
        moment = moment.replace(tzinfo=world.zone)
    distance = spans.after(world, moment, span) - moment
    world.set_clock(moment - distance if side == "before" else moment + distance)


@sentence(
    "given",
    en="the case costs something",
    es="el caso cuesta algo",
    needs=Mode.READ,
)
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


@sentence(
    "given",
    en="the service is in production",
    es="el servicio está en producción",
    needs=Mode.READ,
)
def in_production(world: World) -> None:
    """Go on only where the manifest says so; in a sandbox the scenario does not apply."""
    if world.run.subject.environment != "production":
        pytest.skip(PRODUCTION)


@sentence(
    "given", en="the sandbox trusts {who} as a peer", es="el entorno de pruebas confía en {who} como interlocutor"
)
def trusts(world: World, who: str) -> None:
    """Make a system of the cast a peer, whose messages the suite signs with keys of its own."""
    if who != PEER:
        raise KitError("no-peer", f"{who} is no system that signs messages", f"name {PEER}")
    world.run.sandbox.trust(world.run.signatory.listed(world.now))
