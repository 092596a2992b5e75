"""Every wrong service is caught by the requirement that it breaks, and by no unrelated one."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import pytest

from istmo.spec import requirements

from ._constant import SERVERS
from ._gallery import SLUG, gallery
from ._judge import judge

VARIANTS = gallery()
SHARES = 3  # all scenarios against all variants take longer than a build may: `make kill-matrix` does it

# Scenarios whose right answer is the very thing that a constant server gives, each with its reason.
UNKNOWN = "common/routing/an-address-that-the-specification-does-not-know-"
LAWFUL: dict[tuple[str, str], str] = {
    **{
        ("constant_example", UNKNOWN + what): "it does answer 404 to an unknown address, and the truth to a known one"
        for what in ("none-like-it", "one-slash-more", "a-capital-letter", "one-part-too-many")
    },
    **{
        ("constant_example", f"common/health/{what}"): "the example of health is what any service in health answers"
        for what in (
            "health-is-told-in-few-words-and-without-a-token",
            "the-failure-of-another-system-does-not-silence-it",
        )
    },
    (
        "constant_example",
        "common/problems/a-refusal-shows-nothing-of-the-inside-and-repeats-nothing",
    ): "its refusal of an unknown address is empty, and repeats nothing",
    (
        "constant_example",
        "common/actions/ana-can-do-whatever-a-case-in-draft-offers",
    ): "the sentence asks only that what is on offer is not refused, and nothing is",
}


@lru_cache
def scenarios() -> tuple[tuple[str, frozenset[str]], ...]:
    """Return every scenario and what it claims, as a run against the right service tells them."""
    judged = judge("reference")
    assert judged.exit_code == 0, judged.report["verdict"]
    return tuple((row["id"], frozenset(row["requirements"])) for row in judged.report["scenarios"])


def share(name: str, breaks: str) -> list[str]:
    """Return the scenarios of a requirement and a third of the others, which is another for each variant."""
    return [
        scenario
        for scenario, claims in scenarios()
        if breaks in claims or hashlib.sha256(f"{name} {scenario}".encode()).digest()[0] % SHARES == 0
    ]


@pytest.mark.parametrize("name", VARIANTS)
def test_wrong_service_fails_its_own_requirement_and_no_other(name: str) -> None:
    convict(name, share(name, VARIANTS[name].breaks))


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
def test_wrong_service_fails_nothing_else_in_any_scenario(name: str) -> None:
    convict(name, [])


def convict(name: str, select: list[str]) -> None:
    variant = VARIANTS[name]

    judged = judge(name, select=select)

    assert judged.exit_code == 1, judged.report["verdict"]
    assert variant.breaks in judged.requirements("fail")
    assert judged.requirements("fail", "error") <= {variant.breaks} | variant.also


@pytest.mark.parametrize("name", SERVERS)
def test_constant_answers_prove_nothing(name: str) -> None:
    judged = judge(name)

    passed = {row["id"] for row in judged.scenarios("pass", "warn") if row["requirements"]}
    lawful = {scenario for server, scenario in LAWFUL if server == name}
    assert judged.exit_code != 0
    assert judged.report["scenarios"], "nothing ran, so nothing was proven"
    assert passed - lawful == set()


def test_each_must_that_scenarios_cover_has_a_wrong_service() -> None:
    broken = {variant.breaks for variant in VARIANTS.values()}
    owed = {
        requirement.id
        for room in ("common", SLUG)
        for requirement in requirements(room)
        if requirement.level == "MUST" and requirement.observed_by_scenario
    }

    assert owed - broken == set()


def test_wrong_services_name_requirements_that_exist() -> None:
    known = {requirement.id for room in ("common", SLUG) for requirement in requirements(room)}

    named = {variant.breaks for variant in VARIANTS.values()}
    named |= {extra for variant in VARIANTS.values() for extra in variant.also}
    assert named <= known
