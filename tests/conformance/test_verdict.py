"""Adding up: what could not be judged is never a pass, and every word has one place in the order."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istmo.paths import data
from istmo.spec import load_yaml
from istmo_conformance.verdict import (
    ALLOWED_SKIPS,
    EXIT_CODES,
    OF_REQUIREMENTS,
    OF_SCENARIOS,
    RULES,
    Demand,
    Judgement,
    Outcome,
    Overall,
    Verdict,
    judge,
    overall,
)
from istmo_conformance.waivers import Standing, Waiver, ruled

DOCS = Path(__file__).parents[2] / "docs"
MUST = Demand("common/x", "MUST", 3, remote=True)
SHOULD = Demand("common/x", "SHOULD", 3, remote=True)
P, F, W, S, N, E = (Verdict(word) for word in ("pass", "fail", "warn", "skip", "not-run", "error"))
T, C, V = Verdict.NOT_TESTABLE, Verdict.NOT_CLAIMED, Verdict.WAIVED


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], T), ([P], P), ([P, P], P), ([P, F], F), ([F, E, N], F), ([P, E], E), ([P, N], T), ([P, S], P),
        ([S], S), ([S, N], T), ([W], W), ([P, W], W), ([N], T), ([N, E], E),
    ],
)  # fmt: skip
def test_the_gravest_word_wins(words: list[Verdict], expected: Verdict) -> None:
    outcomes = [Outcome(str(number), word, "no-case") for number, word in enumerate(words)]

    assert judge(MUST, outcomes).verdict is expected


def test_an_observation_fails_what_a_scenario_passed() -> None:
    assert judge(MUST, [Outcome("a", P)], observed=1).verdict is F
    assert judge(SHOULD, [Outcome("a", P)], observed=1).verdict is W


def test_what_lies_above_the_claim_is_told_and_not_judged() -> None:
    found = judge(MUST, [Outcome("a", F)], claimed=2)

    assert (found.verdict, found.reason, found.seen) == (C, "above-claimed-stage", F)
    assert judge(MUST, [], claimed=2).seen is None


def test_what_cannot_be_seen_is_never_passed_and_binds_nobody() -> None:
    found = judge(Demand("x", "MUST", 1, remote=False), [])

    assert (found.verdict, found.reason, found.binding) == (S, "not-observable", False)


def found(word: Verdict, reason: str = "", stage: int = 1, level: str = "MUST") -> Judgement:
    return Judgement(Demand("x", level, stage, remote=True), word, reason)


@pytest.mark.parametrize(
    ("judgements", "executed", "expected"),
    [
        ([found(P)], 1, Overall.CONFORMANT),
        ([found(P), found(S, "no-case")], 1, Overall.CONFORMANT),
        ([found(P), found(S, "because")], 1, Overall.UNDECIDED),
        ([found(P), found(T)], 1, Overall.UNDECIDED),
        ([found(P), found(C)], 1, Overall.UNDECIDED),
        ([found(P), found(V)], 1, Overall.WITH_WAIVERS),
        ([found(P), found(V), found(T)], 1, Overall.UNDECIDED),
        ([found(P), found(F)], 1, Overall.NOT_CONFORMANT),
        ([found(F), found(E)], 1, Overall.NOT_CONFORMANT),
        ([found(P), found(E)], 1, Overall.ERROR),
        ([found(P), found(T, level="SHOULD")], 1, Overall.CONFORMANT),
        ([found(P)], 0, Overall.UNDECIDED),
        ([found(S, "no-case")], 0, Overall.UNDECIDED),
        ([], 1, Overall.UNDECIDED),
    ],
)
def test_the_whole_is_what_its_parts_allow(judgements: list[Judgement], executed: int, expected: Overall) -> None:
    assert overall(judgements, chosen=1, executed=executed, claimed=5) is expected


def test_an_error_of_ours_is_not_swallowed() -> None:
    assert overall([found(P)], chosen=1, executed=1, claimed=5, errors=1) is Overall.ERROR


def test_a_run_without_a_scenario_is_an_error() -> None:
    assert overall([found(P)], chosen=0, executed=0, claimed=5) is Overall.ERROR


def test_a_run_that_was_cut_short_says_nothing() -> None:
    assert overall([found(F)], chosen=1, executed=1, claimed=5, finished=False) is Overall.INTERRUPTED


def test_each_whole_has_its_exit_code() -> None:
    assert set(EXIT_CODES) == set(Overall)
    assert [word for word, code in EXIT_CODES.items() if code == 0] == [Overall.CONFORMANT, Overall.WITH_WAIVERS]


def test_the_words_are_those_of_the_standard() -> None:
    standard: Any = load_yaml(data("specs") / "standard" / "standard.yaml", trusted=True)

    assert {row["word"] for row in standard["verdicts"]} == {word.value for word in (*OF_REQUIREMENTS, *OF_SCENARIOS)}
    assert {row["word"]: row["exitCode"] for row in standard["outcomes"]} == {
        word.value: code for word, code in EXIT_CODES.items()
    }


def test_the_published_truth_table_is_the_one_that_is_used() -> None:
    page = (DOCS / "reference/verdicts.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [0-9]+ \| (.+?) \| ([a-z -]+?) \| ([0-3]) \|$", page, re.MULTILINE)

    assert rows == [(rule.when, rule.verdict.replace("-", " "), str(EXIT_CODES[rule.verdict])) for rule in RULES]


# Properties of the one function

REASONS = ["", "because", *sorted(ALLOWED_SKIPS)]
judgements = st.lists(
    st.builds(
        Judgement,
        st.builds(Demand, st.sampled_from(["a", "b", "c"]), st.sampled_from(["MUST", "SHOULD", "MAY"]),
                  st.integers(1, 5), remote=st.booleans(), checkable=st.booleans()),
        st.sampled_from(OF_REQUIREMENTS),
        st.sampled_from(REASONS),
    ),
    max_size=8,
)  # fmt: skip
runs = st.fixed_dictionaries({
    "chosen": st.integers(0, 2), "executed": st.integers(0, 2), "claimed": st.integers(1, 5),
    "errors": st.integers(0, 1), "refused_waivers": st.integers(0, 1), "finished": st.booleans(),
})  # fmt: skip
# How near a verdict is to conformity; of those that are not, none is nearer than another.
NEARNESS = {Overall.CONFORMANT: 2, Overall.WITH_WAIVERS: 1}


def near(word: Overall) -> int:
    return NEARNESS.get(word, 0)


@settings(deadline=None)
@given(judgements, runs, st.data())
def test_the_order_does_not_matter(rows: list[Judgement], run: dict[str, Any], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows))

    assert overall(shuffled, **run) is overall(rows, **run)


@settings(deadline=None)
@given(judgements, runs, st.sampled_from(OF_REQUIREMENTS), st.sampled_from(REASONS))
def test_what_no_longer_passes_never_makes_a_run_more_conformant(
    rows: list[Judgement], run: dict[str, Any], word: Verdict, reason: str
) -> None:
    before = near(overall(rows, **run))
    for number, one in enumerate(rows):
        if one.verdict is P:
            changed = [*rows[:number], replace(one, verdict=word, reason=reason), *rows[number + 1 :]]
            assert near(overall(changed, **run)) <= before


@settings(deadline=None)
@given(judgements, runs, st.sampled_from([T, C, E]), st.integers(1, 5))
def test_one_binding_requirement_that_was_not_judged_is_never_conformant(
    rows: list[Judgement], run: dict[str, Any], word: Verdict, stage: int
) -> None:
    row = Judgement(Demand("x", "MUST", min(stage, run["claimed"]), remote=True), word, "no-case")

    assert EXIT_CODES[overall([*rows, row], **run)] != 0


@settings(deadline=None)
@given(judgements, runs)
def test_whatever_failed_or_is_refused_is_never_conformant(rows: list[Judgement], run: dict[str, Any]) -> None:
    verdict = overall(rows, **run)

    if verdict in NEARNESS:
        assert run["finished"]
        assert run["chosen"]
        assert run["executed"]
        assert not run["errors"]
        assert not run["refused_waivers"]
        assert not {F, E} & {one.verdict for one in rows}
        assert (verdict is Overall.WITH_WAIVERS) is (V in {one.verdict for one in rows})


@settings(deadline=None)
@given(judgements, runs, judgements)
def test_what_binds_nobody_changes_nothing_unless_it_fails(
    rows: list[Judgement], run: dict[str, Any], more: list[Judgement]
) -> None:
    loose = [one for one in more if not one.binding and one.verdict not in {F, E, V}]

    assert overall([*rows, *loose], **run) is overall(rows, **run)


words = st.lists(st.sampled_from(OF_SCENARIOS), max_size=5)


@settings(deadline=None)
@given(words, st.sampled_from(["MUST", "SHOULD", "MAY"]), st.integers(0, 2), st.data())
def test_the_order_of_scenarios_does_not_matter(
    endings: list[Verdict], level: str, observed: int, data: st.DataObject
) -> None:
    outcomes = [Outcome(str(number), word, f"r{number}") for number, word in enumerate(endings)]
    demand = Demand("x", level, 1, remote=True)
    one, other = judge(demand, outcomes, observed), judge(demand, data.draw(st.permutations(outcomes)), observed)

    assert (one.verdict, one.reason) == (other.verdict, other.reason)
    assert one.verdict in OF_REQUIREMENTS


# Waivers

TODAY = date(2027, 3, 15)


def waiver(requirement: str = "x", expires: date = TODAY) -> Waiver:
    return Waiver(requirement, "The gateway drops it.", "Operations", expires)


@pytest.mark.parametrize(
    ("word", "expires", "standing", "why", "verdict"),
    [
        (F, TODAY, Standing.VALID, "", V),
        (F, date(2027, 3, 14), Standing.EXPIRED, "expired", F),
        (P, TODAY, Standing.STALE, "not-failed", P),
        (W, TODAY, Standing.STALE, "not-failed", W),
        (P, date(2027, 3, 14), Standing.EXPIRED, "expired", P),
        (S, TODAY, Standing.STALE, "not-judged", S),
        (C, TODAY, Standing.STALE, "not-judged", C),
        (T, TODAY, Standing.OPEN, "not-testable", T),
        (E, TODAY, Standing.OPEN, "error", E),
    ],
)
def test_a_waiver_holds_only_for_what_fails_and_until_its_day(
    word: Verdict, expires: date, standing: Standing, why: str, verdict: Verdict
) -> None:
    (judgement,), (ruling,) = ruled([found(word)], [waiver(expires=expires)], TODAY)

    assert (ruling.standing, ruling.why, judgement.verdict) == (standing, why, verdict)


def test_a_failure_whose_waiver_has_expired_says_so() -> None:
    (judgement,), _ = ruled([found(F, "seen")], [waiver(expires=date(2027, 3, 14))], TODAY)

    assert judgement.reason == "waiver-expired"


def test_a_waiver_for_what_does_not_exist_is_stale() -> None:
    _, (ruling,) = ruled([found(P)], [waiver("y")], TODAY)

    assert (ruling.standing, ruling.why) == (Standing.STALE, "unknown-requirement")
    assert ruling.refused


@settings(deadline=None)
@given(judgements, runs, st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True), st.integers(-2, 2))
def test_a_waiver_never_turns_a_run_into_a_plain_conformant_one(
    rows: list[Judgement], run: dict[str, Any], names: list[str], days: int
) -> None:
    given_ = [waiver(name, date(2027, 3, 15 + days)) for name in names]
    after, rulings = ruled(rows, given_, TODAY)
    run = {**run, "refused_waivers": sum(one.refused for one in rulings)}

    if overall(after, **run) is Overall.CONFORMANT:
        assert all(one.standing is Standing.OPEN for one in rulings)
        assert [one.verdict for one in after] == [one.verdict for one in rows]
