"""Judge one application with the real suite, in a process of its own."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._gallery import HOST

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Judged:
    """What the suite said of one application."""

    exit_code: int
    report: dict[str, Any]

    def requirements(self, *words: str) -> set[str]:
        """Return the ids of the requirements with one of the verdict words."""
        return {row["id"] for row in self.report["requirements"] if row["verdict"] in words}

    def scenarios(self, *words: str) -> list[dict[str, Any]]:
        """Return the scenarios with one of the verdict words."""
        return [row for row in self.report["scenarios"] if row["verdict"] in words]


class Nursery:
    """The process from which judgements are forked, one at a time; see `_nursery`."""

    def __init__(self, module: str = "tests.wrong_services._nursery") -> None:
        command = [sys.executable, "-m", module]
        env = {**os.environ, "ISTMO_LANG": "en"}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        atexit.register(self.close)

    def ask(self, **order: Any) -> int:
        """Give an order, wait for its end and return the exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(json.loads(self._process.stdout.readline())["code"])

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


_nurseries = threading.local()


def _nursery() -> Nursery:
    """Return this thread's nursery."""
    if not hasattr(_nurseries, "own"):
        _nurseries.own = Nursery()
    own: Nursery = _nurseries.own
    return own


def judge(app: str, *, slug: str = HOST, select: Iterable[str] = ()) -> Judged:
    """Run `istmo check` on an application of `tests.wrong_services.apps`, with all scenarios or the selected ones."""
    chosen = [word for scenario in select for word in ("--select", scenario)]
    return check("--app", f"tests.wrong_services.apps:{app}", "--service", slug, *chosen)


def check(*words: str) -> Judged:
    """Run `istmo check` with these words in a process of its own."""
    with tempfile.TemporaryDirectory() as output:
        arguments = ["check", *words, "--output", output, "--format", "json"]
        said, written = Path(output) / "said.txt", Path(output) / "report.json"
        code = _nursery().ask(arguments=arguments, said=str(said))
        if not written.exists():
            raise AssertionError(f"no report for {words}:\n{said.read_text(encoding='utf-8')[-4000:]}")
        return Judged(code, json.loads(written.read_text(encoding="utf-8")))
