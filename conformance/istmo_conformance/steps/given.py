"""How things stand before: the sandbox, the clock, drafts, cases, certificates.

What fails here fails for a reason that the scenario is not about: it is then not run, never failed.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest

from istmo_conformance import walk
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
)
def starts_afresh(world: World, time: str, date: str) -> None:
    """Put the known fixtures back and set the clock, in the time zone of the country."""
    if not world.run.subject.sandbox:
        return
    world.run.sandbox.reset()
    world.set_clock(_moment(world, date, time))


@sentence(
    "given",
    en="{who} has a draft[ from example {example}]",
    es="{who} tiene un borrador[ según el ejemplo {example}]",
)
def has_draft(world: World, who: str, example: str | None = None) -> None:
    """Create a draft of the service's case."""
    walk.draft(world, who, example)


@sentence(
    "given",
    en="{who} has a case[ from example {example}] in {goal}",
    es="{who} tiene un caso[ según el ejemplo {example}] en {goal}",
)
def has_case(world: World, who: str, goal: str, example: str | None = None) -> None:
    """Create a case and walk it to a status, paying on the way what has to be paid."""
    walk.bring(world, who, goal, example)


@sentence(
    "given",
    en="{who} holds an issued {noun}[ from example {example}]",
    es="{who} tiene emitido un elemento de {noun}[ según el ejemplo {example}]",
)
def holds_issued(world: World, who: str, noun: str, example: str | None = None) -> None:
    """Complete a case and take what it issued as the resource at hand."""
    walk.output(world, who, noun, example)


@sentence(
    "given",
    "when",
    en="the upstream {upstream} is {mode}",
    es="el servicio externo {upstream} está en {mode}",
)
def upstream(world: World, upstream: str, mode: str) -> None:
    """Degrade a service on which the judged one depends: down, slow, error or none."""
    world.run.sandbox.fault(upstream, mode)


def _setting(world: World, name: str) -> JSON:
    """What the profile of the country sets for the service: by name, or by a pointer that may name items by code."""
    profile = world.run.profile
    found: JSON = {**profile.service(world.spec.slug), "fees": profile.fees(world.spec.slug)}
    for part in name.strip("/").split("/"):
        if isinstance(found, list):
            found = {str(item.get("code")): item for item in found if isinstance(item, dict)}
        found = lookup(found, f"/{part}")
    return found


@sentence("given", en="this country has {setting}", es="este país tiene {setting}")
def country_has(world: World, setting: str) -> None:
    """Go on only where the profile of the country sets something; elsewhere the scenario does not apply."""
    if _setting(world, setting) in (MISSING, None, False, 0, "", [], {}):
        pytest.skip(ABSENT)


@sentence("given", en="this country has no {setting}", es="este país no tiene {setting}")
def country_lacks(world: World, setting: str) -> None:
    """Go on only where the profile of the country does not set something."""
    if _setting(world, setting) not in (MISSING, None, False, 0, "", [], {}):
        pytest.skip(ABSENT)


@sentence("given", en="this country has no {value} in {setting}", es="este país no tiene {value} en {setting}")
def country_lacks_item(world: World, value: str, setting: str) -> None:
    """Go on only where a list of the profile does not have an item."""
    listed = _setting(world, setting)
    if isinstance(listed, list) and json.loads(value) in listed:
        pytest.skip(ABSENT)
