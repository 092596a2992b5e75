"""Where an operation takes a sort of value, as its schema says, so that a scenario holds for every service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from istmo.spec import Operation, Spec
from istmo_conformance.values import MISSING

JSON: TypeAlias = Any
JSON_TYPE = "application/json"
DEEPEST = 24
QUOTE = "createFeeQuote"


@dataclass(frozen=True)
class Node:
    """A schema met on the way: by which names it was referred to, and what it says itself."""

    names: frozenset[str]
    schema: dict[str, JSON]

    def has_format(self, name: str) -> bool:
        """Tell whether it is a text of a format."""
        return bool(self.schema.get("format") == name)


@dataclass(frozen=True)
class Place:
    """A member of the body of an operation: in which example, and where."""

    operation: Operation
    example: str | None
    pointer: str


Sort: TypeAlias = Callable[[Node], bool]
SORTS: dict[str, Sort] = {
    "money": lambda node: "Money" in node.names,
    "date": lambda node: node.has_format("date"),
    "moment": lambda node: node.has_format("date-time"),
    "identifier": lambda node: bool(node.names & {"IdentifierInput", "Identifier"}),
    "text": lambda node: bool(node.names & {"TextLine", "TextBlock"}),
}


def find(spec: Spec, sort: str, stage: int, first: Callable[[Operation], str | None]) -> Place | None:
    """The first place of a sort: in an example as it stands, else one that an example leaves out."""
    wanted = SORTS[sort]
    candidates = [one for one in _candidates(spec) if one.stage <= stage]
    for operation in candidates:
        for name in _examples(spec, operation, first(operation)):
            for pointer, node in _present(spec, operation.id, name):
                if wanted(node):
                    return Place(operation, name, pointer)
    for operation in candidates:
        for pointer, node in _declared(spec, operation.id):
            if wanted(node):
                return Place(operation, first(operation), pointer)
    return None


def _candidates(spec: Spec) -> list[Operation]:
    """The operations that take something new: the case first, then the calculator, then the rest."""
    new = [one for one in spec.operations.values() if one.method == "POST" and "{" not in one.path]
    created = spec.cases[0].create if spec.cases else None
    order = {created.id: 0} if created is not None else {}
    order[QUOTE] = 1
    return sorted((one for one in new if JSON_TYPE in one.request), key=lambda one: order.get(one.id, 2))


def _examples(spec: Spec, operation: Operation, first: str | None) -> list[str]:
    """The names of the examples of an operation, the one that a plain call sends first."""
    return sorted(spec.request_examples(operation.id), key=lambda name: name != first)


@lru_cache(maxsize=1024)  # every sort is looked for in the same examples
def _present(spec: Spec, operation: str, example: str) -> tuple[tuple[str, Node], ...]:
    return _placed(spec, operation, spec.request_examples(operation)[example])


@lru_cache(maxsize=1024)
def _declared(spec: Spec, operation: str) -> tuple[tuple[str, Node], ...]:
    return _placed(spec, operation, MISSING)


def _placed(spec: Spec, operation: str, document: JSON) -> tuple[tuple[str, Node], ...]:
    pointer = spec.operations[operation].request[JSON_TYPE]
    return () if pointer is None else tuple(_walk(spec, {"$ref": pointer}, document, "", 0))


def _walk(spec: Spec, schema: JSON, document: JSON, pointer: str, depth: int) -> Iterator[tuple[str, Node]]:
    """Every place below a schema; with a document only those that it has."""
    if depth > DEEPEST or not isinstance(schema, dict):
        return
    names: set[str] = set()
    layers = [schema]
    while isinstance(layers[-1].get("$ref"), str) and len(layers) <= DEEPEST:
        names.add(layers[-1]["$ref"].rpartition("/")[2])
        layers.append(spec.schema(layers[-1]["$ref"]))
    merged = {key: value for layer in reversed(layers) for key, value in layer.items() if key != "$ref"}
    if pointer:
        yield pointer, Node(frozenset(names), merged)
    for part in [*merged.get("allOf", ()), *merged.get("anyOf", ()), *merged.get("oneOf", ())]:
        yield from _walk(spec, part, document, pointer, depth + 1)
    for name, inner in (merged.get("properties") or {}).items():
        if document is MISSING:
            yield from _walk(spec, inner, MISSING, f"{pointer}/{name}", depth + 1)
        elif isinstance(document, dict) and name in document:
            yield from _walk(spec, inner, document[name], f"{pointer}/{name}", depth + 1)
    if "items" in merged and document is MISSING:
        yield from _walk(spec, merged["items"], MISSING, f"{pointer}/0", depth + 1)
    elif "items" in merged and isinstance(document, list) and document:
        yield from _walk(spec, merged["items"], document[0], f"{pointer}/0", depth + 1)
