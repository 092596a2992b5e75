"""Texts for the parameters of an operation: right ones, and those that break one rule of their schema each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from istmo.spec import Operation, Parameter, Spec
from istmo_conformance.breaking import EDITS
from istmo_conformance.samples import Samples
from istmo_conformance.values import MISSING

JSON: TypeAlias = Any
WORD = "istmo"
_HEADER = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
# What each place of a parameter answers when its text is wrong: a malformed identifier is simply not found.
ANSWERS = {"query": (400, 422), "header": (400, 422), "path": (400, 404, 422)}


@dataclass(frozen=True)
class Text:
    """A text for a parameter, and the rule that it breaks; a right one breaks none."""

    parameter: Parameter
    rule: str
    text: str


def right(spec: Spec, parameter: Parameter) -> str | None:
    """A text that a parameter takes; none where none is known."""
    value = Samples(spec).made({"$ref": parameter.pointer})
    return None if value is MISSING else _written(value)


def wrong(spec: Spec, operation: Operation) -> Iterator[Text]:
    """For each parameter and each rule of it a text that breaks the rule alone."""
    for parameter in operation.parameters:
        yield from _wrong(spec, parameter)


def _wrong(spec: Spec, parameter: Parameter) -> Iterator[Text]:
    samples, schema = Samples(spec), {"$ref": parameter.pointer}
    value, rule = samples.made(schema), spec.validator(parameter.pointer)
    tried: set[str] = set()
    for layer in samples.layers(schema) if value is not MISSING else ():
        for word, limit in layer.items():
            found = None
            if word == "type" and limit != "string":
                found = WORD
            elif word in EDITS and word not in tried:
                found = next(
                    (_written(odd) for odd in EDITS[word](value, limit)
                     if _sendable(parameter, _written(odd)) and len(rule.violations(odd)) == 1), None,
                )  # fmt: skip
            if found is not None:
                tried.add(word)
                yield Text(parameter, word, found)


def _written(value: JSON) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _sendable(parameter: Parameter, text: str) -> bool:
    """Whether a text reaches the service as what it is: headers lose blanks at their ends, paths lose nothing."""
    if parameter.location == "header":
        return _HEADER.fullmatch(text) is not None
    return bool(text) if parameter.location == "path" else True
