"""Run the tests that hold a requirement against a wrong runtime, in a process of its own."""

from __future__ import annotations

import json
import tempfile
import threading
from pathlib import Path

from tests.wrong_services._judge import Nursery

from ._nursery import Outcome
from ._register import Wrong

_nurseries = threading.local()


def _nursery() -> Nursery:
    """Return this thread's nursery."""
    if not hasattr(_nurseries, "own"):
        _nurseries.own = Nursery("tests.wrong_runtimes._nursery")
    own: Nursery = _nurseries.own
    return own


def judge(variant: Wrong) -> list[Outcome]:
    """Return what became of each test by which the variant must fall."""
    with tempfile.TemporaryDirectory() as folder:
        report, said = Path(folder) / "report.json", Path(folder) / "said.txt"
        code = _nursery().ask(name=variant.name, report=str(report), said=str(said))
        if not report.exists():
            words = said.read_text(encoding="utf-8", errors="replace")[-4000:] if said.exists() else ""
            raise AssertionError(f"{variant.name} could not be judged ({code}):\n{words}")
        return [Outcome(**row) for row in json.loads(report.read_text(encoding="utf-8"))]


def complaints(variant: Wrong, outcomes: list[Outcome]) -> list[str]:
    """Return what is missing for the verdict that each test noticed: none may pass, none may merely break."""
    found = [f"{one.test} broke: {one.message}" for one in outcomes if one.word == "broken"]
    for test in variant.by:
        words = [one.word for one in outcomes if one.test.startswith(test)]
        if "asserted" not in words:
            found.append(f"{test} did not fall: {', '.join(words) or 'it did not run'}")
    return found
