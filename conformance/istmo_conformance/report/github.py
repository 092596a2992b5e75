"""A report as annotations of GitHub Actions: one line a failure, at the scenario that found it."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from istmo_conformance.report import reasons
from istmo_conformance.report.reading import clean

JSON: TypeAlias = Any
FEATURES: Final = "conformance/features/"
LONGEST: Final = 1000
# GitHub shows ten of each level and a step; what is gravest comes first.
_LEVELS: Final = {"fail": "error", "error": "error", "warn": "warning"}
_PASSED: Final = frozenset({"pass", "skip"})


def render(document: JSON, lang: str) -> str:
    """The lines that a workflow prints."""
    document = clean(document)
    scenarios = reasons.by_id(document)
    lines = []
    for one in [*reasons.failed(document), *reasons.undecided(document)]:
        level = _LEVELS.get(one["verdict"], "warning")
        case = next((case for case in reasons.cases(one, scenarios) if case["verdict"] not in _PASSED), None)
        place = {"title": one["id"]}
        if case is not None:
            place = {"file": FEATURES + case["feature"], "line": str(max(1, case.get("line", 1))), **place}
        message = f"{one['text'][lang]}\n{reasons.why(one, scenarios, lang)}"[:LONGEST]
        lines.append(f"::{level} {','.join(f'{name}={_property(value)}' for name, value in place.items())}"
                     f"::{_data(message)}")  # fmt: skip
    return "".join(line + "\n" for line in lines)


def _data(text: str) -> str:
    """A message as the runner reads it: a line break in it would begin another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
