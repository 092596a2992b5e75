"""The cast of every sandbox and the records that a sandbox holds after a reset."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from istmo.paths import data
from istmo.spec._bundle import room
from istmo.spec._json import JSON
from istmo.spec._yaml import load_yaml

__all__ = ["Persona", "fixtures", "personas"]


@dataclass(frozen=True)
class Persona:
    """One invented person, business or system; `document` is everything that the standard says about it."""

    alias: str
    persona: str
    subject: str
    kind: str
    role: str
    scopes: tuple[str, ...]
    acr: str | None
    name: Mapping[str, JSON] | None
    birth_date: str | None
    business: Mapping[str, JSON] | None
    document: Mapping[str, JSON]


@lru_cache
def personas() -> Mapping[str, Persona]:
    """Return the cast by alias."""
    document = load_yaml(data("specs") / "common" / "personas.yaml", trusted=True)
    return {row["alias"]: _persona(row) for row in document["personas"]}


def _persona(row: Mapping[str, JSON]) -> Persona:
    return Persona(
        alias=row["alias"],
        persona=row.get("persona") or row["alias"],
        subject=row.get("subject") or "",
        kind=row.get("kind") or "person",
        role=row.get("role") or "",
        scopes=tuple(row.get("scopes") or ()),
        acr=row.get("acr"),
        name=row.get("name"),
        birth_date=row.get("birthDate"),
        business=row.get("business"),
        document=row,
    )


def fixtures(slug: str) -> dict[str, JSON]:
    """Return a fresh copy of the records that a sandbox of a service holds after a reset; empty when it has none."""
    path = room(slug) / "fixtures.yaml"
    found: dict[str, JSON] = json.loads(_records(path, path.stat().st_mtime_ns)) if path.is_file() else {}
    return found


@lru_cache(maxsize=64)
def _records(path: Path, _: int) -> str:
    return json.dumps(load_yaml(path, trusted=True))  # reading it again is the quickest copy
