"""Puts a hostile value in the place of each leaf, and of each holder of leaves, of a valid body."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from ._calls import Call, Value

MARK = "\u2603istmo-graft\u2603"

Path = tuple[str | int, ...]


def places(body: Any, path: Path = ()) -> Iterator[Path]:
    """Every place of a body but the top: leaves, and the objects and lists that hold them."""
    rows = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, held in rows:
        yield (*path, name)
        yield from places(held, (*path, name))


def grafted(call: Call, path: Path, value: Value) -> Call:
    """The call with the value's JSON text at a place of its body, as the text stands."""
    body = copy.deepcopy(json.loads(call.body))
    holder = body
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = MARK
    text = json.dumps(body).replace(json.dumps(MARK), value.json, 1)
    return call.with_body(text.encode("utf-8", "surrogatepass"))


def needle(value: Value) -> str:
    """What no problem may repeat of a value: its text, when it is one."""
    try:
        text = json.loads(value.json)
    except (ValueError, RecursionError):
        return ""
    return text[:200] if isinstance(text, str) and text.isprintable() else ""
