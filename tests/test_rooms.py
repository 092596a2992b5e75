"""Every service has all its rooms: one slug, the same folders everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SLUGS = sorted(path.parent.name for path in (ROOT / "specs").glob("*/service.yaml"))
NO_SERVICES = {"common", "standard", "profiles"}


def folders(place: str) -> set[str]:
    return {path.name for path in (ROOT / place).iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}


def test_there_is_a_service() -> None:
    assert SLUGS


def test_the_same_slugs_stand_everywhere() -> None:
    assert folders("specs") - NO_SERVICES == set(SLUGS)
    assert folders("services/istmo_services") == set(SLUGS)
    assert folders("conformance/features") - {"common"} == set(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_slug_is_an_identifier(slug: str) -> None:
    assert re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", slug)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_room_of_the_standard_is_complete(slug: str) -> None:
    room = ROOT / "specs" / slug
    files = {"README.md", "service.yaml", "openapi.yaml", "openapi.es.overlay.yaml", "requirements.yaml"}

    assert files <= {path.name for path in room.iterdir()}
    assert not list(room.rglob("*.py"))
    for kind in ("codelists/*.csv", "examples/*.json"):
        assert list(room.glob(kind)), kind


@pytest.mark.parametrize("slug", SLUGS)
def test_a_room_of_the_services_holds_its_roles_only(slug: str) -> None:
    roles = {"__init__.py", "handlers.py", "rules.py", "models.py", "seed.json"}
    found = {path.name for path in (ROOT / "services/istmo_services" / slug).iterdir() if path.name != "__pycache__"}

    assert {"__init__.py", "handlers.py"} <= found
    extra = {name for name in found - roles if not name.endswith(".py")}
    assert extra - {"models"} == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_service_has_scenarios_and_a_line_in_the_documentation(slug: str) -> None:
    assert list((ROOT / "conformance/features" / slug).glob("*.feature"))
    assert f"specs/{slug}/README.md" in (ROOT / "docs/index.md").read_text(encoding="utf-8")


def test_features_hold_nothing_but_features() -> None:
    wrong = [
        path
        for path in (ROOT / "conformance/features").rglob("*")
        if path.is_file() and path.suffix not in {".feature", ".md"}
    ]

    assert wrong == []


def test_the_standard_holds_data_only() -> None:
    allowed = {".md", ".yaml", ".json", ".csv"}

    assert [path for path in (ROOT / "specs").rglob("*") if path.is_file() and path.suffix not in allowed] == []
