"""The real features: short, readable, and bound to the specification without a call."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from pytest_bdd.feature import get_feature

import istmo_conformance.steps  # noqa: F401  # fills the table of sentences
from istmo.paths import data
from istmo.spec import catalogue, personas, spec
from istmo_conformance.plugin import check_step
from istmo_conformance.run import Run
from istmo_conformance.scenarios import feature_folders

FEATURES = data("conformance") / "features"
FILES = sorted(FEATURES.rglob("*.feature"))


def named(path: Path) -> str:
    return str(path.relative_to(FEATURES))


class Names:
    def __init__(self) -> None:
        self.aliases = set(personas())


class Bound:
    """As much of a run as checking sentences needs."""

    def __init__(self, slug: str) -> None:
        self.spec = spec(slug)
        self.cast = Names()


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_feature_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 120
    feature = get_feature(str(path.parent), path.name)
    long = [one.name for one in feature.scenarios.values() if len(one.steps) - len(one.all_background_steps) > 8]
    assert long == []


@pytest.mark.parametrize("slug", [entry.slug for entry in catalogue()])
def test_each_sentence_can_be_meant(slug: str) -> None:
    run = cast("Run", Bound(slug))
    for folder in feature_folders(FEATURES, slug):
        for path in sorted(folder.glob("*.feature")):
            for template in get_feature(str(folder), path.name).scenarios.values():
                rows: list[Any] = [row for table in template.examples for row in table.as_contexts()] or [{}]
                for row in rows:
                    for step in template.render(row).steps:
                        check_step(step.type, step.name, run)


def test_every_folder_of_features_is_of_a_service() -> None:
    known = {"common", *(entry.slug for entry in catalogue())}

    assert {path.name for path in FEATURES.iterdir() if path.is_dir()} <= known
