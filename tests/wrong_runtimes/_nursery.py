"""A process in which everything costly is loaded once, and from which each wrong runtime is forked.

Spoken to in JSON lines: `{"name": VARIANT, "report": FILE, "said": FILE}` in, `{"code": N}` out.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.wrong_services._nursery import wait

from ._register import VARIABLE, Wrong, gallery, spoil

ROOT = Path(__file__).parents[2]
SITE = Path(__file__).parent / "site"
# The words with which an assertion, or its like for errors that should have come, begins.
ASSERTED = ("assert ", "AssertionError", "Failed: DID NOT RAISE")
CARELESS = ("-p", "no:unraisableexception", "-p", "no:threadexception")  # what falls leaves things open
COSTLY = (
    "alembic", "asyncpg", "httpx2", "istmo.cli.command", "istmo.rooms", "istmo.runtime.app", "istmo.runtime.sandbox",
    "istmo.runtime.reference", "istmo.runtime.store.postgres", "istmo.runtime.store.sqlite", "sqlalchemy.ext.asyncio",
    "uvicorn.protocols.http.httptools_impl", "fontTools.subset", "fpdf",
)  # fmt: skip


@dataclass
class Outcome:
    """What became of one test: `passed`, `asserted` (an assertion failed), or `broken` in any other way."""

    test: str
    word: str
    message: str = ""


class Judge:
    """Runs the tests on one engine, and notes what became of each."""

    def __init__(self, engine: str) -> None:
        self._others = frozenset(databases.ENGINES) - {engine}
        self.outcomes: list[Outcome] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not self._others.intersection(map(str, _parameters(item)))]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.passed:
            if report.when == "call":
                self.outcomes.append(Outcome(report.nodeid, "passed"))
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        message = str(crash.message if crash is not None else report.longrepr)
        asserted = report.when == "call" and message.startswith(ASSERTED)
        self.outcomes.append(Outcome(report.nodeid, "asserted" if asserted else "broken", message[:500]))


def _parameters(item: pytest.Item) -> list[Any]:
    spec = getattr(item, "callspec", None)
    return [] if spec is None else list(spec.params.values())


def judge(variant: Wrong, report: Path, said: Path) -> None:
    """Spoil this process, run the tests that hold the requirement, and end it; never returns."""
    code = 2
    try:
        with said.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        path = os.pathsep.join([str(SITE), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        os.environ.update({"PYTHONPATH": path, VARIABLE: variant.name, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
        spoil(variant.name)
        found = Judge(variant.engine)
        words = ["-q", "-m", "", "--basetemp", str(report.parent / "tests"), *CARELESS]
        code = int(pytest.main([*words, *variant.by], plugins=[found]))
        report.write_text(json.dumps([asdict(one) for one in found.outcomes]), encoding="utf-8")
    except BaseException:  # noqa: BLE001 - whatever it is, it is told where the verdict is missed
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Fork a child for each line."""
    for name in COSTLY:
        importlib.import_module(name)
    variants = gallery()
    for line in sys.stdin:
        order = json.loads(line)
        variant = variants[order["name"]]
        if variant.engine != databases.ENGINES[0]:
            databases.server()  # one for all children
        child = os.fork()
        if not child:
            judge(variant, Path(order["report"]), Path(order["said"]))
        sys.stdout.write(json.dumps({"code": wait(child)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
