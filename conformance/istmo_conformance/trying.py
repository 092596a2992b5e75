"""Calls that must be refused for one reason that is known before, and what is held against the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from istmo.errors import Finding
from istmo_conformance.causes import Blocked, Cause
from istmo_conformance.client import Answer
from istmo_conformance.words import say

JSON: TypeAlias = Any
# Whoever is asked too much, or waits for another system, says nothing about a call.
TELLS_NOTHING = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Trial:
    """One call: to what, what is wrong with it, which statuses refuse it, and how the refusal names the place."""

    operation: str
    told: str
    statuses: tuple[int, ...]
    places: frozenset[str]
    answer: Answer
    code: str = ""

    @property
    def fault(self) -> str:
        """What is held against the answer, in a few words; nothing where it is right."""
        said = f"{self.operation} {self.told}: {self.answer.status}"
        if self.answer.status not in self.statuses:
            return said
        document = _document(self.answer)
        if self.code and document.get("code") != self.code:
            return f"{said} {str(document.get('code'))[:40]}"
        named = [one for one in document.get("errors") or () if isinstance(one, dict)]
        known = {str(one.get("pointer")) for one in named if "pointer" in one} | {str(one.get("name")) for one in named}
        must_name = self.answer.status == 422 or bool(named)  # noqa: PLR2004  # the one status that lists violations
        if must_name and not self.places & known:
            return f"{said}, {', '.join(sorted(known - {'None'})[:4]) or '-'}"
        return ""


@dataclass
class Tally:
    """What was tried at one operation: rules broken alone, those that cannot be, and why nothing more was tried."""

    tried: Counter[str] = field(default_factory=Counter)  # by what was broken: the body or the parameters
    together: int = 0
    faults: list[str] = field(default_factory=list)
    unready: str = ""

    def told(self, operation: str) -> JSON:
        """The form in which evidence carries it."""
        return {
            "operation": operation, "body": self.tried["body"], "parameters": self.tried["parameters"],
            "together": self.together, "faults": self.faults, "reason": self.unready,
        }  # fmt: skip


def ensure_ready(unready: Mapping[str, str]) -> None:
    """Leave a scenario undecided where an operation could not be called for want of what it needs."""
    for operation, why in unready.items():
        said = say("not tried: {names}", "sin probar: {names}", names=f"{operation}: {why}")
        raise Blocked(said, cause=Cause("operation", operation, why[:120]), anywhere=True)


def _document(answer: Answer) -> dict[str, JSON]:
    try:
        found = answer.json() if answer.is_json else None
    except Finding:
        return {}
    return found if isinstance(found, dict) else {}


def by_operation(trials: Iterable[Trial]) -> dict[str, list[str]]:
    """What is held against the answers, for each operation against which something is."""
    found: dict[str, list[str]] = {}
    for one in trials:
        fault = one.fault
        if fault:
            found.setdefault(one.operation, []).append(fault)
    return found
