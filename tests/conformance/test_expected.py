"""The verdict on each reference, scenario by scenario, is the one that was written down."""

from __future__ import annotations

import copy

import pytest

from istmo.paths import data
from istmo.spec import slugs
from istmo_conformance.scenarios import planned
from tests.conformance import expected


@pytest.mark.parametrize("country", expected.COUNTRIES)
@pytest.mark.parametrize("slug", slugs())
def test_the_reference_is_judged_as_it_was_before(slug: str, country: str) -> None:
    assert country in expected.read(slug), f"nothing is written down; run: make expected ONLY={slug}"

    found = expected.judged(slug, country)

    assert expected.differences(expected.read(slug)[country], expected.verdicts(found)) == []
    assert found.exit_code == 0


@pytest.mark.parametrize("slug", slugs())
def test_what_is_expected_of_the_reference_is_that_it_conforms(slug: str) -> None:
    every = {one.id for one in planned(data("conformance") / "features", slug)}
    for found in expected.read(slug).values():
        assert found["verdict"] == "conformant"
        assert set(found["scenarios"]) == every
        assert not any(word.startswith(("fail", "warn", "error")) for word in found["scenarios"].values())


def test_a_difference_names_the_scenario() -> None:
    before = expected.read(slugs()[0])["XX"]
    now = copy.deepcopy(before)
    name = next(iter(now["scenarios"]))
    now["scenarios"][name] = "fail"
    now["verdict"] = "not-conformant"
    del now["requirements"]["common/correlation-id"]

    assert expected.differences(before, now) == [
        "conformant -> not-conformant", "common/correlation-id: pass -> not there", f"{name}: pass -> fail",
    ]  # fmt: skip
