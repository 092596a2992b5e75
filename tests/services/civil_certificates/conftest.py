"""The sandboxes of these tests: one a country and engine, afresh for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests import databases
from tests.services.civil_certificates.town import Town


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    databases.parametrized(metafunc)


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    return databases.engine_of(request)


@pytest.fixture(scope="session")
def _towns(engine: str) -> Iterator[dict[str, Town]]:  # noqa: ARG001 - made anew for each engine
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
    """The sandbox of the fictitious country, and of one whose values are its own."""
    return _fresh(_towns, request.param)
