"""The schema of a database as its operator looks after it, and services on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import server

from .conftest import Done
from .test_serve import SLUG, get, serving

Run = Callable[..., Done]


@pytest.fixture
def empty() -> Iterator[str]:
    """An empty PostgreSQL database."""
    url = asyncio.run(server().create("template0"))
    yield url
    asyncio.run(server().drop(url))


def test_an_empty_database_is_told_upgraded_and_told_again(istmo: Run, empty: str) -> None:
    before = istmo("db", "status", "--database", empty)
    done = istmo("db", "upgrade", "--database", empty)
    after = istmo("db", "status", "--database", empty)
    again = istmo("db", "upgrade", "--database", empty)

    assert (before.code, done.code, after.code, again.code) == (1, 0, 0, 0)
    assert "istmo db upgrade" in before.out
    assert "PostgreSQL" in after.out
    assert "up to date" in after.out
    assert "up to date" in again.out


def test_a_status_for_a_program(istmo: Run, tmp_path: Path) -> None:
    done = istmo("db", "status", "--json", "--database", f"sqlite:///{tmp_path}/new.db")
    told = json.loads(done.out)

    assert (done.code, told["state"], told["version"]) == (1, "empty", 0)
    assert list(tmp_path.iterdir()) == []


def test_the_database_comes_from_the_environment(istmo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_DATABASE", f"sqlite:///{tmp_path}/new.db")

    assert istmo("db", "upgrade").code == 0
    assert istmo("db", "status").code == 0


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://ana:geheim@127.0.0.1:1/istmo", "database"),
        ("postgresql://ana:geheim@127.0.0.1", "database-url"),
        ("mysql://ana:geheim@127.0.0.1/istmo", "database-url"),
        ("sqlite:///:memory:", "database-url"),
        ("sqlite:///{folder}", "database"),
    ],
)
@pytest.mark.parametrize("word", ["status", "upgrade"])
def test_what_cannot_be_used_is_told_with_a_hint(istmo: Run, tmp_path: Path, word: str, url: str, code: str) -> None:
    done = istmo("db", word, "--database", url.format(folder=tmp_path))

    assert done.code == 2
    assert f"error {code}:" in done.err
    assert "hint:" in done.err
    assert "geheim" not in done.err + done.out


def test_a_user_who_may_not_change_the_schema_is_told(istmo: Run, empty: str) -> None:
    from tests.istmo.runtime.store.test_postgres import altered

    altered("CREATE ROLE guest LOGIN")
    done = istmo("db", "upgrade", "--database", empty.replace("postgres@", "guest@"))
    altered("DROP ROLE guest")

    assert done.code == 2
    assert "cannot be upgraded" in done.err


def test_a_service_on_a_database_that_is_not_there_is_told_without_a_traceback(istmo: Run) -> None:
    done = istmo("serve", SLUG, "--port", "0", "--database", "postgresql://ana:geheim@127.0.0.1:1/istmo")

    assert done.code == 2
    assert "error database:" in done.err
    assert "geheim" not in done.err
    assert "Traceback" not in done.err


def test_a_service_on_postgresql_is_served_and_ready(tmp_path: Path, empty: str) -> None:
    with serving(tmp_path, "serve", SLUG, "--database", empty) as (_, url):
        assert get(f"{url}/_health/ready")[0] == 200


def test_the_reference_on_postgresql_is_conformant(tmp_path: Path, empty: str) -> None:
    command = [sys.executable, "-m", "istmo", "check", "--app", "tests.cli.on_postgres:app", "--service", SLUG]
    environment = {
        "PATH": "",
        "ISTMO_DATABASE": empty,
        "ISTMO_LANG": "en",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        [*command, "--output", str(tmp_path)], env=environment, capture_output=True, text=True, check=False
    )

    assert "Verdict: CONFORMANT" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
