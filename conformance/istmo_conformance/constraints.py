"""Bodies that break one rule of their schema each, and nothing else, with the place that a refusal has to name.

A rule is one keyword at one place of a body. That it is broken alone is proven by the validator; a rule that cannot
be, since another one at the same place forbids the same, is counted and not tried.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, TypeAlias

from istmo.spec import Spec
from istmo_conformance.breaking import EDITS, UNKNOWN, wrong_types
from istmo_conformance.samples import DEEPEST, Samples
from istmo_conformance.values import MISSING, changed

JSON: TypeAlias = Any
_Edits: TypeAlias = tuple[tuple[str, JSON], ...]
STRANGERS: Final[tuple[JSON, ...]] = ("istmo unknown", 7, {}, [])


@dataclass(frozen=True)
class Breach:
    """A body that breaks one rule: where, which, and the places of which a refusal has to name one."""

    place: str
    rule: str
    places: frozenset[str]
    document: JSON = field(compare=False, repr=False)

    @property
    def told(self) -> str:
        """The rule and its place in a few words."""
        return f"{self.place or '/'} {self.rule}"


@dataclass(frozen=True)
class Broken:
    """What was found for one body: each rule broken alone, and the names of those that cannot be."""

    breaches: tuple[Breach, ...]
    together: tuple[str, ...]


@dataclass(frozen=True)
class _Candidate:
    """A way to break a rule that has still to be proven."""

    place: str
    rule: str
    places: frozenset[str]
    edits: _Edits  # each: a pointer, and what is put there


def broken(spec: Spec, pointer: str, example: JSON) -> Broken:
    """Each rule of a schema broken alone, in the example with all that it may hold."""
    samples = Samples(spec)
    schema = {"$ref": pointer}
    body = samples.filled(schema, example)
    rule = spec.validator(pointer)
    if not rule.is_valid(body):
        body = example
    found: dict[tuple[str, str], Breach] = {}
    known: dict[tuple[str, str], str] = {}
    for one in _Walk(spec, samples).rules(schema, body, "", ()):
        key = (one.place, one.rule)
        known.setdefault(key, f"{one.place or '/'} {one.rule}")
        if key not in found and (breach := _proven(rule, _near(body, example, one.place), one)) is not None:
            found[key] = breach
    together = tuple(text for key, text in known.items() if key not in found)
    return Broken(tuple(found.values()), together)


def _near(body: JSON, example: JSON, place: str) -> JSON:
    """The example with no more beside it than the member that a place lies in: nearly what a service would take."""
    if isinstance(body, list) and isinstance(example, list):
        pairs = zip(body, example, strict=True)
        return [_near(one, other, _below(place, str(index))) for index, (one, other) in enumerate(pairs)]
    if not isinstance(body, dict) or not isinstance(example, dict):
        return body
    name = place.partition("/")[2].partition("/")[0].replace("~1", "/").replace("~0", "~")
    return {
        key: _near(value, example[key], _below(place, key)) if key in example else value
        for key, value in body.items()
        if key in example or key == name
    }


def _below(place: str, key: str) -> str:
    """The rest of a place that leads through a member; nothing where it leads elsewhere."""
    start = f"/{_token(key)}/"
    return place[len(start) - 1 :] if place.startswith(start) else ""


def _proven(rule: Any, body: JSON, one: _Candidate) -> Breach | None:
    """The first body that breaks the rule and nothing else, by the word of the validator."""
    for pointer, value in one.edits:
        document = changed(body, pointer, value)
        wrong = rule.violations(document)
        if len(wrong) == 1 and wrong[0].pointer in one.places:
            return Breach(one.place, one.rule, one.places, document)
    return None


class _Walk:
    """Walks a schema along a value that keeps it."""

    def __init__(self, spec: Spec, samples: Samples) -> None:
        self.spec = spec
        self.samples = samples

    def rules(self, schema: JSON, value: JSON, at: str, outer: tuple[str, ...]) -> Iterator[_Candidate]:
        """Every rule that holds for a value and for what is in it; `outer` are the places of choices around it."""
        if not isinstance(schema, dict) or at.count("/") > DEEPEST:
            return
        yield from self._own(schema, value, at, outer)
        yield from self._applied(schema, value, at, outer)
        if isinstance(value, dict):
            yield from self._members(schema, value, at, outer)
        elif isinstance(value, list):
            yield from self._items(schema, value, at, outer)

    def _items(
        self, schema: dict[str, JSON], value: list[JSON], at: str, outer: tuple[str, ...]
    ) -> Iterator[_Candidate]:
        """The rules of the items that have a place of their own, and those of the first of the others."""
        first = schema.get("prefixItems") or []
        for index, (part, item) in enumerate(zip(first, value, strict=False)):
            yield from self.rules(part, item, f"{at}/{index}", outer)
        if "items" in schema and len(value) > len(first):
            yield from self.rules(schema["items"], value[len(first)], f"{at}/{len(first)}", outer)

    def _own(self, schema: dict[str, JSON], value: JSON, at: str, outer: tuple[str, ...]) -> Iterator[_Candidate]:
        """The rules about the value itself."""
        places = frozenset({at, *outer})
        for word, limit in schema.items():
            if word == "type":
                yield _Candidate(at, word, places, tuple((at, odd) for odd in wrong_types(limit, value)))
            elif word in EDITS:
                values = EDITS[word](value, limit)
                yield _Candidate(at, word, places, tuple((at, odd) for odd in values))
            elif word == "not":
                yield _Candidate(at, word, places, tuple((at, odd) for odd in self._forbidden(limit, value)))
            elif isinstance(value, list) and value and word in {"maxItems", "contains", "maxContains"}:
                yield _Candidate(at, word, places, self._of_a_list(word, schema, value, at))
            elif word == "dependentRequired" and isinstance(value, dict):
                yield from self._dependent(limit, value, at, outer)

    def _of_a_list(self, word: str, schema: dict[str, JSON], value: list[JSON], at: str) -> _Edits:
        """Lists that are too long, or hold too few or too many of the items that are counted."""
        counted = self.samples.rule(schema.get("contains", True))
        if word == "contains":
            others = [item for item in value if not counted.is_valid(item)]
            return tuple((at, odd) for odd in (others, *([odd] for odd in STRANGERS), []))
        first = next((item for item in value if counted.is_valid(item)), value[0])
        most = int(schema[word]) + 1
        longer = self.samples.several(first, {"allOf": [schema.get("items", True), schema.get("contains", True)]}, most)
        return tuple((at, many) for many in ([first] * most, longer) if many is not MISSING)

    def _forbidden(self, schema: JSON, value: JSON) -> Iterator[JSON]:
        """Values that keep what must not be kept, nearest to the right one first."""
        made = self.samples.made(schema)
        if isinstance(value, dict):
            named = {name: "istmo" for layer in self.samples.layers(schema) for name in layer.get("required") or ()}
            yield {**named, **value}
            yield {**value, **(made if isinstance(made, dict) else {})}
        yield from [made] if made is not MISSING else []
        yield from STRANGERS

    def _dependent(
        self, limit: dict[str, list[str]], value: dict[str, JSON], at: str, outer: tuple[str, ...]
    ) -> Iterator[_Candidate]:
        """The members that another one brings with it."""
        for name in dict.fromkeys(name for start, names in limit.items() if start in value for name in names):
            yield self._about(at, name, "dependentRequired", (at, *outer), [MISSING])

    def _applied(self, schema: dict[str, JSON], value: JSON, at: str, outer: tuple[str, ...]) -> Iterator[_Candidate]:
        """The rules of the schemas that hold for the same value."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield from self.rules(self.spec.schema(reference), value, at, outer)
        for part in schema.get("allOf") or ():
            yield from self.rules(part, value, at, outer)
        for word in ("oneOf", "anyOf"):
            if word not in schema:
                continue
            odd = tuple((at, other) for other in STRANGERS)
            yield _Candidate(at, word, frozenset({at, *outer}), odd)
            for part in schema[word]:
                if self.samples.rule(part).is_valid(value):
                    yield from self.rules(part, value, at, (*outer, at))
        for name, part in (schema.get("dependentSchemas") or {}).items():
            if isinstance(value, dict) and name in value:
                yield from self.rules(part, value, at, outer)
        if "if" in schema:
            branch = "then" if self.samples.rule(schema["if"]).is_valid(value) else "else"
            yield from self.rules(schema.get(branch), value, at, outer)

    def _members(
        self, schema: dict[str, JSON], value: dict[str, JSON], at: str, outer: tuple[str, ...]
    ) -> Iterator[_Candidate]:
        """The rules about which members there are, and those of each member."""
        for name in schema.get("required") or ():
            yield self._about(at, name, "required", outer, [MISSING])
        for name, inner in (schema.get("properties") or {}).items():
            if inner is False:
                yield self._about(at, name, "properties", outer, [{}])
            elif name in value:
                yield from self.rules(inner, value[name], f"{at}/{_token(name)}", outer)
        yield from self._patterns(schema, value, at, outer)
        for word in ("additionalProperties", "unevaluatedProperties"):
            limit = schema.get(word, True)
            if limit is False:
                yield self._about(at, UNKNOWN, word, outer, [1])
            elif isinstance(limit, dict) and limit:
                yield self._about(at, UNKNOWN.lower(), word, outer, [None, {}, 7])
        if "propertyNames" in schema:
            yield self._about(at, "Istmo unknown", "propertyNames", outer, ["istmo", 1])

    def _patterns(
        self, schema: dict[str, JSON], value: dict[str, JSON], at: str, outer: tuple[str, ...]
    ) -> Iterator[_Candidate]:
        """The rules of the members whose names have a form."""
        for pattern, inner in (schema.get("patternProperties") or {}).items():
            for name in [name for name in value if self.samples.rule({"pattern": pattern}).is_valid(name)]:
                yield from self.rules(inner, value[name], f"{at}/{_token(name)}", outer)

    @staticmethod
    def _about(at: str, name: str, rule: str, outer: tuple[str, ...], values: list[JSON]) -> _Candidate:
        place = f"{at}/{_token(name)}"
        places = {place, *outer, *([at] if rule == "propertyNames" else [])}
        shown = place if rule in {"required", "dependentRequired", "properties"} else at
        return _Candidate(shown, rule, frozenset(places), tuple((place, value) for value in values))


def _token(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


@lru_cache(maxsize=256)
def cached(spec: Spec, pointer: str, example: str) -> Broken:
    """What `broken` finds for an example, given as JSON, worked out once."""
    return broken(spec, pointer, json.loads(example))
