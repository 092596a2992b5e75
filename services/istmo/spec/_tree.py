"""Walking documents: pointers, and which members of an OpenAPI document are names and which are data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from istmo.spec._json import JSON

__all__ = ["MISSING", "child", "join", "look_up", "parts", "walk"]

MISSING: Final = object()

# Members whose own members are names chosen by the author, not keywords.
NAMED: Final = frozenset(
    {
        "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "schemas", "responses",
        "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links", "callbacks", "pathItems",
        "paths", "content", "encoding", "variables", "webhooks", "mapping",
    }
)  # fmt: skip
# Members that hold data of the described service: nothing in them is a reference or a text of the document.
DATA: Final = frozenset({"example", "default", "const", "enum", "value"})


def parts(pointer: str) -> list[str]:
    """Return the unescaped tokens of a JSON pointer, with or without its leading `#`."""
    inner = pointer.removeprefix("#")
    return [token.replace("~1", "/").replace("~0", "~") for token in inner.split("/")[1:]]


def join(tokens: Iterable[str | int]) -> str:
    """Return the JSON pointer of tokens."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def child(node: JSON, token: str) -> JSON:
    """Return a member or item, or `MISSING`."""
    if isinstance(node, dict):
        return node.get(token, MISSING)
    if isinstance(node, list) and token.isascii() and token.isdigit() and int(token) < len(node):
        return node[int(token)]
    return MISSING


def look_up(document: JSON, tokens: Iterable[str]) -> JSON:
    """Return what stands at the tokens, or `MISSING`."""
    node = document
    for token in tokens:
        node = child(node, token)
        if node is MISSING:
            break
    return node


def walk(document: JSON) -> Iterator[tuple[tuple[str | int, ...], dict[str, JSON], bool]]:
    """Yield every object that belongs to the document itself: its place, it, and whether its keys are mere names."""
    waiting: list[tuple[tuple[str | int, ...], JSON, bool]] = [((), document, False)]
    while waiting:
        place, node, named = waiting.pop()
        if isinstance(node, list):
            waiting.extend(((*place, index), item, False) for index, item in enumerate(node))
        elif isinstance(node, dict):
            yield place, node, named
            waiting.extend(
                ((*place, key), item, key in NAMED and not named and isinstance(item, dict))
                for key, item in node.items()
                if not is_data(key, item, named=named)
            )


def is_data(key: str, item: JSON, *, named: bool) -> bool:
    """Tell whether a member holds data of the described service."""
    return not named and (key in DATA or (key == "examples" and isinstance(item, list)))
