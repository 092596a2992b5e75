"""What one full check costs: over HTTP, in process, and beside a bare client loop with the same requests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ._figures import Figure, measure
from ._replay import Recorder, Replay
from ._spending import TICK, spent, ticks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from istmo_conformance.client import Client

    from ._spending import Spent

SLUG = "civil_certificates"
FACTORY = "istmo.cli.reference:build"


@contextmanager
def served(port: int = 0) -> Iterator[tuple[str, int]]:
    """The reference in a process of its own; yields its address and process id."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "istmo", "serve", SLUG, "--country", "XX", "--port", str(port)]
        command += ["--database", f"sqlite:///{folder}/bench.db"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                found = re.search(r"http://[0-9.]+:[0-9]+", line)
                if found:
                    yield found[0], process.pid
                    return
            raise RuntimeError("the service did not start")
        finally:
            process.terminate()
            process.wait(timeout=15)


def _resident(pid: int) -> float:
    """Resident memory of a process in MB, or of its largest moment where the system tells it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+([0-9]+) kB", status)[0]) / 1000


def _check(folder: Path, *target: str) -> tuple[Spent, dict[str, object]]:
    command = [sys.executable, "-m", "istmo", "check", *target, "--output", str(folder), "--format", "json"]
    one = spent(command, folder)
    return one, json.loads((folder / "report.json").read_text(encoding="utf-8"))


@measure("check")
def check() -> Iterator[Figure]:
    """Time the command as a user runs it, the start of Python included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _check(folder, "--reference", SLUG)  # compiles, as an installation does
        inside, report = _check(folder, "--reference", SLUG)
        with served() as (address, pid):
            before = ticks(pid)
            outside, _ = _check(folder, address, "--service", SLUG)
            service = (ticks(pid) - before) / TICK
            resident = _resident(pid)
    yield Figure("check.scenarios", float(len(report["scenarios"])), "scenarios")  # type: ignore[arg-type] # a list
    yield Figure("check.in-process", inside.clock, "s", 10)
    yield Figure("check.in-process-memory", inside.memory, "MB", 250)
    yield Figure("check.over-http", outside.clock, "s", 10)
    yield Figure("check.over-http-processor", outside.processor, "s")
    yield Figure("check.over-http-processor-of-service", service, "s")
    yield Figure("check.over-http-memory", outside.memory, "MB", 250)
    yield Figure("serve.resident-after-check", resident, "MB", 150)


@measure("suite")
def suite() -> Iterator[Figure]:
    """Run the suite and then a bare loop with the same calls, each on a fresh reference in this process."""
    from istmo_conformance import target as targets
    from istmo_conformance.runner import run

    judged = targets.Target.reference(SLUG, FACTORY)
    recorders: list[Recorder] = []
    opened = targets.Target.open

    def recording(target: targets.Target) -> Client:
        recorders.append(Recorder(opened(target)))
        return recorders[-1]

    with tempfile.TemporaryDirectory() as output:
        setattr(targets.Target, "open", recording)  # the suite must not know that it is watched
        try:
            started = time.perf_counter()
            report = run(judged, Path(output))
            suite_seconds = time.perf_counter() - started
        finally:
            setattr(targets.Target, "open", opened)
    client = opened(judged)
    try:
        started = time.perf_counter()
        sent, differing = Replay(client).run(recorders[0].exchanges)
        bare_seconds = time.perf_counter() - started
    finally:
        client.close()
    scenarios = len(report.document["scenarios"])
    yield Figure("suite.requests", float(sent), "requests")
    yield Figure("suite.replayed-with-another-status", differing / sent, "share", 0.02)
    yield Figure("suite.seconds", suite_seconds, "s")
    yield Figure("suite.bare-loop-seconds", bare_seconds, "s")
    yield Figure("suite.per-scenario", 1000 * suite_seconds / scenarios, "ms")
    yield Figure("suite.bare-loop-per-scenario", 1000 * bare_seconds / scenarios, "ms")
    yield Figure("suite.over-bare-loop", suite_seconds / bare_seconds, "ratio")
