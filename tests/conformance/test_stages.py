"""Claimed against observed: a stage counts only over the ones below, and only by what was seen."""

from __future__ import annotations

import pytest

from istmo_conformance.stages import State, compared, observed, state
from istmo_conformance.verdict import Demand, Judgement, Verdict

P, F, S, E = Verdict.PASS, Verdict.FAIL, Verdict.SKIP, Verdict.ERROR
T, C, V = Verdict.NOT_TESTABLE, Verdict.NOT_CLAIMED, Verdict.WAIVED


def found(word: Verdict, stage: int = 1, seen: Verdict | None = None, *, remote: bool = True) -> Judgement:
    return Judgement(Demand("x", "MUST", stage, remote=remote), word, "no-case" if word is S else "", seen=seen)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], State.EMPTY), ([found(F, remote=False)], State.EMPTY), ([found(P), found(S)], State.PROVEN),
        ([found(P), found(V)], State.WAIVED), ([found(P), found(F), found(T)], State.FAILS),
        ([found(P), found(T)], State.OPEN), ([found(P), found(E)], State.OPEN), ([found(C)], State.NOT_TRIED),
        ([found(C, seen=P)], State.WORKS), ([found(C, seen=P), found(C, seen=F)], State.LACKING),
        ([found(C, seen=P), found(C)], State.LACKING),
    ],
)  # fmt: skip
def test_a_stage_stands_as_its_requirements_do(rows: list[Judgement], expected: State) -> None:
    assert state(rows, 1) is expected


def test_a_stage_is_reached_only_over_the_ones_below() -> None:
    assert observed([found(P), found(P, stage=2)]) == 2
    assert observed([found(T), found(P, stage=2)]) == 0
    assert observed([found(P), found(V, stage=2), found(P, stage=3)]) == 1
    assert observed([]) == 0


def test_claim_and_service_are_held_against_each_other() -> None:
    rows = [found(P), found(F, stage=2), found(P, stage=3), found(C, stage=4, seen=P), found(C, stage=5)]

    told = compared(rows, judged=3, claimed=3, finished=True)

    assert told["states"] == {"1": "proven", "2": "fails", "3": "proven", "4": "works", "5": "not-tried"}
    assert (told["judged"], told["claimed"], told["observed"]) == (3, 3, 1)
    assert told["claimedButFails"] == [2]
    assert told["worksButNotClaimed"] == [4]


def test_of_a_run_without_an_end_nothing_is_said() -> None:
    told = compared([found(P)], judged=1, claimed=1, finished=False)

    assert told["observed"] == 0
    assert set(told["states"].values()) == {"open"}
