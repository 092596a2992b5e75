"""A hundred deaths under load: what was acknowledged is stored once and whole, and its key tells it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.killing import Massacre
from tests.databases import ENGINES, database

KILLS = 100


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_a_hundred_deaths_lose_and_double_nothing(engine: str, tmp_path: Path) -> None:
    with database(engine, tmp_path) as url:
        toll = Massacre(tmp_path, url, pause=0.8).run(KILLS, 10 * KILLS)

    assert toll.clean, toll
    assert toll.kills >= KILLS
    assert toll.acknowledged >= 10 * KILLS
