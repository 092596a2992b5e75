"""The sandboxes of these tests: one a country, afresh for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.services.civil_certificates.town import Town


@pytest.fixture(scope="session")
def _towns() -> Iterator[dict[str, Town]]:
    towns: dict[str, Town] = {}
    yield towns
    for town in towns.values():
        town.close()


def _fresh(towns: dict[str, Town], country: str) -> Town:
    town = towns.setdefault(country, Town(country)) if country not in towns else towns[country]
    town.fresh()
    return town


@pytest.fixture
def town(_towns: dict[str, Town]) -> Town:
    """The sandbox of the fictitious country."""
    return _fresh(_towns, "XX")


@pytest.fixture(params=["XX", "HN"])
def either(request: pytest.FixtureRequest, _towns: dict[str, Town]) -> Town:
    """The sandbox of each country that has a complete profile."""
    return _fresh(_towns, request.param)
