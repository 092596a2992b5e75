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

__all__ = ["BREAKING", "REVIEW", "Doubt", "Side", "wider"]

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
_MARK: Final = "$recursive"
_LARGEST: Final = 50_000
_DEEPEST: Final = 200
_PARTS: Final = frozenset({"type", "properties", "required", "items", "additionalProperties", "unevaluatedProperties"})


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
    whole: list[JSON] = field(default_factory=list)


def wider(wide: Side, wide_at: str, narrow: Side, narrow_at: str, *, national_is_open: bool) -> Iterator[Doubt]:
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
        if one.types is not None and (other.types is None or not other.types <= _with_integers(one.types)):
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
        wide, narrow = (
            _expanded(self.wide, list(one.rest)),
            _expanded(self.narrow, list(other.rest) or [True]),
        )
        if one.rest and wide != narrow and _covers(wide, narrow) != "yes":
            # A "no" about the rest alone proves nothing: the members may exclude what the rest allows.
            yield from self._ask(one.whole, other.whole, place)

    def _ask(self, wide: list[JSON], narrow: list[JSON], place: tuple[str, ...]) -> Iterator[Doubt]:
        answer = _covers(_expanded(self.wide, wide), _expanded(self.narrow, narrow))
        if answer == "no":
            yield BREAKING, join(place), "values that one side allows are refused by the other"
        elif answer != "yes":
            yield REVIEW, join(place), "no machine could prove that one side allows all that the other does"


def _with_integers(types: set[str]) -> set[str]:
    return types | {"integer"} if "number" in types else types


def _says_nothing(schema: JSON) -> bool:
    return schema is True or schema == {}


def _covers(wide: JSON, narrow: JSON) -> str:
    written = isinstance(wide, dict | bool) and isinstance(narrow, dict | bool)
    if not written or _is_recursive(wide) or _is_recursive(narrow):
        return "unknown"
    try:
        made = [
            jsonschema_rs.canonicalize(schema, draft=jsonschema_rs.Draft202012, validate_formats=True, retriever=_never)
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
    view = _View(whole=schemas)
    waiting, seen = list(schemas), set()
    while waiting:
        node = waiting.pop(0)
        if _says_nothing(node):
            continue
        if not isinstance(node, dict) or id(node) in seen or _is_entangled(node):
            return None
        seen.add(id(node))
        reference = node.get("$ref")
        if isinstance(reference, str):
            waiting.append(look_up(side.document, parts(reference)))
        waiting.extend(node.get("allOf") or ())
        _fold(view, node)
    return view


def _is_entangled(node: dict[str, JSON]) -> bool:
    """Tell whether what a member or item must be depends on which other members or items are described."""
    others = [node.get(key) for key in ("additionalProperties", "unevaluatedProperties")]
    loose = any(isinstance(other, dict) and other for other in others)
    return loose or "prefixItems" in node or ("patternProperties" in node and False in others)


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
    if rest:
        view.rest.append(rest)


def _expanded(side: Side, schemas: list[JSON]) -> JSON:
    """Return the schemas written out without references and texts; where one contains itself stands a mark."""
    writer = _Writer(side)
    try:
        made = [writer.write(schema, {}, 1) for schema in schemas]
    except _TooLargeError:
        return object()  # equal to nothing
    return made[0] if len(made) == 1 else {"allOf": made}


class _TooLargeError(Exception):
    """Written out, the schema would be larger than anybody can judge."""


class _Writer:
    """Writes schemas out; small ones that refer to each other many times could fill the memory, so it counts."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.count = 0

    def write(self, node: JSON, active: Mapping[str, int], depth: int) -> JSON:
        self.count += 1
        if self.count > _LARGEST or depth > _DEEPEST:
            raise _TooLargeError
        if isinstance(node, list):
            return [self.write(item, active, depth + 1) for item in node]
        if not isinstance(node, dict):
            return node
        kept = {
            key: self._member(key, item, active, depth + 1)
            for key, item in node.items()
            if key not in _TEXT and key != "$ref" and not key.startswith("x-")
        }
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return kept
        if reference in active:
            # The depth names one ancestor: two schemas with equal marks are the same infinite tree.
            return {_MARK: active[reference], **kept}
        inner = look_up(self.side.document, parts(reference))
        if not kept:
            return self.write(inner, {**active, reference: depth}, depth)
        return {"allOf": [self.write(inner, {**active, reference: depth + 2}, depth + 2), kept]}

    def _member(self, key: str, item: JSON, active: Mapping[str, int], depth: int) -> JSON:
        if key in {"enum", "const"}:
            return item
        if key in {"properties", "$defs", "patternProperties"} and isinstance(item, dict):
            return {name: self.write(schema, active, depth + 1) for name, schema in item.items()}
        return self.write(item, active, depth)


def _is_recursive(schema: JSON) -> bool:
    if isinstance(schema, dict):
        return _MARK in schema or any(_is_recursive(item) for item in schema.values())
    return isinstance(schema, list) and any(_is_recursive(item) for item in schema)
