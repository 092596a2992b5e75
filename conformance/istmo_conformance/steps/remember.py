"""Giving names to things, so that later sentences can speak of them."""

from __future__ import annotations

import copy
from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo_conformance.modes import Mode
from istmo_conformance.values import MISSING, changed, lookup
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
TAG = "ETag"  # a header, and the only one that belongs to a resource


@sentence(
    en="it[s {member}] is remembered as {name}",
    es="[su {member} ]se recuerda como {name}",
    needs=Mode.READ,
)
def remember(world: World, name: str, member: str | None = None) -> None:
    """Give a name to the resource at hand, to its tag, or to a member of the last answer or else of the resource."""
    if member is not None:
        world.known[name] = copy.deepcopy(_member(world, member))
    elif world.it is not None:
        world.known[name] = {**copy.deepcopy(world.it.doc), "_etag": world.it.etag}
    else:
        raise KitError("nothing-at-hand", "no resource is at hand", "create one first")


def _member(world: World, member: str) -> JSON:
    if member == TAG and world.it is not None and world.it.etag is not None:
        return world.it.etag
    found = MISSING
    if world.group and world.answer.is_json:
        found = lookup(world.answer.json(), member)
    if found is MISSING and world.it is not None:
        found = lookup(world.it.doc, member)
    if found is MISSING:
        raise Finding(say('there is no "{member}" to remember', 'no hay "{member}" que recordar', member=member))
    return found


PLACES = {"first": 0, "primer": 0, "middle": None, "central": None, "last": -1, "final": -1}


@sentence(
    en="{name} with another {noun} character in its {member} is remembered as {other}",
    es="{name} con otro {noun} carácter en su {member} se recuerda como {other}",
    needs=Mode.READ,
)
def remember_altered(world: World, name: str, noun: str, member: str, other: str) -> None:
    """Remember a copy of what is remembered, in which the first, middle or last character of a text is another."""
    kept = world.known.get(name)
    text = kept if isinstance(kept, str) else lookup(kept, member)
    if noun not in PLACES:
        raise KitError("unknown-place", f"{noun} is no place of a character", f"one of {', '.join(PLACES)}")
    if not isinstance(text, str) or not text:
        raise Finding(say('there is no "{member}" to alter', 'no hay "{member}" que alterar', member=member))
    place = PLACES[noun]
    at = len(text) // 2 if place is None else place % len(text)
    swapped = text[at].swapcase() if text[at].isalpha() else "a" if text[at] != "a" else "b"
    altered = text[:at] + swapped + text[at + 1 :]
    world.known[other] = altered if isinstance(kept, str) else changed(kept, member, altered)


@sentence(
    en="{name} is at hand again",
    es="{name} vuelve a ser el recurso tratado",
    needs=Mode.READ,
)
def at_hand(world: World, name: str) -> None:
    """Make a remembered resource the one at hand."""
    known = world.known.get(name)
    for resource in world.resources.values():
        if isinstance(known, dict) and resource.id == known.get("id"):
            world.it = resource
            return
    raise KitError("not-remembered", f'"{name}" is no resource that was seen', "remember it first")
