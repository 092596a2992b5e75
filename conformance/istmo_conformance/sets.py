"""The sets of operations that a scenario names: picked from the specification, never listed."""

from __future__ import annotations

from collections.abc import Callable

from istmo.spec import Operation, Spec
from istmo_conformance.cast import LOW
from istmo_conformance.exchanges import JSON_TYPE


def selected(spec: Spec, name: str) -> list[Operation]:
    """The operations of a set that a scenario names."""
    picks = {
        "protegida": "protected", "pública": "public",
        "pública de lectura": "public reading", "de escritura": "writing", "de lista": "listing",
        "de lectura": "reading", "de creación": "creating", "condicional": "conditional", "con ruta": "path",
        "con nivel de garantía": "assured",
    }  # fmt: skip
    word = name.removeprefix("operación").strip() if name.startswith("operación") else name.removesuffix("operation")
    word = picks.get(word.strip(), word.strip())
    tests: dict[str, Callable[[Operation], bool]] = {
        "": lambda _: True,
        "protected": lambda one: bool(one.scopes),
        "public": lambda one: one.public,
        "public reading": lambda one: one.public and one.method.upper() == "GET",
        "writing": lambda one: JSON_TYPE in one.request,
        "listing": lambda one: one.method.upper() == "GET" and any(p.name == "limit" for p in one.parameters),
        "reading": lambda one: one.method.upper() == "GET",
        "creating": lambda one: one.idempotent,
        "conditional": lambda one: one.conditional,
        "path": lambda one: any(p.location == "path" and p.name == "id" for p in one.parameters),
        "assured": lambda one: one.acr not in {None, LOW},
    }
    return [one for one in spec.operations.values() if tests[word](one)]
