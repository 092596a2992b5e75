"""What a service claims, held against what was seen of it, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeAlias

from istmo_conformance.verdict import Judgement, Verdict, settled

JSON: TypeAlias = Any
STAGES = (1, 2, 3, 4, 5)


class State(StrEnum):
    """The only words for a stage."""

    PROVEN = "proven"
    WAIVED = "waived"
    FAILS = "fails"
    OPEN = "open"
    WORKS = "works"
    LACKING = "lacking"
    NOT_TRIED = "not-tried"
    EMPTY = "empty"


def state(judgements: Sequence[Judgement], stage: int) -> State:
    """How a stage stands, by its binding requirements."""
    here = [found for found in judgements if found.binding and found.demand.stage == stage]
    if not here:
        return State.EMPTY
    words = {found.verdict for found in here}
    if Verdict.NOT_CLAIMED in words:
        return _unclaimed(here)
    if Verdict.FAIL in words:
        return State.FAILS
    if any(found.verdict is not Verdict.WAIVED and not settled(found) for found in here):
        return State.OPEN
    return State.WAIVED if Verdict.WAIVED in words else State.PROVEN


def _unclaimed(here: Sequence[Judgement]) -> State:
    """How a stage stands that is not judged: whether it was tried, and whether all of it works."""
    if all(found.seen is None for found in here):
        return State.NOT_TRIED
    return State.WORKS if all(found.seen is not None and settled(found) for found in here) else State.LACKING


def observed(judgements: Sequence[Judgement]) -> int:
    """The highest stage up to which everything that binds was seen to be kept, without a waiver."""
    reached = 0
    for stage in STAGES:
        if state(judgements, stage) not in {State.PROVEN, State.WORKS}:
            break
        reached = stage
    return reached


def compared(judgements: Sequence[Judgement], *, judged: int, claimed: int, finished: bool) -> JSON:
    """What was claimed, judged and observed, and where the claim and the service part."""
    states = {stage: state(judgements, stage) if finished else State.OPEN for stage in STAGES}
    return {
        "judged": judged,
        "claimed": claimed,
        "observed": observed(judgements) if finished else 0,
        "states": {str(stage): word.value for stage, word in states.items()},
        "claimedButFails": [stage for stage, word in states.items() if word is State.FAILS and stage <= claimed],
        "worksButNotClaimed": [
            stage for stage, word in states.items() if word in {State.WORKS, State.PROVEN} and stage > claimed
        ],
    }
