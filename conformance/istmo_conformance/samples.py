"""Values that a schema allows: what an example leaves out is filled in, so that what is said about it can be tried.

Nothing is invented about texts of a form: whatever fits is looked for among the examples of the specification.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeAlias

from istmo.spec import Spec, Validator
from istmo_conformance.values import MISSING

JSON: TypeAlias = Any
DEEPEST = 12
# What most texts of a form can be; everything else is found among the examples.
PLAIN = (
    "istmo", "Istmo", "a", "es", "XX", "istmo-1", "a.b", "100.00", "2027-01-15", "2027-01-15T10:00:00Z",
    "6f0f3c3e-57b1-4d3c-9d0f-0d2c7f3a5b11", "istmo@example.org", "https://example.org/istmo", "/istmo",
    "+50222223333", "0" * 64, "A" * 22, "istmo-0123456789-abcdef",
)  # fmt: skip


class Samples:
    """Makes values for the schemas of one specification."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def layers(self, schema: JSON) -> list[dict[str, JSON]]:
        """The schemas that hold for the same value: behind references, added up, and the first of each choice."""
        return self._behind(schema, lambda parts: parts[:1])

    def chosen(self, schema: JSON, value: JSON) -> list[dict[str, JSON]]:
        """The schemas that hold for a value: of a choice those that it keeps."""
        return self._behind(schema, lambda parts: [part for part in parts if self.rule(part).is_valid(value)])

    def _behind(self, schema: JSON, choose: Callable[[list[JSON]], list[JSON]]) -> list[dict[str, JSON]]:
        """The schemas behind one, of each choice those that are chosen."""
        found: list[dict[str, JSON]] = []
        waiting = [schema]
        while waiting and len(found) < DEEPEST * 4:
            node = waiting.pop(0)
            if not isinstance(node, dict):
                continue
            found.append(node)
            reference = node.get("$ref")
            waiting += [self.spec.schema(reference)] if isinstance(reference, str) else []
            waiting += node.get("allOf") or ()
            waiting += [part for word in ("oneOf", "anyOf") for part in choose(list(node.get(word) or ()))]
        return found

    def made(self, schema: JSON, depth: int = 0) -> JSON:
        """A value that a schema allows, with all that may stand in it; MISSING where none is known."""
        if depth > DEEPEST or schema is False:
            return MISSING
        layers, rule = self.layers(schema), self.rule(schema)
        for candidate in self._candidates(layers, depth):
            if candidate is not MISSING and rule.is_valid(candidate):
                return candidate
        return MISSING

    def rule(self, schema: JSON) -> Validator:
        """The validator of a schema, compiled once."""
        reference = schema.get("$ref") if isinstance(schema, dict) and len(schema) == 1 else None
        return self.spec.validator(reference if isinstance(reference, str) else {"allOf": [schema]})

    def _candidates(self, layers: list[dict[str, JSON]], depth: int) -> Iterator[JSON]:
        for layer in layers:
            yield from [layer["const"]] if "const" in layer else []
            yield from layer.get("enum") or ()
            yield from layer.get("examples") or ()
        kinds = [kind for layer in layers for kind in _types(layer)] or ["object"]
        for kind in dict.fromkeys(kinds):
            yield from self._of_type(kind, layers, depth)

    def _of_type(self, kind: str, layers: list[dict[str, JSON]], depth: int) -> Iterator[JSON]:
        if kind == "object":
            yield self._object(layers, depth)
        elif kind == "array":
            yield self._array(layers, depth)
        elif kind == "string":
            yield from PLAIN
            yield from texts(self.spec)
        elif kind in {"integer", "number"}:
            yield from [layer["minimum"] for layer in layers if "minimum" in layer]
            yield from (1, 0, *(layer["maximum"] for layer in layers if "maximum" in layer))
        elif kind == "boolean":
            yield True
        elif kind == "null":
            yield None

    def _object(self, layers: list[dict[str, JSON]], depth: int) -> JSON:
        names = {name for layer in layers for name in layer.get("required") or ()}
        found = {}
        for layer in layers:
            for name, schema in (layer.get("properties") or {}).items():
                if name in names and name not in found:
                    found[name] = self.made(schema, depth + 1)
        if MISSING in found.values():
            return MISSING
        return self._filled(found, layers, depth)

    def _filled(self, value: dict[str, JSON], layers: list[dict[str, JSON]], depth: int) -> JSON:
        """An object with each member that it may have beside those that it has."""
        rule = self.spec.validator({"allOf": layers})
        wrong = len(rule.violations(value))
        for layer in layers:
            for name, schema in (layer.get("properties") or {}).items():
                made = MISSING if name in value else self.made(schema, depth + 1)
                if made is not MISSING:
                    left = len(rule.violations({**value, name: made}))
                    if left <= wrong:
                        value[name], wrong = made, left
        return value

    def _array(self, layers: list[dict[str, JSON]], depth: int) -> JSON:
        items = next((layer["items"] for layer in layers if "items" in layer), {"const": "istmo"})
        first = self.made(items, depth + 1)
        if first is MISSING:
            return MISSING
        most = max([1, *(int(layer["minItems"]) for layer in layers if "minItems" in layer)])
        return self.several(first, items, most)

    def several(self, first: JSON, items: JSON, number: int) -> JSON:
        """A list of so many items like the first, each another; MISSING where no others are known."""
        if number == 1:
            return [first]
        rule, found = self.rule(items), [first]
        for text in _likes(first):
            if len(found) == number:
                break
            if text not in found and rule.is_valid(text):
                found.append(text)
        return found if len(found) == number else MISSING

    def filled(self, schema: JSON, value: JSON, depth: int = 0) -> JSON:
        """A copy of a value in which, at every depth, whatever the schema knows beside it stands too."""
        if depth > DEEPEST:
            return value
        layers = self.chosen(schema, value)
        if isinstance(value, dict):
            return self._filled(self._inside(value, layers, depth), layers, depth)
        items = next((layer["items"] for layer in layers if "items" in layer), None)
        if isinstance(value, list) and items is not None:
            return [self.filled(items, item, depth + 1) for item in value]
        return copy.deepcopy(value)

    def _inside(self, value: dict[str, JSON], layers: list[dict[str, JSON]], depth: int) -> dict[str, JSON]:
        found = copy.deepcopy(value)
        for layer in layers:
            for name, schema in (layer.get("properties") or {}).items():
                if name in value:
                    found[name] = self.filled(schema, value[name], depth + 1)
        return found


