"""Judge one application with the real suite, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._gallery import SLUG

ROOT = Path(__file__).parents[2]
LIMIT = 240  # seconds: far above what a run takes, so that a hang is a failure of the matrix and not of patience


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


def judge(app: str, *, slug: str = SLUG) -> Judged:
    """Run `istmo check` on an application of `tests.wrong_services.apps`."""
    with tempfile.TemporaryDirectory() as output:
        command = [sys.executable, "-m", "istmo", "check", "--app", f"tests.wrong_services.apps:{app}"]
        command += ["--service", slug, "--output", output, "--format", "json"]
        env = {**os.environ, "ISTMO_LANG": "en"}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=LIMIT, check=False)
        written = Path(output) / "report.json"
        if not written.exists():
            raise AssertionError(f"no report for {app}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return Judged(done.returncode, json.loads(written.read_text(encoding="utf-8")))
