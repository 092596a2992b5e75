"""`istmo new`: answers typed, from a file, or asked for; wrong ones end with a code, a message and a hint."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from tests.cli.conftest import Done

Istmo = Callable[..., Done]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_project_is_made_and_the_next_steps_are_told(istmo: Istmo, tmp_path: Path) -> None:
    done = istmo("new", "civil_certificates", "--country", "HN", "--output", "projects")

    assert done.code == 0, done.err
    assert (tmp_path / "projects" / "hn-civil-certificates" / "Makefile").is_file()
    assert "make check" in done.out


def test_it_speaks_spanish_too(istmo: Istmo) -> None:
    done = istmo("--lang", "es", "new", "civil_certificates", "--country", "HN", "--bare")

    assert "CHECKLIST.md dice lo que falta" in done.out


def test_answers_come_from_a_file(istmo: Istmo, tmp_path: Path) -> None:
    (tmp_path / "answers.json").write_text(json.dumps({"service": "civil_certificates", "project": "mine"}))

    done = istmo("new", "--json", "answers.json")

    said = json.loads(done.out)
    assert said["answers"]["country"] == "XX"
    assert Path(said["folder"]).name == "mine"


def test_answers_come_from_standard_input(istmo: Istmo, monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO(b'{"service": "civil_certificates", "project": "mine"}'))
    monkeypatch.setattr(sys, "stdin", given)

    assert istmo("new", "--json", "-").code == 0


def test_what_is_typed_wins_over_the_file(istmo: Istmo, tmp_path: Path) -> None:
    (tmp_path / "answers.json").write_text(json.dumps({"service": "civil_certificates", "country": "XX"}))

    done = istmo("new", "--json", "answers.json", "--country", "HN")

    assert json.loads(done.out)["answers"]["country"] == "HN"


def test_answers_that_have_no_option_are_set_by_name(istmo: Istmo, tmp_path: Path) -> None:
    given = ["--set", "name_en=Cuba", "--set", "name_es=Cuba = isla", "--set", "alpha3=CUB", "--set", "numeric=192",
             "--set", "time_zone=America/Havana", "--set", "currency=CUP", "--set", "currency_numeric=192"]  # fmt: skip

    done = istmo("new", "CU", "--template", "profile", *given, "--output", "profiles")

    assert done.code == 0, done.err
    assert 'es: "Cuba = isla"' in (tmp_path / "profiles" / "cu-profile" / "CU.yaml").read_text(encoding="utf-8")
    assert "README.md" in done.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--template", "nothing"], "unknown-template"),
        (["--template", "sepc"], "did you mean spec"),
        (["--template", "spec"], "istmo new water_permits --template spec"),
        (["--template", "profile"], "istmo new CU --template profile"),
        (["CU", "--template", "profile", "--set", "name_en"], "--set NAME=TEXT"),
        (["CU", "--template", "profile", "--package", "cuba"], "there is no answer called package"),
        (["water_permits", "--template", "spec", "--set", "title_es=Permisos"], "no checkout of the kit"),
        (["water_permits", "--template", "spec"], "title_es"),
    ],
)
def test_wrong_use_of_the_other_templates_is_told(words: list[str], told: str, istmo: Istmo, tmp_path: Path) -> None:
    done = istmo("new", *words)

    assert done.code == 2
    assert told in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b'{"service": 1}', b'{"colour": "blue", "service": "civil_certificates"}', b"\xff\xfe", b'"x"',
     b'{"service": "civil_certificates", "service": "x"}', b"[" * 100_000, b'{"service": "' + b"x" * 70_000 + b'"}'],
)  # fmt: skip
def test_a_wrong_file_of_answers_is_refused_with_nothing_written(content: bytes, istmo: Istmo, tmp_path: Path) -> None:
    (tmp_path / "answers.json").write_bytes(content)

    done = istmo("new", "--json", "answers.json")

    assert done.code == 2
    assert "hint" in done.err
    assert "Traceback" not in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["answers.json"]


@pytest.mark.parametrize(
    "words", [["--json", "nothing.json"], [], ["civil_certificate"], ["civil_certificates", "--country", "MX"]]
)
def test_wrong_use_gets_a_code_and_a_hint(words: list[str], istmo: Istmo) -> None:
    done = istmo("new", *words)

    assert done.code == 2
    assert "hint" in done.err


def test_on_a_terminal_the_rest_is_asked_for(istmo: Istmo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []
    told: dict[str, list[Any]] = {"Country": ["MX", "HN"], "Folder and distribution": ["{{ 7 }}", "mine"]}

    def prompt(question: str, *, default: Any, **_: Any) -> Any:
        asked.append(question)
        return told[question].pop(0) if told.get(question) else default

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: False)

    done = istmo("new", "civil_certificates")

    assert done.code == 0, done.err
    assert asked == [
        "Country", "Country", "Folder and distribution", "Folder and distribution", "Python package", "Public body",
        "Address for users",
    ]  # fmt: skip
    assert (tmp_path / "mine" / "src" / "mine").is_dir()
