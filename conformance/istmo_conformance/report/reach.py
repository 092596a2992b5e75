"""How far a run reached at each operation: the declared statuses that some answer had, and the rules that were broken.

It carries no verdict: what no answer had was not seen, and the reason says whether it could have been.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

JSON: TypeAlias = Any
NOT_PROVOKED: Final = "not-provoked"


def reach_of(header: JSON, cases: Sequence[JSON], finish: JSON) -> JSON:
    """The section of the report, from the records of a run."""
    seen: dict[tuple[str, str], set[str]] = {}
    for case in cases:
        for call in case.get("calls", ()):
            if call.get("operation") is not None and "status" in call:
                seen.setdefault((call["operation"], call["method"]), set()).add(str(call["status"]))
    tried = {one["operation"]: one for one in (finish or {}).get("tried", ())}
    rows = [
        _row(one, seen.get((one["id"], one["method"]), set()), tried.get(one["id"], {}))
        for one in header["operations"]
        if one["stage"] <= header["stage"]
    ]
    return {
        "declared": sum(len(one["observed"]) + len(one["unobserved"]) for one in rows),
        "observed": sum(len(one["observed"]) for one in rows),
        "possible": sum(len(one["observed"]) + _open(one) for one in rows),
        "operations": rows,
    }


def _open(row: JSON) -> int:
    """How many of the statuses that were not seen could have been."""
    return sum(one["reason"] == NOT_PROVOKED for one in row["unobserved"])


def _row(operation: JSON, seen: set[str], tried: JSON) -> JSON:
    statuses: dict[str, str] = operation["statuses"]
    return {
        "id": operation["id"],
        "stage": operation["stage"],
        "national": operation.get("national", False),
        "observed": [status for status in statuses if status in seen],
        "unobserved": [
            {"status": status, "reason": why or NOT_PROVOKED} for status, why in statuses.items() if status not in seen
        ],
        "rules": {
            "body": tried.get("body", 0),
            "parameters": tried.get("parameters", 0),
            "together": tried.get("together", 0),
            "faults": tried.get("faults", []),
            "reason": tried.get("reason", ""),
        },
    }
