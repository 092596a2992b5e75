"""The sets of operations that a scenario names: picked from the specification, never listed."""

from __future__ import annotations

import re
from collections.abc import Callable

from istmo.spec import Operation, Spec
from istmo_conformance.cast import LOW
from istmo_conformance.exchanges import collection_of, media_of
from istmo_conformance.reach import obstacle

_DECLARES = re.compile(r" (?:that declares|que declara) (?P<status>[1-5][0-9]{2})$")


def selected(spec: Spec, name: str) -> list[Operation]:
    """The operations of a set that a scenario names, or those of them that declare a status which calls can reach."""
    picks = {
        "protegida": "protected", "pública": "public",
        "pública de lectura": "public reading", "de escritura": "writing", "de lista": "listing",
        "de lectura": "reading", "de creación": "creating", "condicional": "conditional", "con ruta": "path",
        "con nivel de garantía": "assured", "del caso": "case",
    }  # fmt: skip
    declares = _DECLARES.search(name)
    name = _DECLARES.sub("", name)
    word = name.removeprefix("operación").strip() if name.startswith("operación") else name.removesuffix("operation")
    word = picks.get(word.strip(), word.strip())
    tests: dict[str, Callable[[Operation], bool]] = {
        "": lambda _: True,
        "protected": lambda one: bool(one.scopes),
        "public": lambda one: one.public,
        "public reading": lambda one: one.public and one.method.upper() == "GET",
        "writing": lambda one: media_of(one) is not None,
        "listing": lambda one: one.method.upper() == "GET" and any(p.name == "limit" for p in one.parameters),
        "reading": lambda one: one.method.upper() == "GET",
        "creating": lambda one: one.idempotent,
        "conditional": lambda one: one.conditional,
        "path": lambda one: "{" in one.path,
        "assured": lambda one: one.acr not in {None, LOW},
        "case": lambda one: _of_owner(spec, one),
    }
    status = declares["status"] if declares is not None else None
    found = [one for one in spec.operations.values() if tests[word](one)]
    return [one for one in found if status is None or (status in one.responses and not obstacle(one, status))]


def _of_owner(spec: Spec, operation: Operation) -> bool:
    """Whether an operation is about one case and its owner may call it."""
    if not spec.cases or "{id}" not in operation.path or collection_of(operation.path) != spec.cases[0].collection:
        return False
    return operation.allowed is None or "owner" in operation.allowed.role
