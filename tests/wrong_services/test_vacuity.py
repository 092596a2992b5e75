"""No scenario of the real features passes on a server that knows nothing, but for a short list with reasons."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from istmo.paths import data
from istmo.spec import slugs
from istmo_conformance.scenarios import planned

from ._constant import OF, SERVERS
from ._gallery import COMMON, HOST
from ._judge import judge

LISTED = Path(__file__).parents[1] / "conformance" / "vacuous.yaml"
LONGEST = 12  # entries: whoever needs more writes scenarios that ask too little


def entries() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(LISTED.read_text(encoding="utf-8"))
    return found


def known(slug: str) -> set[str]:
    return {one.id for one in planned(data("conformance") / "features", slug)}


@pytest.mark.parametrize("slug", slugs())
@pytest.mark.parametrize("name", SERVERS)
def test_a_server_that_knows_nothing_proves_nothing(name: str, slug: str) -> None:
    judged = judge(name + OF + slug, slug=slug)

    passed = {row["id"] for row in judged.scenarios("pass", "warn") if row["requirements"]}
    listed = [pattern for entry in entries() if name in entry["servers"] for pattern in entry["scenarios"]]
    lawful = [pattern for pattern in listed if pattern.partition("/")[0] in {COMMON, slug}]
    assert judged.exit_code != 0
    assert {row["id"] for row in judged.report["scenarios"]} == known(slug), "what did not run proves nothing"
    assert {one for one in passed if not any(fnmatchcase(one, pattern) for pattern in lawful)} == set()
    # Which common scenario such a server passes depends on the examples of the service in whose place it stands.
    owed = [pattern for pattern in lawful if slug == HOST or pattern.startswith(f"{slug}/")]
    assert [pattern for pattern in owed if not any(fnmatchcase(one, pattern) for one in passed)] == []


def test_the_list_is_short_and_each_entry_gives_its_reason() -> None:
    every = {one for slug in slugs() for one in known(slug)}

    assert len(entries()) <= LONGEST
    for entry in entries():
        assert set(entry["servers"]) <= set(SERVERS)
        assert len(entry["reason"]) > 30
        assert all(any(fnmatchcase(one, pattern) for one in every) for pattern in entry["scenarios"])
