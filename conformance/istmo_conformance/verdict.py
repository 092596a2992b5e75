"""Verdicts: a closed set of words and the one function that adds them up.

`pass` and `fail` judge the service, `error` is ours. What was not run never reads as passed, and a run in which
nothing was executed is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """The only words for an outcome."""

    PASS = "pass"  # noqa: S105  # a word, not a secret
    FAIL = "fail"
    WARN = "warn"
    SKIP = "skip"
    NOT_RUN = "not-run"
    ERROR = "error"


class Overall(StrEnum):
    """The only words for a whole run."""

    CONFORMANT = "conformant"
    NOT_CONFORMANT = "not-conformant"
    UNDECIDED = "undecided"
    ERROR = "error"
    INTERRUPTED = "interrupted"


EXIT_CODES = {
    Overall.CONFORMANT: 0,
    Overall.NOT_CONFORMANT: 1,
    Overall.ERROR: 2,
    Overall.UNDECIDED: 3,
    Overall.INTERRUPTED: 3,
}
# The reasons for which a requirement may be left out and the service still be conformant.
ALLOWED_SKIPS = frozenset({
    "no-case", "not-in-profile", "not-in-specification", "declared-not-applicable", "needs-production",
})  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """How one scenario ended, as far as its requirements are concerned."""

    scenario: str
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class Demand:
    """What the standard demands, reduced to what adding up needs."""

    id: str
    level: str
    stage: int
    remote: bool
    checkable: bool = True


@dataclass
class Judgement:
    """The verdict on one requirement."""

    demand: Demand
    verdict: Verdict
    reason: str = ""
    scenarios: list[str] = field(default_factory=list)

    @property
    def binding(self) -> bool:
        """Whether the verdict counts for conformity: a MUST that can be seen from outside."""
        return self.demand.level == "MUST" and self.demand.remote and self.demand.checkable


def judge(demand: Demand, outcomes: Sequence[Outcome], observed: int = 0, claimed: int = 5) -> Judgement:
    """Add up what happened to one requirement; `observed` counts what passive checks held against it."""
    failed = sum(outcome.verdict is Verdict.FAIL for outcome in outcomes)
    if demand.stage > claimed:
        verdict, reason = Verdict.NOT_RUN, "above-claimed-stage"
    elif failed or observed:
        verdict = Verdict.FAIL if demand.level == "MUST" else Verdict.WARN
        reason = f"{failed} scenarios failed, {observed} observations"
    elif not demand.remote or not demand.checkable:
        verdict, reason = Verdict.NOT_RUN, "not-checked" if demand.remote else "not-observable"
    else:
        verdict, reason = _worst(outcomes)
    return Judgement(demand, verdict, reason, [outcome.scenario for outcome in outcomes])


# Beside a proof of which a part is missing, what passed does not count; a skip beside a pass does no harm.
_GRAVITY = (Verdict.ERROR, Verdict.NOT_RUN, Verdict.WARN, Verdict.PASS, Verdict.SKIP)


def _worst(outcomes: Sequence[Outcome]) -> tuple[Verdict, str]:
    """The gravest of some outcomes among which nothing failed, with its reason."""
    for word in _GRAVITY:
        found = next((outcome for outcome in outcomes if outcome.verdict is word), None)
        if found is not None:
            return word, found.reason
    return Verdict.NOT_RUN, "no-scenario"


def overall(judgements: Iterable[Judgement], *, executed: int, claimed: int, errors: int = 0) -> Overall:
    """The verdict on the service at the claimed stage."""
    if executed == 0:
        return Overall.ERROR
    known = list(judgements)
    if any(found.verdict is Verdict.FAIL for found in known):
        return Overall.NOT_CONFORMANT
    binding = [found for found in known if found.binding and found.demand.stage <= claimed]
    words = {found.verdict for found in binding}
    if errors or Verdict.ERROR in words:
        return Overall.ERROR
    if not binding or any(not settled(found) for found in binding):
        return Overall.UNDECIDED
    return Overall.CONFORMANT


def settled(found: Judgement) -> bool:
    """Whether a binding requirement stands in nobody's way."""
    if found.verdict in {Verdict.PASS, Verdict.WARN}:
        return True
    return found.verdict is Verdict.SKIP and found.reason in ALLOWED_SKIPS


def observed_stage(judgements: Sequence[Judgement]) -> int:
    """The highest stage up to which every binding requirement is settled."""
    stage = 0
    for candidate in range(1, 6):
        here = [found for found in judgements if found.binding and found.demand.stage == candidate]
        if not here or any(not settled(found) for found in here):
            break
        stage = candidate
    return stage


def counted(words: Iterable[Verdict]) -> Mapping[str, int]:
    """How often each word occurs, absent ones included."""
    counts = {word.value: 0 for word in Verdict}
    for word in words:
        counts[word.value] += 1
    return counts
