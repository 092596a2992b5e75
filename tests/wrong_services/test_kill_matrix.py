"""Every wrong service is caught by the requirement that it breaks, and by no unrelated one."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import pytest

from istmo.paths import data
from istmo.spec import requirements, slugs
from istmo_conformance.scenarios import planned

from ._gallery import COMMON, Wrong, gallery
from ._judge import judge

VARIANTS = gallery()
SHARES = 6  # all scenarios against all variants take longer than a build may: `make kill-matrix` does it


@lru_cache
def scenarios(slug: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return every scenario of a service and what it claims; that the right one passes them, `test_expected` holds."""
    return tuple((one.id, one.requirements) for one in planned(data("conformance") / "features", slug))


def share(variant: Wrong) -> list[str]:
    """Return the scenarios of a requirement and a sixth of the others, which is another for each variant."""
    return [
        scenario
        for scenario, claims in scenarios(variant.slug)
        if variant.breaks in claims or hashlib.sha256(f"{variant.name} {scenario}".encode()).digest()[0] % SHARES == 0
    ]


@pytest.mark.parametrize("name", VARIANTS)
def test_wrong_service_fails_its_own_requirement_and_no_other(name: str) -> None:
    convict(name, share(VARIANTS[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
def test_wrong_service_fails_nothing_else_in_any_scenario(name: str) -> None:
    convict(name, [])


def convict(name: str, select: list[str]) -> None:
    variant = VARIANTS[name]

    judged = judge(name, slug=variant.slug, select=select)

    assert judged.exit_code == 1, judged.report["verdict"]
    assert variant.breaks in judged.requirements("fail")
    assert judged.requirements("fail", "error") <= {variant.breaks} | variant.also


def test_each_must_that_scenarios_cover_has_a_wrong_service() -> None:
    broken = {variant.breaks for variant in VARIANTS.values()}
    owed = {
        requirement.id
        for room in (COMMON, *slugs())
        for requirement in requirements(room)
        if requirement.level == "MUST" and requirement.observed_by_scenario
    }

    assert owed - broken == set()


def test_wrong_services_name_requirements_that_exist() -> None:
    known = {requirement.id for room in (COMMON, *slugs()) for requirement in requirements(room)}

    named = {variant.breaks for variant in VARIANTS.values()}
    named |= {extra for variant in VARIANTS.values() for extra in variant.also}
    assert named <= known
