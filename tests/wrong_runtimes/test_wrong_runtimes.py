"""Every wrong runtime falls by the tests that hold its requirement, and each of these tests can fall."""

from __future__ import annotations

import pytest

from istmo.paths import ROOT
from istmo.spec import catalogue, requirements

from ._judge import complaints, judge
from ._register import gallery

VARIANTS = gallery()
ROOMS = ("common", *(entry.slug for entry in catalogue()))
HELD = {one.id: one.held_by for room in ROOMS for one in requirements(room) if one.held_by}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if one.slow else []) for name, one in VARIANTS.items()]
)
def test_wrong_runtime_falls_by_the_tests_that_hold_its_requirement(name: str) -> None:
    variant = VARIANTS[name]

    assert complaints(variant, judge(variant)) == []


def test_each_test_that_holds_a_requirement_falls_by_a_wrong_runtime() -> None:
    falling = {(one.breaks, test.partition("[")[0]) for one in VARIANTS.values() for test in one.by}
    holding = {(name, test) for name, tests in HELD.items() for test in tests}

    assert holding - falling == set(), "nothing proves that these can fail"
    assert falling - holding == set(), "these do not hold what the variant breaks"


def test_each_local_requirement_names_the_tests_that_hold_it() -> None:
    local = {one.id for room in ROOMS for one in requirements(room) if not one.remote}

    assert local - HELD.keys() == set()


def test_the_product_knows_of_no_wrong_runtime() -> None:
    rooms = [ROOT / "services", ROOT / "conformance"]
    texts = [path.read_text(encoding="utf-8") for room in rooms for path in room.rglob("*.py")]

    assert texts
    assert not any("wrong_runtime" in text.lower() for text in texts)
