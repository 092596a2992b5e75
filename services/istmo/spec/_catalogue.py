"""The catalogue of the standard: what each room says about itself, without reading its whole specification."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from istmo.names import kebab
from istmo.paths import data
from istmo.spec._bundle import room, slugs
from istmo.spec._json import JSON
from istmo.spec._yaml import load_yaml

__all__ = ["Requirement", "ServiceEntry", "catalogue", "requirements"]

# Counting lines is thirty times cheaper than reading documents; a test holds the counts against the documents.
_OPERATION: Final = re.compile(r"^ {6}operationId: *[A-Za-z]", re.MULTILINE)
_PATH: Final = re.compile(r"^  [\"']?(/[^\"':]*)[\"']?:", re.MULTILINE)
_COMMON: Final = re.compile(r"/common/openapi\.yaml#/paths/((?:[^\"'\s{}]|\{[^{}]*\})+)")
_REQUIREMENT: Final = re.compile(r"^ *- +(?:\{ *)?id:", re.MULTILINE)
_RETIRED: Final = re.compile(r"^ +retired:", re.MULTILINE)


@dataclass(frozen=True)
class ServiceEntry:
    """One line of the catalogue; `document` is the whole `service.yaml`."""

    slug: str
    code: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    version: str
    status: str
    stages: int
    operations: int
    requirements: int
    document: Mapping[str, JSON]

    @property
    def address_name(self) -> str:
        """The name of the service in addresses."""
        return kebab(self.slug)

    @property
    def case(self) -> Mapping[str, str]:
        """Which collection holds the cases and which examples the suite walks; empty when there are none."""
        found: Mapping[str, str] = self.document.get("case") or {}
        return found

    @property
    def upstreams(self) -> tuple[str, ...]:
        """The systems of others without which no case is completed."""
        return tuple(self.document.get("upstreams") or ())

    @property
    def awaited(self) -> frozenset[str]:
        """The types of events of other services on which this one acts."""
        return frozenset((self.document.get("events") or {}).get("in") or ())


@dataclass(frozen=True)
class Requirement:
    """One sentence of the standard that a service keeps or breaks."""

    id: str
    sheet: str
    level: str
    stage: int
    observable: str
    text: Mapping[str, str]
    source: str
    reason: Mapping[str, str] | None
    retired: bool
    reliability: tuple[str, ...] = ()
    held_by: tuple[str, ...] = ()

    @property
    def observed_by_scenario(self) -> bool:
        """Whether some scenario must observe it; otherwise `reason` says why none can."""
        return self.reason is None and not self.retired

    @property
    def remote(self) -> bool:
        """Whether it can be observed from outside."""
        return self.observable == "remote"


@lru_cache
def catalogue() -> tuple[ServiceEntry, ...]:
    """Return every service of the standard, in alphabetical order of slugs."""
    shared = _common_operations()
    return tuple(_entry(slug, shared) for slug in slugs())


def _entry(slug: str, shared: Mapping[str, int]) -> ServiceEntry:
    folder = room(slug)
    document = load_yaml(folder / "service.yaml", trusted=True)
    return ServiceEntry(
        slug=document["slug"],
        code=document["code"],
        titles=document["titles"],
        descriptions=document["descriptions"],
        version=document["version"],
        status=document["status"],
        stages=document["stages"],
        operations=_count_operations(_text(folder / "openapi.yaml"), shared),
        requirements=_count_requirements(_text(folder / "requirements.yaml")),
        document=document,
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _count_operations(text: str, shared: Mapping[str, int]) -> int:
    taken = sum(shared.get(path.replace("~1", "/").replace("~0", "~"), 0) for path in _COMMON.findall(text))
    return len(_OPERATION.findall(text)) + taken


def _common_operations() -> dict[str, int]:
    """Return how many operations each common path has."""
    text = _text(data("specs") / "common" / "openapi.yaml")
    starts = [(found.start(), found[1]) for found in _PATH.finditer(text)]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return {path: len(_OPERATION.findall(text, start, end)) for (start, path), end in zip(starts, ends, strict=True)}


def _count_requirements(text: str) -> int:
    return len(_REQUIREMENT.findall(text)) - len(_RETIRED.findall(text))


@lru_cache
def requirements(slug: str) -> tuple[Requirement, ...]:
    """Return the requirements of a service, or the common ones, retired ones included."""
    document = load_yaml(room(slug) / "requirements.yaml", trusted=True)
    return tuple(_requirement(row) for row in document["requirements"])


def _requirement(row: Mapping[str, JSON]) -> Requirement:
    checked = row.get("checked")
    return Requirement(
        id=row["id"],
        sheet=row.get("sheet", ""),
        level=row["level"],
        stage=row["stage"],
        observable=row["observable"],
        text=row["text"],
        source=row.get("source", ""),
        reason=checked.get("reason") if isinstance(checked, dict) else None,
        retired=bool(row.get("retired", False)),
        reliability=tuple(row.get("reliability") or ()),
        held_by=tuple(row.get("held_by") or ()),
    )
