"""What a country takes over until it says its own: regional values, placeholders of the sandbox, and what is unknown.

`profiles/_defaults.yaml` says each of these once. A fact is taken over whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from istmo.paths import data
from istmo.spec._json import JSON
from istmo.spec._yaml import load_yaml

__all__ = ["SOURCED", "completed", "defaults", "is_fact"]

SOURCED: Final = frozenset({"value", "source", "confidence"})
FILE: Final = "_defaults.yaml"


def is_fact(node: JSON) -> bool:
    """Tell whether a node is a value with its source and not a group of them."""
    return isinstance(node, dict) and node.keys() >= SOURCED


@lru_cache
def defaults() -> Mapping[str, JSON]:
    """Return what every country takes over."""
    found: Mapping[str, JSON] = load_yaml(data("specs") / "profiles" / FILE, trusted=True)
    return found


def completed(own: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return a profile with what it does not say itself taken over."""
    merged: dict[str, JSON] = _merged(_filled(defaults(), _words(own)), own)
    return merged


def _words(own: Mapping[str, JSON]) -> dict[str, str]:
    """Return what stands for the words in braces: the country, its usual currency, its first subdivision."""
    currencies, subdivisions = (_rows(own, name) for name in ("currencies", "subdivisions"))
    return {
        "{country}": str(_value(own, "country")),
        "{currency}": str(currencies[0].get("code")) if currencies else "",
        "{subdivision}": str(subdivisions[0].get("code")) if subdivisions else "",
    }


def _value(own: Mapping[str, JSON], name: str) -> JSON:
    fact = own.get(name)
    return fact.get("value") if isinstance(fact, dict) else None


def _rows(own: Mapping[str, JSON], name: str) -> list[JSON]:
    found = _value(own, name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _filled(node: JSON, words: Mapping[str, str]) -> JSON:
    if isinstance(node, dict):
        return {name: _filled(value, words) for name, value in node.items()}
    if isinstance(node, list):
        return [_filled(item, words) for item in node]
    if isinstance(node, str) and "{" in node:
        for word, value in words.items():
            node = node.replace(word, value)
    return node


def _merged(base: JSON, own: JSON) -> JSON:
    if not isinstance(base, dict) or not isinstance(own, dict) or is_fact(base) or is_fact(own):
        return own
    told = {name: _merged(base[name], value) if name in base else value for name, value in own.items()}
    return told | {name: value for name, value in base.items() if name not in own}
