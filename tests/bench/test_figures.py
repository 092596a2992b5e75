"""Figures say whether they are met, and are short where the runtime is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import _pytest
import pluggy
import pytest
import pytest_bdd

import istmo
import istmo_conformance
from tests.bench import __main__ as bench
from tests.bench import shares
from tests.bench._figures import MEASURES, SLOW, Figure, Measure
from tests.wrong_runtimes._nursery import ROOT, SITE
from tests.wrong_runtimes._register import VARIABLE


@pytest.mark.parametrize(
    ("figure", "word", "target"),
    [
        (Figure("a", 3, "s"), "-", "-"),
        (Figure("a", 3, "s", 3), "ok", "<=3"),
        (Figure("a", 3.1, "s", 3), "short", "<=3"),
        (Figure("a", 0, "writes", 0), "ok", "<=0"),
        (Figure("a", 1, "writes", 0), "short", "<=0"),
        (Figure("a", 50_000, "writes", least=50_000), "ok", ">=50000"),
        (Figure("a", 49_999, "writes", least=50_000), "short", ">=50000"),
        (Figure("a", 2, "s", 3, 1), "ok", "<=3 >=1"),
        (Figure("a", 0, "s", 3, 1), "short", "<=3 >=1"),
    ],
)
def test_a_figure_tells_its_target_and_whether_it_is_met(figure: Figure, word: str, target: str) -> None:
    name, *_, said = figure.line.split()

    assert (name, said) == ("a", word)
    assert figure.met == (word != "short")
    assert f" {target} " in figure.line


def run(monkeypatch: pytest.MonkeyPatch, slow: str, *names: str) -> tuple[int, list[str]]:
    """Run the command with measurements that only note that they ran."""
    ran: list[str] = []

    def noting(name: str) -> Measure:
        def measured() -> Iterator[Figure]:
            ran.append(name)
            yield Figure(name, 1, "s", 0 if name == "kills" else None)

        return measured

    monkeypatch.setenv("SLOW", slow)
    for name in MEASURES:
        monkeypatch.setitem(MEASURES, name, noting(name))
    return bench.main(list(names)), ran


def test_slow_measurements_run_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"beside", "growth", "kills", "twins"} == SLOW
    assert run(monkeypatch, "") == (0, [name for name in MEASURES if name not in SLOW])
    assert run(monkeypatch, "1") == (1, list(MEASURES))
    assert run(monkeypatch, "", "kills") == (1, ["kills"])
    assert run(monkeypatch, "", "no-such") == (2, [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "variant", "short"),
    [
        ("accesses", "looks_of_reads_not_noted", "accesses.sqlite.missing"),
        ("twins", "answers_kept_in_the_process", "twins.sqlite.extra-effects"),
    ],
)
def test_a_wrong_runtime_makes_a_figure_short(name: str, variant: str, short: str) -> None:
    path = os.pathsep.join([str(SITE), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", name], check=False,
        cwd=ROOT, env={**os.environ, "PYTHONPATH": path, VARIABLE: variant}, capture_output=True, text=True,
    )  # fmt: skip

    lines = [line for line in done.stdout.splitlines() if line.split()[:1] == [short]]
    assert [line.split()[-1] for line in lines] == ["short"]
    assert done.returncode == 1


def test_the_parts_of_a_profile_are_files_that_there_are() -> None:
    folders = [Path(str(module.__file__)).parent for module in (istmo, istmo_conformance, pytest_bdd, _pytest, pluggy)]
    files = [str(path) for folder in folders for path in folder.rglob("*.py")]

    assert [place for place, _ in shares.ENDS if not any(place in file for file in files)] == []
