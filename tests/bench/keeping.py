"""What it costs to keep the evidence of a full check, and to play it again."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._figures import Figure, measure
from .checking import FACTORY, SLUG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _timed(spent: list[float], function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose processor time adds up, calls of itself from within counted once."""
    depth = [0]

    @wraps(function)
    def timed(*given: Any, **named: Any) -> Any:
        depth[0] += 1
        started = time.thread_time()
        try:
            return function(*given, **named)
        finally:
            depth[0] -= 1
            if not depth[0]:
                spent.append(time.thread_time() - started)

    return timed


@measure("evidence")
def evidence() -> Iterator[Figure]:
    """One full check in this process, its calls written down, packed, and then verified by the command."""
    from istmo_conformance import runner, target
    from istmo_conformance.evidence import Evidence
    from istmo_conformance.report import bundle
    from istmo_conformance.transcript import Scribe

    spent: list[float] = []
    kept: dict[tuple[type, str], Callable[..., Any]] = {
        (Scribe, "tell"): Scribe.tell,
        (Evidence, "write"): Evidence.write,
    }
    with tempfile.TemporaryDirectory() as folder:
        for (owner, name), function in kept.items():
            setattr(owner, name, _timed(spent, function))
        try:
            started = time.process_time()
            report = runner.run(target.Target.reference(SLUG, FACTORY), Path(folder))
            whole = time.process_time() - started
        finally:
            for (owner, name), function in kept.items():
                setattr(owner, name, function)
        packed = bundle.write(bundle.made(Path(folder)), Path(folder) / bundle.NAME)
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "istmo", "report", "verify", str(packed)], check=True, capture_output=True
        )
        seconds = time.perf_counter() - started
        raw = Path(folder, "evidence.jsonl").stat().st_size
        size = packed.stat().st_size
    yield Figure("evidence.calls", report.document["counts"]["calls"], "calls")
    yield Figure("evidence.raw", raw / 1e6, "MB")
    yield Figure("evidence.packed", size / 1e6, "MB", 5)
    yield Figure("evidence.share-of-processor-time", 100 * sum(spent) / whole, "%")
    yield Figure("evidence.verify", seconds, "s")
    yield Figure("evidence.resident-of-check", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, "MB", 250)
