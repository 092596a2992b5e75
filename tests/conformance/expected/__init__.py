"""What the suite must say of the references, scenario by scenario: `python -m tests.conformance.expected` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

from istmo.spec import slugs
from tests.wrong_services._judge import Judged, check

JSON: TypeAlias = Any
FOLDER = Path(__file__).parent
# The language of a run must not change what it finds, so each country is judged in another one.
COUNTRIES = {"XX": "en", "HN": "es"}


def judged(slug: str, country: str) -> Judged:
    """Judge the reference of a service in a country with every scenario."""
    return check("--reference", slug, "--country", country, "--lang", COUNTRIES[country])


def verdicts(found: Judged) -> JSON:
    """The words of a report, without what differs between two runs."""
    return {
        "verdict": found.report["verdict"],
        **{kind: {row["id"]: _word(row) for row in sorted(found.report[kind], key=lambda row: str(row["id"]))}
           for kind in ("requirements", "scenarios")},
    }  # fmt: skip


def _word(row: JSON) -> str:
    """The verdict of a row; of what was left out, the reason too."""
    return str(row["verdict"]) if row["verdict"] in {"pass", "fail"} else f"{row['verdict']}: {row['reason']}"


def differences(expected: JSON, found: JSON) -> list[str]:
    """The names that end otherwise than expected, one line each."""
    lines = [] if expected["verdict"] == found["verdict"] else [f"{expected['verdict']} -> {found['verdict']}"]
    for kind in ("requirements", "scenarios"):
        for name in sorted({*expected[kind], *found[kind]}):
            before, now = expected[kind].get(name, "not there"), found[kind].get(name, "not there")
            lines += [f"{name}: {before} -> {now}"] if before != now else []
    return lines


def file(slug: str) -> Path:
    """Where it is written what is expected of a service."""
    return FOLDER / f"{slug}.json"


def read(slug: str) -> JSON:
    """What is expected of a service, by country; nothing when nobody has written it down."""
    return json.loads(file(slug).read_text(encoding="utf-8")) if file(slug).is_file() else {}


def write(*names: str) -> list[str]:
    """Judge references anew, write what came out, and return what is different from before."""
    lines: list[str] = []
    nothing: JSON = {"verdict": "", "requirements": {}, "scenarios": {}}
    for slug in names or slugs():
        before, found = read(slug), {country: verdicts(judged(slug, country)) for country in COUNTRIES}
        file(slug).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        lines += [f"{slug} {country} {line}" for country in COUNTRIES
                  for line in differences(before.get(country, nothing), found[country])]  # fmt: skip
    return lines
