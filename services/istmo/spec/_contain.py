"""Containment of two schemas that stand in two documents: proven, refuted, or undecided.

Objects and lists are compared part by part, so that a finding names the member. Everything else is put to
jsonschema-rs, of whose three answers only `yes` proves anything. What no rule here understands is `review`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import jsonschema_rs

from istmo.spec._bundle import follow
from istmo.spec._json import JSON
from istmo.spec._tree import join, look_up, parts

__all__ = ["BREAKING", "REVIEW", "Side", "wider"]

BREAKING: Final = "breaking"
REVIEW: Final = "review"

Doubt: TypeAlias = tuple[str, str, str]

# Words for people and tools: they decide nothing about an instance.
_TEXT: Final = frozenset(
    {
        "title", "description", "summary", "example", "examples", "default", "deprecated", "readOnly", "writeOnly",
        "externalDocs", "xml", "$comment", "discriminator",
    }
)  # fmt: skip
_PARTS: Final = frozenset(
    {"type", "properties", "required", "items", "additionalProperties", "unevaluatedProperties"}
)


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two documents."""

    document: Mapping[str, JSON]

    def at(self, pointer: str) -> JSON:
        """Return what stands at a pointer."""
        return look_up(self.document, parts(pointer))


@dataclass
class _View:
    """An object or list schema with its references and `allOf` folded together."""

    properties: dict[str, list[JSON]] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    items: list[JSON] = field(default_factory=list)
    types: set[str] | None = None
    closed: bool = False
    rest: list[dict[str, JSON]] = field(default_factory=list)


def wider(
    wide: Side, wide_at: str, narrow: Side, narrow_at: str, *, national_is_open: bool
) -> Iterator[Doubt]:
    """Yield what speaks against `wide` admitting every instance that `narrow` admits."""
    walker = _Walker(wide, narrow, national_is_open=national_is_open)
    yield from walker.compare([wide.at(wide_at)], [narrow.at(narrow_at)], ())


class _Walker:
    """One comparison; pairs that were met before are assumed, so recursive schemas end."""

    def __init__(self, wide: Side, narrow: Side, *, national_is_open: bool) -> None:
        self.wide = wide
        self.narrow = narrow
        self.national_is_open = national_is_open
        self.met: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()

    def compare(self, wide: list[JSON], narrow: list[JSON], place: tuple[str, ...]) -> Iterator[Doubt]:
        """Compare two conjunctions of schemas."""
        if all(_says_nothing(one) for one in wide):
            return
        pair = (_identities(self.wide, wide), _identities(self.narrow, narrow))
        if pair in self.met:
            return
        self.met.add(pair)
        if _expanded(self.wide, wide) == _expanded(self.narrow, narrow):
            return
        one, other = _view(self.wide, wide), _view(self.narrow, narrow)
        if one is None or other is None or not (one.properties or one.items or one.required):
            yield from self._ask(wide, narrow, place)
            return
        yield from self._structure(one, other, place)

    def _structure(self, one: _View, other: _View, place: tuple[str, ...]) -> Iterator[Doubt]:
        if one.types is not None and (other.types is None or not other.types <= one.types):
            yield BREAKING, join(place), "the type differs"
            return
        for name in sorted(one.required - other.required):
            yield BREAKING, join((*place, name)), "the member is required on one side only"
        yield from self._members(one, other, place)
        if one.closed:
            for name in sorted(other.properties.keys() - one.properties.keys()):
                yield BREAKING, join((*place, name)), "the member is not allowed on one side"
            if not other.closed:
                yield BREAKING, join(place), "unknown members are allowed on one side only"
        if one.items:
            yield from self.compare(one.items, other.items or [True], (*place, "0"))
        yield from self._remainder(one, other, place)

    def _members(self, one: _View, other: _View, place: tuple[str, ...]) -> Iterator[Doubt]:
        for name, schemas in one.properties.items():
            if self.national_is_open and name == "national":
                continue
            if name in other.properties:
                yield from self.compare(schemas, other.properties[name], (*place, name))
            elif not other.closed and not all(_says_nothing(schema) for schema in schemas):
                yield REVIEW, join((*place, name)), "the member is described on one side only"

    def _remainder(self, one: _View, other: _View, place: tuple[str, ...]) -> Iterator[Doubt]:
        """Compare what is left of both schemas when members, items and types are taken away."""
        if not one.rest or _expanded(self.wide, list(one.rest)) == _expanded(self.narrow, list(other.rest)):
            return
        yield from self._ask(list(one.rest), list(other.rest) or [True], place)

    def _ask(self, wide: list[JSON], narrow: list[JSON], place: tuple[str, ...]) -> Iterator[Doubt]:
        answer = _covers(_expanded(self.wide, wide), _expanded(self.narrow, narrow))
        if answer == "no":
            yield BREAKING, join(place), "values that one side allows are refused by the other"
        elif answer != "yes":
            yield REVIEW, join(place), "no machine could prove that one side allows all that the other does"


