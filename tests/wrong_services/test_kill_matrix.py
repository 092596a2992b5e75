"""Every wrong service is caught by the requirement that it breaks, and by no unrelated one."""

from __future__ import annotations

import pytest

from istmo.spec import requirements

from ._constant import SERVERS
from ._gallery import SLUG, gallery
from ._judge import judge

VARIANTS = gallery()

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
        "common/actions/ana-can-do-whatever-a-case-in-draft-offers",
    ): "the sentence asks only that what is on offer is not refused, and nothing is",
}


@pytest.mark.parametrize("name", VARIANTS)
def test_wrong_service_fails_its_own_requirement_and_no_other(name: str) -> None:
    variant = VARIANTS[name]

    judged = judge(name)

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
