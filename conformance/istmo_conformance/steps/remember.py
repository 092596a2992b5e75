"""Giving names to things, so that later sentences can speak of them."""

from __future__ import annotations

import copy

from istmo.errors import Finding, KitError
from istmo_conformance.values import MISSING, lookup
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World


@sentence(en="it is remembered as {name}", es="se recuerda como {name}")
def remember_it(world: World, name: str) -> None:
    """Give the resource at hand a name."""
    if world.it is None:
        raise KitError("nothing-at-hand", "no resource is at hand", "create one first")
    world.known[name] = {**copy.deepcopy(world.it.doc), "_etag": world.it.etag}


@sentence(en="its {member} is remembered as {name}", es="su {member} se recuerda como {name}")
def remember_member(world: World, member: str, name: str) -> None:
    """Give a member of the last answer, or else of the resource at hand, a name."""
    found = MISSING
    if world.group and world.answer.is_json:
        found = lookup(world.answer.json(), member)
    if found is MISSING and world.it is not None:
        found = lookup(world.it.doc, member)
    if found is MISSING:
        raise Finding(say('there is no "{member}" to remember', 'no hay "{member}" que recordar', member=member))
    world.known[name] = copy.deepcopy(found)


@sentence(en="{name} is at hand again", es="{name} vuelve a ser el recurso tratado")
def at_hand(world: World, name: str) -> None:
    """Make a remembered resource the one at hand."""
    known = world.known.get(name)
    for resource in world.resources.values():
        if isinstance(known, dict) and resource.id == known.get("id"):
            world.it = resource
            return
    raise KitError("not-remembered", f'"{name}" is no resource that was seen', "remember it first")
