"""The operations that a country adds to those of the region, read from the contract that its service serves.

A run judges them by the same sets of operations as the regional ones. What the region defines stays as the region
defines it: of the served document only the new operations are taken, with the components that they alone use.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from istmo.errors import Finding, KitError
from istmo.spec import Spec
from istmo_conformance import contracts
from istmo_conformance.client import Answer, Client, Request

JSON: TypeAlias = Any
_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
_PREFIX: Final = "National."
# What somebody else's document can do to whoever reads it.
_UNREADABLE: Final = (KitError, Finding, KeyError, TypeError, ValueError, AttributeError, RecursionError)


def served(client: Client, base_path: str, language: str | None = "en") -> Answer | None:
    """The document that a service serves; nothing where it cannot say, and is judged all the same."""
    fields = (("Accept", "application/json"), *([("Accept-Language", language)] if language else ()))
    try:
        answer = client.send(Request("GET", f"{base_path}/openapi.json", fields))
    except Exception:  # noqa: BLE001  # whatever is wrong with the answer, scenarios will find it
        return None
    return answer if answer.status == 200 else None  # noqa: PLR2004  # HTTP's OK


def added(region: Spec, answer: Answer | None) -> JSON:
    """The paths and components that a served document adds; nothing where it adds no operation."""
    try:
        document = answer.json() if answer is not None else None
        if not isinstance(document, dict) or not any(_new(region, document)):
            return None
        return _fragment(region, contracts.bundled(answer.body if answer is not None else b""))
    except _UNREADABLE:
        return None


def joined(region: Spec, fragment: JSON) -> Spec:
    """The regional specification with the additions of a country."""
    if not fragment:
        return region
    document = dict(region.document)
    paths = document["paths"] = dict(document["paths"])
    for path, item in fragment["paths"].items():
        paths[path] = {**paths.get(path, {}), **item}
    components = document["components"] = dict(document["components"])
    for kind, named in fragment["components"].items():
        components[kind] = {**components.get(kind, {}), **named}
    return Spec(document, region.slug)


def _new(region: Spec, document: Mapping[str, JSON]) -> Iterator[tuple[str, str, JSON]]:
    """Path, method and node of each operation that the region does not have."""
    taken = {(one.path, one.method.lower()) for one in region.operations.values()}
    for path, item in document["paths"].items():
        for method, node in item.items():
            if method in _METHODS and (path, method) not in taken and node.get("operationId") not in region.operations:
                yield path, method, node


def _fragment(region: Spec, document: dict[str, JSON]) -> JSON:
    found: JSON = {"paths": {}, "components": {}}
    for path, method, node in _new(region, document):
        item = document["paths"][path]
        shared = [*item.get("parameters", ()), *node.get("parameters", ())]
        whole = {**node, "parameters": shared} if shared else node
        found["paths"].setdefault(path, {})[method] = _copied(whole, region, document, found["components"])
    joined(region, found)  # what cannot be read as operations is added to nothing
    ordered: JSON = json.loads(json.dumps(found, sort_keys=True))  # as evidence gives it back
    return ordered


def _copied(node: JSON, region: Spec, document: JSON, components: JSON) -> JSON:
    """A copy whose references lead to the region's components, or to copies of those that it does not have."""
    if isinstance(node, list):
        return [_copied(item, region, document, components) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _reference(value, region, document, components)
        if key == "$ref" and isinstance(value, str)
        else _copied(value, region, document, components)
        for key, value in node.items()
    }


def _reference(target: str, region: Spec, document: JSON, components: JSON) -> str:
    parts = target.split("/")
    if len(parts) != 4 or parts[:2] != ["#", "components"]:  # noqa: PLR2004  # "#", components, kind, name
        return target
    kind, name = parts[2:]
    theirs = document["components"][kind][name]
    if region.document["components"].get(kind, {}).get(name) == theirs:
        return target
    named = components.setdefault(kind, {})
    if _PREFIX + name not in named:
        named[_PREFIX + name] = {}
        named[_PREFIX + name] = _copied(theirs, region, document, components)
    return f"#/components/{kind}/{_PREFIX}{name}"
