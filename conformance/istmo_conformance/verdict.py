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
ALLOWED_SKIPS = frozenset({"no-case", "not-in-profile", "declared-not-applicable"})


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
    scenarios = [outcome.scenario for outcome in outcomes]
    by_word = {word: [o for o in outcomes if o.verdict is word] for word in Verdict}

    def ended(verdict: Verdict, reason: str = "") -> Judgement:
        return Judgement(demand, verdict, reason, scenarios)

    if demand.stage > claimed:
        return ended(Verdict.NOT_RUN, "above-claimed-stage")
    failed = [o.scenario for o in by_word[Verdict.FAIL]]
    if failed or observed:
        word = Verdict.FAIL if demand.level == "MUST" else Verdict.WARN
        return ended(word, f"{len(failed)} scenarios failed, {observed} observations")
    if not demand.remote or not demand.checkable:
        return ended(Verdict.NOT_RUN, "not-observable" if not demand.remote else "not-checked")
    if by_word[Verdict.ERROR]:
        return ended(Verdict.ERROR, by_word[Verdict.ERROR][0].reason)
    if by_word[Verdict.NOT_RUN]:
        # A part of the proof is missing: what passed beside it does not make up for it.
        return ended(Verdict.NOT_RUN, by_word[Verdict.NOT_RUN][0].reason)
    if by_word[Verdict.PASS]:
        return ended(Verdict.WARN if by_word[Verdict.WARN] else Verdict.PASS)
    if by_word[Verdict.WARN]:
        return ended(Verdict.WARN, by_word[Verdict.WARN][0].reason)
    if by_word[Verdict.SKIP]:
        return ended(Verdict.SKIP, by_word[Verdict.SKIP][0].reason)
    return ended(Verdict.NOT_RUN, "no-scenario")


def overall(judgements: Iterable[Judgement], *, executed: int, claimed: int, errors: int = 0) -> Overall:
    """The verdict on the service at the claimed stage."""
    if executed == 0:
        return Overall.ERROR
    binding = [found for found in judgements if found.binding and found.demand.stage <= claimed]
    words = {found.verdict for found in binding}
    if Verdict.FAIL in words:
        return Overall.NOT_CONFORMANT
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
