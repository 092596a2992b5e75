"""What must be true of one thing beside another: members, columns, claims of a signed text."""

from __future__ import annotations

import base64
import json
from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo_conformance.steps.then import member
from istmo_conformance.values import MISSING, find_member
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
DEEPEST = 32


@sentence(
    "then",
    en="the answer has the same members as {name}",
    es="la respuesta tiene los mismos miembros que {name}",
)
def samemembers(world: World, name: str) -> None:
    """The last answer and a remembered resource have the same members at every depth, whatever their values."""
    known = world.known.get(name)
    if not isinstance(known, dict):
        raise KitError("not-remembered", f'"{name}" is no remembered resource', "remember it first")
    expected = members({key: value for key, value in known.items() if key != "_etag"})
    actual = members(world.answer.json())
    if actual != expected:
        differing = ", ".join(sorted(actual ^ expected)[:12])
        raise Finding(say("members differ: {names}", "difieren los miembros: {names}", names=differing))


def members(document: JSON, path: str = "", depth: int = 0) -> set[str]:
    """The places of all members; the items of a list count as one place."""
    if depth > DEEPEST:
        return set()
    found: set[str] = set()
    if isinstance(document, dict):
        for key, value in document.items():
            found |= {f"{path}/{key}"} | members(value, f"{path}/{key}", depth + 1)
    elif isinstance(document, list):
        for item in document:
            found |= members(item, f"{path}/-", depth + 1)
    return found


@sentence(
    "then",
    en="the {column} of {one} and of {other} are the same",
    es="los {column} de {one} y de {other} son iguales",
)
def same_column(world: World, column: str, one: str, other: str) -> None:
    """Two lists of the last answer have items that agree in a member, in the same order."""
    first, second = _column(world, one, column), _column(world, other, column)
    if first != second:
        raise Finding(
            say('the "{column}" differ', 'difieren los "{column}"', column=column),
            expected=repr(first)[:200], actual=repr(second)[:200],
        )  # fmt: skip


def _column(world: World, name: str, column: str) -> list[JSON]:
    items = member(world, name)
    if not isinstance(items, list) or not items:
        raise Finding(say('"{name}" is no list or empty', '"{name}" no es una lista o está vacía', name=name))
    return [item.get(column) if isinstance(item, dict) else None for item in items]


@sentence("then", en="{member_} carries {value} as {claim}", es="{member_} lleva {value} como {claim}")
def carries(world: World, member_: str, value: str, claim: str) -> None:
    """A signed text of the last answer (a compact JWS or JWT) claims a value; the signature is looked at elsewhere."""
    expected, claimed = world.value(value), find_member(_payload(member(world, member_)), claim)
    if claimed is MISSING or claimed != expected:
        raise Finding(
            say('"{name}" carries another "{claim}"', '"{name}" lleva otro "{claim}"', name=member_, claim=claim),
            expected=repr(expected)[:200], actual="-" if claimed is MISSING else repr(claimed)[:200],
        )  # fmt: skip


def _payload(token: JSON) -> JSON:
    parts = token.split(".") if isinstance(token, str) else []
    try:
        return json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError, RecursionError) as error:
        raise Finding(say("there is no signed text", "no hay un texto firmado")) from error
