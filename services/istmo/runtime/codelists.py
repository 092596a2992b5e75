"""The common code lists of the standard, as titles by code and language."""

from __future__ import annotations

import csv
from functools import cache

from istmo.paths import data

__all__ = ["titles"]


@cache
def titles(name: str) -> dict[str, dict[str, str]]:
    """Return the titles of a common code list: code -> language -> text."""
    source = data("specs") / "common" / "codelists" / f"{name}.csv"
    with source.open(encoding="utf-8", newline="") as rows:
        return {
            row["code"]: {key.removeprefix("title_"): text for key, text in row.items() if key.startswith("title_")}
            for row in csv.DictReader(rows)
        }
