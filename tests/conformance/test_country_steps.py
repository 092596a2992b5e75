"""Scenarios that depend on what a country offers run where it does and are left out, with that reason, elsewhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import istmo_conformance.steps  # noqa: F401  # fills the table
from istmo_conformance.verdict import ALLOWED_SKIPS
from istmo_conformance.vocabulary import perform

SERVICE = {
    "certificateTypes": [{"code": "birth", "formats": ["extract"]}, {"code": "death", "formats": []}],
    "validityMonths": {"birth": None, "single-status": 6},
    "apostilleForDigital": False,
}


@pytest.fixture
def world() -> Any:
    profile = SimpleNamespace(service=lambda _slug: SERVICE, fees=lambda _slug: [])
    return SimpleNamespace(run=SimpleNamespace(profile=profile), spec=SimpleNamespace(slug="civil_certificates"))


@pytest.mark.parametrize(
    "text",
    [
        'this country has "/validityMonths/single-status"',
        'this country has "/certificateTypes/birth/formats"',
        'this country has no "apostilleForDigital"',
        'this country has no "fees"',
        'this country has no "full-copy" in "/certificateTypes/birth/formats"',
        'este país no tiene "extract" en "/certificateTypes/death/formats"',
    ],
)
def test_a_scenario_goes_on_where_the_country_is_so(world: Any, text: str) -> None:
    perform("given", text, world)


@pytest.mark.parametrize(
    "text",
    [
        'this country has "/validityMonths/birth"',
        'this country has "/validityMonths/unheard-of"',
        'this country has "apostilleForDigital"',
        'este país tiene "fees"',
        'this country has no "/validityMonths/single-status"',
        'this country has no "extract" in "/certificateTypes/birth/formats"',
    ],
)
def test_a_scenario_is_left_out_where_the_country_is_otherwise(world: Any, text: str) -> None:
    with pytest.raises(pytest.skip.Exception) as caught:
        perform("given", text, world)

    assert caught.value.msg in ALLOWED_SKIPS
