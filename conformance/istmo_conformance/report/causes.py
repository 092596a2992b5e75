"""Root causes: every broken link once, with what waits for it and what failed because of the same thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from istmo_conformance.verdict import Judgement, Verdict

JSON: TypeAlias = Any
# Where many personas have no token for one reason, the reason is the cause and not the persona.
_FOLDED_BY_REASON = frozenset({"token", "subject"})


def causes_of(
    cases: Iterable[JSON], judgements: Sequence[Judgement], observations: Sequence[JSON], failing: Iterable[JSON]
) -> list[JSON]:
    """The causes of a run, those first for which most requirements wait."""
    found: dict[tuple[str, str, str], JSON] = {}
    for case in cases:
        cause = case.get("cause")
        if cause and case["verdict"] == Verdict.NOT_RUN:
            entry: JSON = found.setdefault(_key(cause), _entry(cause, case["reason"]))
            if cause["name"] not in entry["names"]:
                entry["names"].append(cause["name"])
            entry["scenarios"].append(case["id"])
    broken = _broken(observations, failing)
    for entry in found.values():
        waiting = set(entry["scenarios"])
        entry["names"].sort()
        entry["name"] = ", ".join(entry["names"])
        entry["requirements"] = [
            one.demand.id for one in judgements
            if one.verdict is Verdict.NOT_TESTABLE and waiting.intersection(one.scenarios)
        ]  # fmt: skip
        if entry["kind"] == "operation":
            failed = {requirement for name in entry["names"] for requirement in broken.get(name, ())}
            entry["failures"] = [
                one.demand.id for one in judgements if one.verdict is Verdict.FAIL and one.demand.id in failed
            ]
    return sorted(found.values(), key=lambda one: (-len(one["requirements"]), one["kind"], one["name"], one["what"]))


def _entry(cause: JSON, reason: str) -> JSON:
    """A cause for which nothing waits yet."""
    lists: JSON = {name: [] for name in ("names", "scenarios", "requirements", "failures")}
    return {**cause, "message": cause.get("message") or reason, **lists}


def _key(cause: JSON) -> tuple[str, str, str]:
    name = "" if cause["kind"] in _FOLDED_BY_REASON else cause["name"]
    return cause["kind"], name, cause["what"]


def _broken(observations: Iterable[JSON], failing: Iterable[JSON]) -> dict[str, set[str]]:
    """The requirements that went against each operation: by what was seen on the side, or by the call that failed."""
    found: dict[str, set[str]] = {}
    for one in observations:
        found.setdefault(one["operation"], set()).add(one["requirement"])
    for case in failing:
        calls = case.get("calls", case.get("exchanges", ()))
        last = next((call["operation"] for call in reversed(calls) if "who" in call), None)
        if last is not None:
            found.setdefault(last, set()).update(case["requirements"])
    return found
