"""Documents as rows and back: a path and a value for each datum. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

PLACE = "~2"  # begins the place in a list; no name does, because `~` is written `~0`


def rows(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield a row for each datum of a document: its path, with `/` between the words, and the value as JSON."""
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from rows(item, f"{path}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from rows(item, f"{path}/{PLACE}{index:05d}")
    else:
        yield path, json.dumps(value, ensure_ascii=False)


def document(found: Iterable[tuple[str, str]]) -> Any:
    """Return the document of the rows, in whichever order they come."""
    tree: dict[str, Any] = {}
    for path, value in found:
        node = tree
        *way, last = path.split("/")
        for word in way:
            node = node.setdefault(word, {})
        node[last] = json.loads(value)
    return _lists(tree.get("", {}))


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(name.startswith(PLACE) for name in node):
        return [_lists(node[name]) for name in sorted(node)]
    return {name.replace("~1", "/").replace("~0", "~"): _lists(item) for name, item in node.items()}
