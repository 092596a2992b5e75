"""Adding up: what was not run is never a pass, and every word has one place in the order."""

from __future__ import annotations

import pytest

from istmo_conformance.verdict import (
    EXIT_CODES,
    Demand,
    Judgement,
    Outcome,
    Overall,
    Verdict,
    judge,
    observed_stage,
    overall,
)

MUST = Demand("common/x", "MUST", 3, remote=True)
SHOULD = Demand("common/x", "SHOULD", 3, remote=True)
P, F, W, S, N, E = (Verdict(word) for word in ("pass", "fail", "warn", "skip", "not-run", "error"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], N), ([P], P), ([P, P], P), ([P, F], F), ([F, E, N], F), ([P, E], E), ([P, N], N), ([P, S], P),
        ([S], S), ([S, N], N), ([W], W), ([P, W], W), ([N], N),
    ],
)  # fmt: skip
def test_the_gravest_word_wins(words: list[Verdict], expected: Verdict) -> None:
    outcomes = [Outcome(str(number), word, "no-case") for number, word in enumerate(words)]

    assert judge(MUST, outcomes).verdict is expected


def test_an_observation_fails_what_a_scenario_passed() -> None:
    assert judge(MUST, [Outcome("a", P)], observed=1).verdict is F
    assert judge(SHOULD, [Outcome("a", P)], observed=1).verdict is W


def test_what_lies_above_the_claim_is_not_judged() -> None:
    found = judge(MUST, [Outcome("a", F)], claimed=2)

    assert (found.verdict, found.reason) == (N, "above-claimed-stage")


def test_what_cannot_be_seen_is_never_passed() -> None:
    assert judge(Demand("x", "MUST", 1, remote=False), []).verdict is N
    assert judge(Demand("x", "MUST", 1, remote=False), []).binding is False


def found(word: Verdict, reason: str = "", stage: int = 1, level: str = "MUST") -> Judgement:
    return Judgement(Demand("x", level, stage, remote=True), word, reason)


@pytest.mark.parametrize(
    ("judgements", "executed", "expected"),
    [
        ([found(P)], 1, Overall.CONFORMANT),
        ([found(P), found(S, "no-case")], 1, Overall.CONFORMANT),
        ([found(P), found(S, "because")], 1, Overall.UNDECIDED),
        ([found(P), found(N)], 1, Overall.UNDECIDED),
        ([found(P), found(F)], 1, Overall.NOT_CONFORMANT),
        ([found(F), found(E)], 1, Overall.NOT_CONFORMANT),
        ([found(P), found(E)], 1, Overall.ERROR),
        ([found(P), found(N, level="SHOULD")], 1, Overall.CONFORMANT),
        ([found(P)], 0, Overall.ERROR),
        ([], 1, Overall.UNDECIDED),
    ],
)
def test_the_whole_is_what_its_parts_allow(judgements: list[Judgement], executed: int, expected: Overall) -> None:
    assert overall(judgements, executed=executed, claimed=5) is expected


def test_an_error_of_ours_is_not_swallowed() -> None:
    assert overall([found(P)], executed=1, claimed=5, errors=1) is Overall.ERROR


def test_each_whole_has_its_exit_code() -> None:
    assert set(EXIT_CODES) == set(Overall)
    assert [word for word, code in EXIT_CODES.items() if code == 0] == [Overall.CONFORMANT]


def test_a_stage_is_reached_only_over_the_ones_below() -> None:
    assert observed_stage([found(P), found(P, stage=2)]) == 2
    assert observed_stage([found(N), found(P, stage=2)]) == 0
    assert observed_stage([]) == 0
