"""What a country adds to a contract: the update and remove actions of an OpenAPI Overlay 1.0.

Objects are merged member by member, lists are joined, single values are replaced; an update of a list is one more
item. A target that finds nothing is refused, although the Overlay Specification would pass over it: an addition that
is silently lost is worse than a start that fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy

from istmo.spec._json import JSON
from istmo.spec._refusal import refusal
from istmo.spec._tree import join
from istmo.spec.overlay import find

__all__ = ["amend"]

_VERSION = "1.0."

_Place = tuple[str | int, ...]


def amend(document: Mapping[str, JSON], overlay: JSON, name: str = "overlay.yaml") -> dict[str, JSON]:
    """Return a copy of a document with every action of an overlay done, in their order."""
    made: dict[str, JSON] = deepcopy(dict(document))
    for where, action in _actions(overlay, name):
        found = find(made, action["target"], where)
        if not found:
            raise refusal("overlay-target", place=where)
        if action.get("remove") is True:
            _remove(made, [place for place, _ in found], where)
        elif "update" in action:
            for _, node in found:
                _update(node, action["update"], where)
    return made


def _actions(overlay: JSON, name: str) -> Iterator[tuple[str, dict[str, JSON]]]:
    """Yield the actions with their places; anything that is no overlay is refused."""
    version = overlay.get("overlay") if isinstance(overlay, dict) else None
    if not isinstance(version, str) or not version.startswith(_VERSION) or not isinstance(overlay.get("actions"), list):
        raise refusal("overlay-action", place=name)
    for index, action in enumerate(overlay["actions"]):
        where = f"{name}#/actions/{index}"
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            raise refusal("overlay-action", place=where)
        if "update" not in action and not isinstance(action.get("remove"), bool):
            raise refusal("overlay-action", place=where)
        yield where, action


def _update(node: JSON, update: JSON, where: str) -> None:
    if isinstance(node, list):
        node.append(deepcopy(update))
    elif isinstance(node, dict) and isinstance(update, dict):
        _merge(node, update, where, ())
    else:
        raise refusal("overlay-clash", place=f"{where}/update", member="")


def _merge(node: dict[str, JSON], update: Mapping[str, JSON], where: str, place: _Place) -> None:
    for name, value in update.items():
        old, here = node.get(name), (*place, name)
        if name not in node:
            node[name] = deepcopy(value)
        elif isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value, where, here)
        elif isinstance(old, list) and isinstance(value, list):
            old.extend(deepcopy(value))
        elif isinstance(old, dict | list) or isinstance(value, dict | list):
            raise refusal("overlay-clash", place=f"{where}/update", member=join(here))
        else:
            node[name] = value


def _remove(document: JSON, places: list[_Place], where: str) -> None:
    """Take nodes out of their parents; the last items of a list first, so that the others keep their places."""
    for place in reversed(places):
        if not place:
            raise refusal("overlay-action", place=where)
        parent = document
        for token in place[:-1]:
            parent = parent[token]
        del parent[place[-1]]
