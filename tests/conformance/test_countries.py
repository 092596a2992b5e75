"""The reference serves every country: what depends on the country is judged at once, everything in the long runs."""

from __future__ import annotations

from typing import Any

import pytest

from istmo.paths import data
from istmo.spec import countries, personas, profile, slugs
from tests.conformance import expected
from tests.wrong_services._judge import check

# Two countries are judged whole in every run of the tests: see `expected`.
FEATURES = data("conformance") / "features"
OTHERS = sorted({*countries()} - expected.COUNTRIES.keys())
# Where money, days, languages, identifiers, authorities and fees of a country show.
NATIONAL = (
    "common/dates", "common/deadlines", "common/description", "common/exchange-messages", "common/identifiers",
    "common/languages", "common/money", "common/published-fees", "common/quotes",
)  # fmt: skip
# Of a room, what names money, days or identifiers; a room without such features shows it in the common ones.
OWN = ("catalogue", "fees", "requesting", "verification")


def failed(report: dict[str, Any]) -> list[str]:
    return [row["id"] for row in report["scenarios"] if row["verdict"] not in {"pass", "skip"}]


@pytest.mark.parametrize("country", OTHERS)
@pytest.mark.parametrize("slug", slugs())
def test_what_is_national_is_judged_in_every_country(slug: str, country: str) -> None:
    chosen = [*NATIONAL, *(f"{slug}/{one}" for one in OWN if (FEATURES / slug / f"{one}.feature").is_file())]
    selected = [word for start in chosen for word in ("--select", start)]

    found = check("--reference", slug, "--country", country, "--lang", "en", *selected)

    assert failed(found.report) == []
    assert len(found.scenarios("pass")) > 80


@pytest.mark.slow
@pytest.mark.parametrize("country", OTHERS)
@pytest.mark.parametrize("slug", slugs())
def test_the_reference_conforms_in_every_country(slug: str, country: str) -> None:
    found = check("--reference", slug, "--country", country, "--lang", "es")

    assert failed(found.report) == []
    assert (found.exit_code, found.report["verdict"]) == (0, "conformant")
    assert len(found.scenarios("pass")) > 400


def test_every_member_state_is_served() -> None:
    assert countries() == ("BZ", "CR", "DO", "GT", "HN", "NI", "PA", "SV", "XX")


@pytest.mark.parametrize("country", countries())
def test_the_whole_cast_lives_in_every_country(country: str) -> None:
    people = [
        one for one in personas().values() if one.kind in {"person", "business"} and one.document.get("country") is None
    ]

    assert all(profile(country).persona_identifiers(one.persona) for one in people if one.subject)
