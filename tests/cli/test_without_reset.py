"""A right service fails nothing where nothing is reset, however often it is judged; no run leaves a clock set."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Done
from tests.cli.test_serve import serving

Run = Callable[..., Done]
SLUG = "civil_certificates"


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[str]:
    """The reference over HTTP, with a database of its own."""
    (tmp_path / "served").mkdir()
    with serving(tmp_path / "served", "serve", SLUG, ISTMO_LOG="false") as (_, url):
        yield url


def judged(istmo: Run, origin: str, output: Path, *words: str) -> dict[str, set[str]]:
    """The requirements by verdict."""
    istmo("check", origin, "--service", SLUG, "--output", str(output), *words)
    found: dict[str, set[str]] = {}
    for one in json.loads((output / "report.json").read_text(encoding="utf-8"))["requirements"]:
        found.setdefault(one["verdict"], set()).add(one["id"])
    return found


def test_what_an_earlier_run_left_behind_is_held_against_nobody(istmo: Run, tmp_path: Path, origin: str) -> None:
    first = judged(istmo, origin, tmp_path / "first", "--mode", "write")
    second = judged(istmo, origin, tmp_path / "second", "--mode", "write")
    read = judged(istmo, origin, tmp_path / "read", "--mode", "read")

    assert {"fail", "error"} & (first.keys() | second.keys() | read.keys()) == set()
    assert len(first["pass"]) > 60
    assert len(first["pass"] - second["pass"]) < 8, "a used limit and an open case stand in the way of few"
    assert len(read["pass"]) > 12


def test_a_run_leaves_the_clock_of_a_sandbox_at_real_time(istmo: Run, tmp_path: Path, origin: str) -> None:
    judged(istmo, origin, tmp_path / "full", "--select", "common/health")

    with urllib.request.urlopen(f"{origin}/_sandbox/clock", timeout=10) as answer:
        now = datetime.fromisoformat(json.loads(answer.read())["now"])
    assert abs(now - datetime.now(UTC)) < timedelta(hours=1)