def _types(layer: dict[str, JSON]) -> list[str]:
    found = layer.get("type")
    if found is None:
        return ["object"] if "properties" in layer else []
    return [found] if isinstance(found, str) else [str(one) for one in found]


def _likes(first: JSON) -> Iterator[JSON]:
    """Values like one, each another: with other letters behind, before or inside."""
    for number in range(200):
        letters = chr(97 + number // 26 % 26) + chr(97 + number % 26)
        if isinstance(first, str):
            yield from (first + letters, letters + first, first[:-2] + letters)
            yield str(uuid.UUID(int=number + 1, version=4))
        elif isinstance(first, int):
            yield first + number + 1


@lru_cache(maxsize=4)
def texts(spec: Spec) -> tuple[str, ...]:
    """Every text of the examples of a specification, each once."""
    found: dict[str, None] = {}
    waiting: list[JSON] = [*_examples(spec)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str) and len(node) <= 1024:  # noqa: PLR2004  # a text that somebody reads
            found[node] = None
        elif isinstance(node, dict | list):
            waiting.extend(node.values() if isinstance(node, dict) else node)
    return tuple(sorted(found, key=lambda text: (len(text), text)))


def _examples(spec: Spec) -> Iterator[JSON]:
    """The examples of bodies and of shared parameters."""
    shared = (spec.document.get("components") or {}).get("parameters") or {}
    yield from (one.get("example") for one in shared.values() if isinstance(one, dict))
    for name in spec.operations:
        yield from spec.request_examples(name).values()
        yield from spec.success_examples(name).values()
