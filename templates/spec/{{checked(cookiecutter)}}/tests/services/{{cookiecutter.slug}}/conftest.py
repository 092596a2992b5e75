{% set it = facts(cookiecutter) -%}
"""The sandbox of these tests, afresh for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.services.town import Town


@pytest.fixture(scope="module")
def _town() -> Iterator[Town]:
    town = Town("{{ it.slug }}")
    yield town
    town.close()


@pytest.fixture
def town(_town: Town) -> Town:
    """The sandbox of the fictitious country."""
    _town.fresh()
    return _town
