"""No scenario of the real features passes on a server that knows nothing, but for a short list with reasons."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from istmo.paths import data
from istmo_conformance.scenarios import planned

from ._constant import SERVERS
from ._gallery import SLUG
from ._judge import judge

LISTED = Path(__file__).parents[1] / "conformance" / "vacuous.yaml"
LONGEST = 12  # entries: whoever needs more writes scenarios that ask too little


def entries() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(LISTED.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_that_knows_nothing_proves_nothing(name: str) -> None:
    judged = judge(name)

    passed = {row["id"] for row in judged.scenarios("pass", "warn") if row["requirements"]}
    lawful = [pattern for entry in entries() if name in entry["servers"] for pattern in entry["scenarios"]]
    assert judged.exit_code != 0
    assert len(judged.report["scenarios"]) > 400, "nothing ran, so nothing was proven"
    assert {one for one in passed if not any(fnmatchcase(one, pattern) for pattern in lawful)} == set()
    assert [pattern for pattern in lawful if not any(fnmatchcase(one, pattern) for one in passed)] == []


def test_the_list_is_short_and_each_entry_gives_its_reason() -> None:
    known = {one.id for one in planned(data("conformance") / "features", SLUG)}

    assert len(entries()) <= LONGEST
    for entry in entries():
        assert set(entry["servers"]) <= set(SERVERS)
        assert len(entry["reason"]) > 30
        assert all(any(fnmatchcase(one, pattern) for one in known) for pattern in entry["scenarios"])
