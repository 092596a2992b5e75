"""Served contracts: what is wrong with them may be found out ahead, and is the same as when it is asked for."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from istmo import spec as specs
from istmo.errors import KitError
from istmo.spec import _foreign
from istmo_conformance.contracts import Contracts
from tests.conformance.test_hostile import shell

RIGHT = json.dumps(shell()).encode()
WRONG = RIGHT.replace(b'"version": "1.0.0"', b'"version": 1')


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that were begun."""
    started: list[Any] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **more: Any) -> None:
            started.append(self)
            super().__init__(*args, **more)

    monkeypatch.setattr("subprocess.Popen", Noted)
    return started


@pytest.mark.parametrize("body", [RIGHT, WRONG, b"{}", b"no JSON"], ids=["right", "wrong", "empty", "none"])
def test_what_is_found_ahead_is_what_is_found_when_asked(body: bytes, begun: list[Any]) -> None:
    def told(contracts: Contracts) -> list[str] | str:
        try:
            return contracts.faults(body)
        except KitError as error:
            return error.code

    ahead = Contracts()
    with ahead.looked_at(body):
        found = told(ahead)
        assert len(begun) == 1
        assert told(ahead) == found  # a second time as well
    assert told(Contracts()) == found
    assert (found == []) is (body == RIGHT)


def test_another_contract_than_the_one_looked_at_is_looked_at_itself(begun: list[Any]) -> None:
    contracts = Contracts()
    with contracts.looked_at(RIGHT):
        assert contracts.faults(WRONG) != []
        assert contracts.faults(RIGHT) == []
    assert len(begun) == 2


def test_nobody_is_left_behind_when_nobody_asked(begun: list[Any]) -> None:
    contracts = Contracts()
    folders = []

    def interrupted() -> None:
        with contracts.looked_at(RIGHT):
            folders.append(Path(begun[0].args[-3]).parent)
            assert folders[0].is_dir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert begun[0].returncode is not None
    assert not folders[0].exists()
    assert contracts.faults(RIGHT) == []


def test_a_process_that_cannot_begin_is_told_when_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("istmo.spec._foreign.sys.executable", "/no/such/file")
    contracts = Contracts()
    with contracts.looked_at(RIGHT):
        monkeypatch.undo()
        assert contracts.faults(RIGHT) == []


def test_a_reading_that_takes_too_long_is_ended(
    tmp_path: Path, begun: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_foreign, "_PATIENCE", 0)
    (tmp_path / "openapi.json").write_bytes(RIGHT)
    with specs.validation(tmp_path / "openapi.json") as reading, pytest.raises(KitError) as caught:
        reading.result()
    assert caught.value.code == "spec-waited"
    assert begun[0].returncode is not None
