"""Values that break one keyword of a schema: the keyword, and from a right value and its limit the wrong ones.

Of several the first that breaks nothing else is used, so those that a careless reader lets pass come first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

JSON: TypeAlias = Any
UNKNOWN: Final = "istmoUnknown"
LARGEST: Final = 1024 * 1024  # a text of more characters is a matter of how large a body may be
DAY, MOMENT = "2027-02-30", "2027-02-30T10:00:00Z"
# What is no text of a format, though it looks like one.
ODD: Final[dict[str, tuple[str, ...]]] = {
    "date": (DAY,),
    "date-time": (MOMENT,),
    "uri": ("https://[", "istmo istmo"),
    "uri-reference": ("https://[", "%"),
    "istmo-reference": ("ISTMO-00",),
}


def _texts(wrong: Callable[[str, Any], Iterable[JSON]]) -> Callable[[JSON, JSON], list[JSON]]:
    return lambda value, limit: list(wrong(value, limit)) if isinstance(value, str) else []


def _numbers(wrong: Callable[[Any, Any], Iterable[JSON]]) -> Callable[[JSON, JSON], list[JSON]]:
    def made(value: JSON, limit: JSON) -> list[JSON]:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return list(wrong(value, limit)) if number else []

    return made


def _lists(wrong: Callable[[list[JSON], Any], Iterable[JSON]]) -> Callable[[JSON, JSON], list[JSON]]:
    return lambda value, limit: list(wrong(value, limit)) if isinstance(value, list) and value else []


def _objects(wrong: Callable[[dict[str, JSON], Any], Iterable[JSON]]) -> Callable[[JSON, JSON], list[JSON]]:
    return lambda value, limit: list(wrong(value, limit)) if isinstance(value, dict) else []


def _longer(value: str, limit: int) -> list[str]:
    missing = limit + 1 - len(value)
    return [value + filler * missing for filler in ("a", "0", "A")] if 0 < missing < LARGEST else []


def _out_of_form(value: str, _: str) -> list[str]:
    return [value + "!", " ", value + " ", value.swapcase(), "ftp://example.org/istmo", "#", ""]


def _of_no_format(value: str, name: str) -> list[str]:
    return [*ODD.get(name, ()), value[:-1] + "!", value + "!", "istmo", "%", " "]


def _others(value: JSON, _: JSON) -> list[JSON]:
    return ["istmo-unknown", f"{value}x", 7, None] if not isinstance(value, int) else [value + 1, 999]


def _fewer(value: dict[str, JSON], limit: int) -> list[JSON]:
    return [dict(list(value.items())[: limit - 1])] if limit else []


def _more(value: dict[str, JSON], limit: int) -> list[JSON]:
    return [{**value, **{f"istmo{number}": "istmo" for number in range(limit + 1 - len(value))}}]


EDITS: Final[dict[str, Callable[[JSON, JSON], list[JSON]]]] = {
    "enum": _others,
    "const": _others,
    "pattern": _texts(_out_of_form),
    "format": _texts(_of_no_format),
    "minLength": _texts(lambda value, limit: [value[: limit - 1]] if limit else []),
    "maxLength": _texts(_longer),
    "minimum": _numbers(lambda _, limit: [math.ceil(limit) - 1, limit - 0.5]),
    "maximum": _numbers(lambda _, limit: [math.floor(limit) + 1, limit + 0.5]),
    "exclusiveMinimum": _numbers(lambda _, limit: [limit]),
    "exclusiveMaximum": _numbers(lambda _, limit: [limit]),
    "multipleOf": _numbers(lambda value, limit: [value + limit / 2, value + 1]),
    "minItems": _lists(lambda value, limit: [value[: limit - 1]] if limit else []),
    "uniqueItems": _lists(lambda value, limit: [[*value, value[0]]] if limit else []),
    "minProperties": _objects(_fewer),
    "maxProperties": _objects(_more),
}


def wrong_types(limit: JSON, value: JSON) -> list[JSON]:
    """Values of another type than the one allowed, the one that most readers make fit first."""
    allowed = {limit} if isinstance(limit, str) else set(limit)
    near: list[JSON] = [str(value).lower()] if isinstance(value, int | float) else [7]
    found = [*near, True, "istmo", [], {}, None]
    return [odd for odd in found if not _fits(odd, allowed)]


def _fits(value: JSON, allowed: set[str]) -> bool:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    name = names.get(type(value), "")
    return name in allowed if name else bool({"integer", "number"} & allowed)
