"""The page of limits says what is: every limit, its default, and a problem of the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from istmo.errors import problem_types
from istmo.runtime import _multipart, connections, identity, parse, problems
from istmo.runtime.settings import Limits

PAGE = Path(__file__).parents[3] / "docs/reference/limits.md"
ROW = re.compile(r"^\| `(\w+)` \| ([0-9.]+) \| (.+) \| (.+) \|$", re.MULTILINE)
ROWS = {name: (value, beyond) for name, value, _, beyond in ROW.findall(PAGE.read_text(encoding="utf-8"))}
FIXED = {
    name: getattr(module, name)
    for module, names in {
        parse: ("SAFE_INTEGER", "DIGITS"),
        _multipart: ("PARTS", "FIELD_BYTES", "HEADER_BYTES"),
        identity: ("TOKEN_BYTES",),
        problems: ("POINTER_LENGTH",),
    }.items()
    for name in names
}


def test_every_limit_is_on_the_page_with_its_default() -> None:
    defaults = {name: str(field.default) for name, field in Limits.model_fields.items()}
    fixed = {name: str(value) for name, value in FIXED.items()}

    assert {name: value for name, (value, _) in ROWS.items()} == defaults | fixed


def test_every_refusal_on_the_page_is_in_the_catalogue() -> None:
    found = re.findall(r"([0-9]{3}) `([a-z-]+)`", PAGE.read_text(encoding="utf-8"))

    assert found
    assert [(status, code) for status, code in found if problem_types()[code].status != int(status)] == []


def test_the_default_of_the_processes_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_LIMIT_HEADER_SECONDS", "3")

    assert Limits().header_seconds == 3
    assert connections.guarded(Limits()).limits == Limits()


def test_there_are_never_more_connections_than_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_files", lambda _: 1000)

    found = connections.guarded(Limits()).limits
    assert found is not None
    assert found.connections == 1000 - connections.SPARE_FILES
