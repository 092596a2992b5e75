"""Runs the suite on stand-ins, with features of the tests' own: the real ones may grow without breaking these."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from istmo_conformance import runner
from istmo_conformance.report import Report
from istmo_conformance.target import Target
from tests.conformance.servers import Speak, speaking
from tests.conformance.standin import SLUG

FEATURES = Path(__file__).parent / "features"
Judge = Callable[..., Report]


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Judge an application; keyword arguments go to the runner."""

    def run(application: Any, **options: Any) -> Report:
        module = ModuleType("istmo_test_target")
        module.application = lambda: application  # type: ignore[attr-defined] # made up for one test
        monkeypatch.setitem(sys.modules, "istmo_test_target", module)
        options.setdefault("features", FEATURES)
        target = Target.app("istmo_test_target:application", SLUG)
        return runner.run(target, tmp_path / "out", **options)

    return run


@pytest.fixture
def server() -> Iterator[Callable[[Speak], str]]:
    """Start servers that say what a test wants; each call returns an origin."""
    with speaking() as serve:
        yield serve


def words(report: Report, verdict: str) -> set[str]:
    """The requirements that ended with a word."""
    return {entry["id"] for entry in report.document["requirements"] if entry["verdict"] == verdict}
