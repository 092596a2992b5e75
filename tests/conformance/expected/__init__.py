"""What the suite must say of the reference, scenario by scenario: `python -m tests.conformance.expected` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

from tests.wrong_services._judge import Judged, check

JSON: TypeAlias = Any
SLUG = "civil_certificates"
FILE = Path(__file__).parent / f"{SLUG}.json"
# The language of a run must not change what it finds, so each country is judged in another one.
COUNTRIES = {"XX": "en", "HN": "es"}


def judged(country: str) -> Judged:
    """Judge the reference of a country with every scenario."""
    return check("--reference", SLUG, "--country", country, "--lang", COUNTRIES[country])


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


def read() -> JSON:
    """What is expected, by country."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def write() -> list[str]:
    """Judge the reference anew, write what came out, and return what is different from before."""
    before = read() if FILE.exists() else {}
    found = {country: verdicts(judged(country)) for country in COUNTRIES}
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    nothing: JSON = {"verdict": "", "requirements": {}, "scenarios": {}}
    return [f"{country} {line}" for country in COUNTRIES
            for line in differences(before.get(country, nothing), found[country])]  # fmt: skip
