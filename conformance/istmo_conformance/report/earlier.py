"""Reports of an earlier format, told in the words of today."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from istmo_conformance.stages import STAGES, State
from istmo_conformance.verdict import OF_REQUIREMENTS, Verdict, counted

JSON: TypeAlias = Any
FIRST: Final = "istmo-report/1"
# What the first format called not-run, by its reason; everything else should have been judged, and was not.
_MEANT: Final = {
    "above-claimed-stage": Verdict.NOT_CLAIMED,
    "not-observable": Verdict.SKIP,
    "not-checked": Verdict.SKIP,
}


def upgraded(document: JSON, to: str) -> JSON:
    """A report of the first format in the form of the present one; any other as it is."""
    if not isinstance(document, dict) or document.get("format") != FIRST:
        return document
    rows = [_row(one) for one in document.get("requirements") or () if isinstance(one, dict)]
    counts, stage = dict(document.get("counts") or {}), dict(document.get("stage") or {})
    known = [Verdict(one["verdict"]) for one in rows if one.get("verdict") in set(OF_REQUIREMENTS)]
    counts["requirements"] = dict(counted(known, OF_REQUIREMENTS))
    open_states = {str(number): State.OPEN.value for number in STAGES}  # the first format did not tell them
    return {
        **document, "format": to, "mode": "full", "subject": {}, "waivers": [], "causes": [], "leftBehind": [],
        "stage": {**stage, "states": open_states, "claimedButFails": [], "worksButNotClaimed": []},
        "counts": counts, "requirements": rows,
    }  # fmt: skip


def _row(one: JSON) -> JSON:
    word = one.get("verdict")
    if word == Verdict.NOT_RUN:
        word = _MEANT.get(str(one.get("reason")), Verdict.NOT_TESTABLE).value
    return {**one, "verdict": word, "needs": None, "seen": None}
