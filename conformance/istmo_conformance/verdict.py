"""Verdicts: closed sets of words, and the one function that adds them up.

A scenario ends in one of `OF_SCENARIOS`, which says what happened. A requirement ends in one of `OF_REQUIREMENTS`,
which says what that means: `pass`, `fail` and `warn` judge the service, `error` is ours, and what could not be
judged never reads as passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """The only words for an outcome."""

    PASS = "pass"  # noqa: S105  # a word, not a secret
    FAIL = "fail"
    WARN = "warn"
    WAIVED = "waived"
    NOT_TESTABLE = "not-testable"
    NOT_CLAIMED = "not-claimed"
    SKIP = "skip"
    NOT_RUN = "not-run"
    ERROR = "error"


OF_SCENARIOS: Final = (
    Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.SKIP, Verdict.NOT_RUN, Verdict.ERROR,
)  # fmt: skip
OF_REQUIREMENTS: Final = tuple(word for word in Verdict if word is not Verdict.NOT_RUN)


class Overall(StrEnum):
    """The only words for a whole run."""

    CONFORMANT = "conformant"
    WITH_WAIVERS = "conformant-with-waivers"
    NOT_CONFORMANT = "not-conformant"
    UNDECIDED = "undecided"
    ERROR = "error"
    INTERRUPTED = "interrupted"


EXIT_CODES = {
    Overall.CONFORMANT: 0,
    Overall.WITH_WAIVERS: 0,
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
    """The verdict on one requirement; of one that is not claimed, `seen` says what was found out all the same."""

    demand: Demand
    verdict: Verdict
    reason: str = ""
    scenarios: list[str] = field(default_factory=list)
    seen: Verdict | None = None

    @property
    def binding(self) -> bool:
        """Whether the verdict counts for conformity: a MUST that can be seen from outside."""
        return self.demand.level == "MUST" and self.demand.remote and self.demand.checkable


def judge(demand: Demand, outcomes: Sequence[Outcome], observed: int = 0, claimed: int = 5) -> Judgement:
    """Add up what happened to one requirement; `observed` counts what passive checks held against it."""
    verdict, reason = _found(demand, outcomes, observed)
    seen = None
    if demand.stage > claimed:
        seen = verdict if outcomes else None
        verdict, reason = Verdict.NOT_CLAIMED, "above-claimed-stage"
    return Judgement(demand, verdict, reason, [outcome.scenario for outcome in outcomes], seen)


def _found(demand: Demand, outcomes: Sequence[Outcome], observed: int) -> tuple[Verdict, str]:
    """What was found out about a requirement, whether it is claimed or not."""
    failed = sum(outcome.verdict is Verdict.FAIL for outcome in outcomes)
    if failed or observed:
        word = Verdict.FAIL if demand.level == "MUST" else Verdict.WARN
        return word, f"{failed} scenarios failed, {observed} observations"
    if not demand.remote or not demand.checkable:
        return Verdict.SKIP, "not-checked" if demand.remote else "not-observable"
    return _worst(outcomes)


# Beside a proof of which a part is missing, what passed does not count; a skip beside a pass does no harm.
_GRAVITY = (Verdict.ERROR, Verdict.NOT_RUN, Verdict.WARN, Verdict.PASS, Verdict.SKIP)


def _worst(outcomes: Sequence[Outcome]) -> tuple[Verdict, str]:
    """The gravest of some outcomes among which nothing failed, with its reason."""
    for word in _GRAVITY:
        reasons = [outcome.reason for outcome in outcomes if outcome.verdict is word]
        if reasons:
            # Of several reasons one is told: the same one, in whatever order the scenarios ran.
            return Verdict.NOT_TESTABLE if word is Verdict.NOT_RUN else word, min(reasons)
    return Verdict.NOT_TESTABLE, "no-scenario"


def settled(found: Judgement) -> bool:
    """Whether a requirement was shown to stand in nobody's way."""
    word = found.seen or found.verdict
    return word in {Verdict.PASS, Verdict.WARN} or (word is Verdict.SKIP and found.reason in ALLOWED_SKIPS)


@dataclass(frozen=True)
class Sum:
    """A run, reduced to what decides about it."""

    finished: bool
    chosen: int
    executed: int
    failed: int
    refused_waivers: int
    errors: int
    binding: int
    open: int
    waived: int


@dataclass(frozen=True)
class Rule:
    """One row of the truth table: the first whose condition holds gives the verdict."""

    when: str
    holds: Callable[[Sum], bool]
    verdict: Overall


# The truth table of docs/reference/verdicts.md, which a test compares with this one.
RULES: Final = (
    Rule("the run was cut short", lambda run: not run.finished, Overall.INTERRUPTED),
    Rule("no scenario was chosen", lambda run: run.chosen == 0, Overall.ERROR),
    Rule("a requirement ended as `fail`", lambda run: run.failed > 0, Overall.NOT_CONFORMANT),
    Rule("a waiver is expired or stale", lambda run: run.refused_waivers > 0, Overall.NOT_CONFORMANT),
    Rule("a scenario or a requirement ended as `error`", lambda run: run.errors > 0, Overall.ERROR),
    Rule("no scenario was executed", lambda run: run.executed == 0, Overall.UNDECIDED),
    Rule("nothing binds up to the judged stage", lambda run: run.binding == 0, Overall.UNDECIDED),
    Rule("something that binds is neither settled nor waived", lambda run: run.open > 0, Overall.UNDECIDED),
    Rule("a requirement ended as `waived`", lambda run: run.waived > 0, Overall.WITH_WAIVERS),
    Rule("none of the above", lambda _: True, Overall.CONFORMANT),
)


def overall(
    judgements: Iterable[Judgement], *, chosen: int, executed: int, claimed: int, errors: int = 0,
    refused_waivers: int = 0, finished: bool = True,
) -> Overall:  # fmt: skip
    """The verdict on the service at the claimed stage: the first rule that holds.

    `chosen` counts the scenarios of the run, `executed` those that were played to an end.
    """
    known = list(judgements)
    binding = [found for found in known if found.binding and found.demand.stage <= claimed]
    words = [found.verdict for found in known]
    run = Sum(
        finished=finished, chosen=chosen, executed=executed, failed=words.count(Verdict.FAIL),
        refused_waivers=refused_waivers, errors=errors + words.count(Verdict.ERROR), binding=len(binding),
        open=sum(found.verdict is not Verdict.WAIVED and not settled(found) for found in binding),
        waived=words.count(Verdict.WAIVED),
    )  # fmt: skip
    return next(rule.verdict for rule in RULES if rule.holds(run))


def counted(words: Iterable[Verdict], among: Iterable[Verdict]) -> Mapping[str, int]:
    """How often each word of a set occurs, absent ones included."""
    counts = {word.value: 0 for word in among}
    for word in words:
        counts[word.value] += 1
    return counts