def _says_nothing(schema: JSON) -> bool:
    return schema is True or schema == {}


def _covers(wide: JSON, narrow: JSON) -> str:
    if wide is None or narrow is None:
        return "unknown"  # recursive: it cannot be written out
    try:
        made = [
            jsonschema_rs.canonicalize(
                schema, draft=jsonschema_rs.Draft202012, validate_formats=True, retriever=_never
            )
            for schema in (wide, narrow)
        ]
        return str(made[0].covers(made[1]).value)
    except (ValueError, jsonschema_rs.ReferencingError, jsonschema_rs.canonical.CanonicalizationError):
        return "unknown"


def _never(uri: str) -> JSON:
    raise LookupError(uri)


def _identities(side: Side, schemas: list[JSON]) -> tuple[int, ...]:
    return tuple(sorted(id(follow(side.document, schema)) for schema in schemas))


def _view(side: Side, schemas: list[JSON]) -> _View | None:
    """Return the folded form, or None for a schema that is neither an object nor a list nor understood."""
    view = _View()
    waiting, seen = list(schemas), set()
    while waiting:
        node = waiting.pop(0)
        if _says_nothing(node):
            continue
        if not isinstance(node, dict) or id(node) in seen:
            return None
        seen.add(id(node))
        reference = node.get("$ref")
        if isinstance(reference, str):
            waiting.append(look_up(side.document, parts(reference)))
        waiting.extend(node.get("allOf") or ())
        _fold(view, node)
    return view


def _fold(view: _View, node: dict[str, JSON]) -> None:
    types = node.get("type")
    if types is not None:
        own = set(types) if isinstance(types, list) else {types}
        view.types = own if view.types is None else view.types & own
    for name, schema in (node.get("properties") or {}).items():
        view.properties.setdefault(name, []).append(schema)
    view.required |= set(node.get("required") or ())
    if "items" in node:
        view.items.append(node["items"])
    view.closed |= node.get("additionalProperties") is False or node.get("unevaluatedProperties") is False
    rest = {
        key: item
        for key, item in node.items()
        if key not in _PARTS | _TEXT | {"$ref", "allOf"} and not key.startswith("x-")
    }
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if isinstance(node.get(keyword), dict) and node[keyword]:
            rest[keyword] = node[keyword]
    if rest:
        view.rest.append(rest)


def _expanded(side: Side, schemas: list[JSON]) -> JSON:
    """Return the schemas written out without references and texts, or None when they contain themselves."""
    try:
        made = [_written_out(side, schema, ()) for schema in schemas]
    except _RecursiveError:
        return None
    return made[0] if len(made) == 1 else {"allOf": made}


class _RecursiveError(Exception):
    """A schema that contains itself cannot be written out."""


def _written_out(side: Side, node: JSON, active: tuple[str, ...]) -> JSON:
    if isinstance(node, list):
        return [_written_out(side, item, active) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _members(side, item, active) if key in {"properties", "$defs", "patternProperties"}
        else item if key in {"enum", "const"}
        else _written_out(side, item, active)
        for key, item in node.items()
        if key not in _TEXT and key != "$ref" and not key.startswith("x-")
    }  # fmt: skip
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return kept
    if reference in active:
        raise _RecursiveError
    target = _written_out(side, look_up(side.document, parts(reference)), (*active, reference))
    return {"allOf": [target, kept]} if kept else target


def _members(side: Side, node: JSON, active: tuple[str, ...]) -> JSON:
    if not isinstance(node, dict):
        return node
    return {name: _written_out(side, schema, active) for name, schema in node.items()}
