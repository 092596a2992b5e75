"""The scenarios that judge a service, read from the features without a run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STAGE = re.compile(r"stage-([1-5])")


@dataclass(frozen=True)
class Planned:
    """One scenario before it runs."""

    id: str
    stage: int
    requirements: frozenset[str]


def words_of(text: str) -> str:
    """A name as it stands in an id: small letters and hyphens, accents dropped."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:120]


def identity(feature: Path, template: str, name: str, row: Mapping[str, str]) -> str:
    """The id of a scenario: its folder, its file, its name."""
    # A name that spells out its row is unique by itself; otherwise the values of the row tell the twins apart.
    ending = "" if name != template else "".join(f"-{words_of(value)}" for value in row.values())
    return f"{feature.parent.name}/{feature.stem}/{words_of(name)}{ending}"


def planned(features: Path, slug: str) -> list[Planned]:
    """Every scenario that judges a service, in the order in which they are written."""
    return [one for folder in feature_folders(features, slug) for path in sorted(folder.rglob("*.feature"))
            for one in _of_feature(path, slug)]  # fmt: skip


def feature_folders(features: Path, slug: str) -> list[Path]:
    """The folders of features that judge a service: the common ones and its own."""
    return [folder for folder in (features / "common", features / slug) if any(folder.glob("*.feature"))]


def _of_feature(path: Path, slug: str) -> list[Planned]:
    from pytest_bdd.feature import get_feature

    feature = get_feature(str(path.parent), path.name)
    found = []
    for template in feature.scenarios.values():
        stage = stage_of(template.tags) or stage_of(feature.tags) or 1
        tags = template.tags | feature.tags | (template.rule.tags if template.rule is not None else set())
        claims = frozenset(tag.removeprefix("req-").replace("<slug>", slug) for tag in tags if tag.startswith("req-"))
        rows = [row for table in template.examples for row in table.as_contexts()] or [{}]
        for row in rows:
            told = {name: str(value) for name, value in row.items()}
            found.append(Planned(identity(path, template.name, template.render(told).name, told), stage, claims))
    return found


def stage_of(tags: set[str]) -> int | None:
    """The highest stage that some tags name."""
    numbers = [int(match.group(1)) for tag in tags if (match := STAGE.fullmatch(tag))]
    return max(numbers) if numbers else None
