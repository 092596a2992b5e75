"""The verdict on the reference, scenario by scenario, is the one that was written down."""

from __future__ import annotations

import copy

import pytest

from tests.conformance import expected


@pytest.mark.parametrize("country", expected.COUNTRIES)
def test_the_reference_is_judged_as_it_was_before(country: str) -> None:
    found = expected.judged(country)

    assert expected.differences(expected.read()[country], expected.verdicts(found)) == []
    assert found.exit_code == 0


def test_what_is_expected_of_the_reference_is_that_it_conforms() -> None:
    for found in expected.read().values():
        assert found["verdict"] == "conformant"
        assert len(found["scenarios"]) > 400
        assert not any(word.startswith(("fail", "warn", "error")) for word in found["scenarios"].values())


def test_a_difference_names_the_scenario() -> None:
    before = expected.read()["XX"]
    now = copy.deepcopy(before)
    name = next(iter(now["scenarios"]))
    now["scenarios"][name] = "fail"
    now["verdict"] = "not-conformant"
    del now["requirements"]["common/correlation-id"]

    assert expected.differences(before, now) == [
        "conformant -> not-conformant", "common/correlation-id: pass -> not there", f"{name}: pass -> fail",
    ]  # fmt: skip
