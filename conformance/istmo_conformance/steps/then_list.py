"""What must be true of lists: what they have, what their pages hold together."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any


@sentence(
    "then",
    en="the list {includes}",
    es="la lista {includes}",
    counts=True,
)
def list_includes(world: World, includes: str) -> None:
    """The last list, or the pages read, contain the resource at hand, or do not."""
    found = _at_hand(world) in _ids(world)
    if found and includes != "has it":
        raise Finding(say("the list has it", "la lista lo incluye"))
    if not found and includes == "has it":
        raise Finding(say("the list does not have it", "la lista no lo incluye"))


@sentence(
    "then",
    en="the pages hold {number} more item[s] than before, each once",
    es="las páginas contienen {number} elemento[s] más que antes, cada uno una vez",
    counts=True,
)
def pages_hold_more(world: World, number: str) -> None:
    """The pages read hold all that the reading before held, which must be something for 0 more, and repeat none."""
    if number == "0" and not world.before:
        raise Finding(say("the list is empty", "la lista está vacía"))
    _hold_all_before(world)
    _hold(world, len(_names(world.before)) + int(number))


def _hold_all_before(world: World) -> None:
    if _names(world.before) - _names(world.collected):
        raise Finding(say("an item is missing", "falta un elemento"))


def _hold(world: World, number: int) -> None:
    distinct = len(_names(world.collected))
    if distinct != number or len(world.collected) != number:
        raise Finding(
            say("{distinct} different items in {all}", "{distinct} elementos distintos en {all}",
                distinct=distinct, all=len(world.collected)), expected=str(number),
        )  # fmt: skip


def _names(items: list[JSON]) -> set[str]:
    """What tells items apart: their id or code, else all that they say."""
    named = [item.get("id") or item.get("code") if isinstance(item, dict) else None for item in items]
    return {str(name or json.dumps(item, sort_keys=True)) for name, item in zip(named, items, strict=True)}


def _at_hand(world: World) -> str:
    if world.it is None:
        raise KitError("nothing-at-hand", "no resource is at hand", "create one first")
    return world.it.id


def _ids(world: World) -> set[str]:
    items: JSON = world.collected
    if not items:
        found = world.answer.json()
        items = found.get("items") if isinstance(found, dict) else None
        if not isinstance(items, list):
            raise Finding(say("the answer is no list", "la respuesta no es una lista"))
    return {str(item.get("id")) for item in items if isinstance(item, dict)}
