"""Marks that nobody else uses, and what fixtures, people and examples say about anybody."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

from istmo.names import kebab, snake
from istmo.spec import fixtures, personas, spec

MARK = re.compile(r"zqx[a-z]{5}xqz", re.IGNORECASE)
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Members of the cast's file that describe it and are words of the standard, not of a person.
WORDS = {"description", "scopes", "kind", "role", "acr"}


class Marks:
    """Makes a new mark each time, and remembers what it was made for."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self.made_for: dict[str, str] = {}

    def new(self, purpose: str) -> str:
        number, letters = next(self._numbers), ""
        for _ in range(5):
            number, digit = divmod(number, 26)
            letters = chr(ord("a") + digit) + letters
        mark = f"zqx{letters}xqz"
        self.made_for[mark] = purpose
        return mark

    def hits(self, text: str) -> list[str]:
        """What the marks in a text were made for."""
        return sorted({self.made_for.get(mark.lower(), mark) for mark in MARK.findall(text)})


def leaves(node: Any, skip: frozenset[str] = frozenset()) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name not in skip:
                yield from leaves(value, skip)
    elif isinstance(node, list):
        for value in node:
            yield from leaves(value, skip)
    elif isinstance(node, str):
        yield node


def members(node: Any) -> Iterator[tuple[str, str]]:
    """Every member with a text, however deep."""
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from members(value)
    if isinstance(node, dict):
        yield from ((name, value) for name, value in node.items() if isinstance(value, str))


def vocabulary(slug: str) -> set[str]:
    """Words of the specification itself: names, codes, enumerations; they say nothing about anybody."""

    def words(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for name, value in node.items():
                yield str(name)
                if name not in {"example", "examples"}:
                    yield from words(value)
        elif isinstance(node, list):
            for value in node:
                yield from words(value)
        elif isinstance(node, str):
            yield node

    standard = spec(slug)
    parts = {part for one in standard.operations.values() for part in (*one.path.split("/"), *snake(one.id).split("_"))}
    return {*words(standard.document), *parts, kebab(slug)}


def known(slug: str) -> set[str]:
    """Every value that the fixtures, the cast and the examples of a service say about anybody."""
    standard = spec(slug)
    found: set[str] = set()
    for persona in personas().values():
        found.update(leaves(persona.document, frozenset(WORDS)))
    found.update(leaves(json.loads(json.dumps(fixtures(slug), default=str))))
    for operation in standard.operations:
        for example in (*standard.request_examples(operation).values(), *standard.success_examples(operation).values()):
            found.update(leaves(example))
    telling = {value for value in found if len(value) > 5 or (len(value) > 2 and any(map(str.isalpha, value)))}
    return telling - vocabulary(slug)


def telling(text: str, values: set[str]) -> list[str]:
    """Which values stand in a text as whole words."""
    inside = [value for value in values if value in text]
    return sorted(value for value in inside if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text))
