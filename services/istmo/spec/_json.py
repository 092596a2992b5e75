"""Strict JSON: UTF-8, no duplicate members, no NaN or Infinity, bounded in size and depth."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from istmo.errors import KitError
from istmo.spec._limits import MAX_BYTES, MAX_DEPTH, MAX_NODES, read_bytes
from istmo.spec._refusal import refusal

__all__ = ["JSON", "load_json"]

JSON: TypeAlias = Any

# One that does not end runs to the end, and nothing is tried twice: time grows with the length alone.
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_OPENING, _CLOSING = b"[{", b"]}"
_BRACKETS = bytes.maketrans(_OPENING + _CLOSING, b"(())")
_OTHER = bytes(sorted(set(range(256)) - set(_OPENING + _CLOSING)))
_OPEN = ord("(")
_ROUNDS = 2 * MAX_DEPTH


def load_json(source: Path | bytes) -> JSON:
    """Return what a JSON file or its bytes say; refuse whatever two readers could understand differently."""
    name, raw = read_bytes(source, MAX_BYTES)
    if source_depth(raw) > MAX_DEPTH:
        raise refusal("spec-too-deep", place=name, limit=MAX_DEPTH)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise refusal("spec-encoding", file=name) from None
    reader = _Reader(name)
    try:
        document = json.loads(
            text,
            object_pairs_hook=reader.object,
            parse_constant=reader.constant,
            parse_float=reader.real,
            parse_int=reader.integer,
        )
    except json.JSONDecodeError as error:
        place = f"{name}:{error.lineno}:{error.colno}"
        raise refusal("spec-syntax", place=place, format="JSON", reason=error.msg) from None
    if reader.nodes > MAX_NODES:
        raise refusal("spec-too-large", file=name, limit=f"{MAX_NODES} nodes")
    return document


def source_depth(raw: bytes) -> int:
    """Return how deep brackets nest outside strings, without recursion."""
    brackets = left = _STRINGS.sub(b"", raw).translate(_BRACKETS, _OTHER)
    # Each round takes the innermost pairs away, which is quick for what is balanced and not deep; the rest is counted.
    for rounds in range(_ROUNDS):
        if not left:
            return rounds
        left = left.replace(b"()", b"")
    depth = deepest = 0
    for bracket in brackets:
        depth += 1 if bracket == _OPEN else -1
        deepest = max(deepest, depth)
    return deepest


class _Reader:
    """The hooks of one reading; they count and refuse."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes = 0

    def object(self, pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
        self.nodes += 1 + len(pairs)
        found = dict(pairs)
        if len(found) != len(pairs):
            raise refusal("spec-duplicate-key", place=self.name)
        return found

    def constant(self, _word: str) -> NoReturn:
        raise self._number()

    def real(self, digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            raise self._number()
        return value

    def integer(self, digits: str) -> int:
        if len(digits) > 400:  # noqa: PLR2004 - beyond every float; Python's own limit would raise a bare ValueError
            raise self._number()
        return int(digits)

    def _number(self) -> KitError:
        return refusal("spec-number", place=self.name)
