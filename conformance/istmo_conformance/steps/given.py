"""How things stand before: the sandbox, the clock, drafts, cases, certificates.

What fails here fails for a reason that the scenario is not about: it is then not run, never failed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest

from istmo_conformance import walk
from istmo_conformance.modes import Mode
from istmo_conformance.needs import by_walk
from istmo_conformance.values import MISSING, lookup
from istmo_conformance.vocabulary import sentence
from istmo_conformance.world import World

JSON: TypeAlias = Any
ABSENT = "not-in-profile"


def _moment(world: World, date: str, time: str) -> datetime:
    return datetime.fromisoformat(f"{date}T{time}").replace(tzinfo=world.zone).astimezone(UTC)


@sentence(
    "given",
    en="the sandbox starts afresh at {time} on {date}",
    es="el entorno de pruebas empieza de nuevo a las {time} del {date}",
    sets_ground=True,
    needs=Mode.READ,
)
def starts_afresh(world: World, time: str, date: str) -> None:
    """Put the known fixtures back and set the clock, in the time zone of the country; only in the mode `full`."""
    if world.run.mode is not Mode.FULL:
        return
    world.run.sandbox.reset()
    world.set_clock(_moment(world, date, time))


@sentence(
    "given",
    en="{who} has a draft[ from example {example}]",
    es="{who} tiene un borrador[ según el ejemplo {example}]",
    needs=Mode.WRITE,
)
def has_draft(world: World, who: str, example: str | None = None) -> None:
    """Create a draft of the service's case."""
    walk.draft(world, who, example)


@sentence(
    "given",
    en="{who} has a case[ from example {example}] in {goal}",
    es="{who} tiene un caso[ según el ejemplo {example}] en {goal}",
    needs=by_walk,
)
def has_case(world: World, who: str, goal: str, example: str | None = None) -> None:
    """Create a case and walk it to a status, paying on the way what has to be paid."""
    walk.bring(world, who, goal, example)


@sentence(
    "given",
    en="{who} holds an issued {noun}[ from example {example}]",
    es="{who} tiene emitido un elemento de {noun}[ según el ejemplo {example}]",
    needs=by_walk,
)
def holds_issued(world: World, who: str, noun: str, example: str | None = None) -> None:
    """Complete a case and take what it issued as the resource at hand."""
    walk.output(world, who, noun, example)


def _setting(world: World, name: str) -> JSON:
    """What the profile of the country sets for the service: by name, or by a pointer; items have codes and places."""
    profile = world.run.profile
    found: JSON = {**profile.service(world.spec.slug), "fees": profile.fees(world.spec.slug)}
    for part in name.strip("/").split("/"):
        if isinstance(found, list):
            items = [item for item in found if isinstance(item, dict)]
            found = {str(n): item for n, item in enumerate(items)} | {str(item.get("code")): item for item in items}
        found = lookup(found, f"/{part}")
    return found


@sentence(
    "given",
    en="this country has[ {negated}][ {item} in] {setting}",
    es="este país[ {negated}] tiene[ {item} en] {setting}",
    needs=Mode.READ,
)
def country_has(world: World, setting: str, item: str | None = None, negated: str | None = None) -> None:
    """Go on only where the country's profile sets something, or lists an item there; else the scenario is left out."""
    found = _setting(world, setting)
    if item is None:
        has = found not in (MISSING, None, False, 0, "", [], {})
    else:
        has = isinstance(found, list) and item in found
    if has is (negated is not None):
        pytest.skip(ABSENT)
