{% set it = facts(cookiecutter) -%}
"""The kinds that the country's profile offers, with the texts of the code list."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from istmo.paths import data

if TYPE_CHECKING:
    from istmo.runtime import Work


@lru_cache
def _listed() -> Mapping[str, Mapping[str, str]]:
    path = data("specs") / "{{ it.slug }}" / "codelists" / "kinds.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def codes(work: Work) -> list[str]:
    """Return the codes of the kinds that the country offers."""
    return list(work.profile.service(work.context.slug)["kinds"])


def text(code: str, language: str, column: str = "title") -> str:
    """Return a text of a kind in a language, in English when there is none in it."""
    row = _listed()[code]
    return row.get(f"{column}_{language}") or row[f"{column}_en"]


def shown(work: Work) -> list[dict[str, Any]]:
    """Return the kinds as everybody may read them, in the order of the profile."""
    fee = work.profile.fees(work.context.slug)[0]
    title = fee["title"].get(work.language) or fee["title"]["en"]
    price = {"code": fee["code"], "title": title, "amount": fee["amount"]}
    return [
        {
            "code": code,
            "title": text(code, work.language),
            "description": text(code, work.language, "description"),
            "fee": price,
        }
        for code in codes(work)
    ]
