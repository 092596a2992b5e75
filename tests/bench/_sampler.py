"""Where a process is while it works: its innermost frame of ours, at each tick of the timer of its processor time."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType

# What the functions of a file are there for; whatever they call, such as a library, counts as theirs.
PARTS = {
    "connection": ("httptools_impl.py", "connections.py", "_cycle.py", "server.py"),
    "edge": ("app.py", "proxy_headers.py", "edge.py", "admission.py", "deadlines.py"),
    "trace": ("trace.py",),
    "log": ("logs.py", "observe.py"),
    "identity": ("identity.py", "limits.py"),
    "routing": ("kernel.py", "router.py", "binding.py", "service.py"),
    "parse": ("parse.py",),
    "schema": ("problems.py", "_schemas.py"),
    "unit": ("unit.py", "work.py", "_applications.py", "clock.py"),
    "canonical": ("canonical.py",),
    "paging": ("paging.py", "keys.py"),
    "answer": ("answers.py",),
    "database": ("sqlite.py", "_sqlite_views.py", "_protocol.py", "chain.py"),
}
PART_OF = {file: part for part, files in PARTS.items() for file in files}


class Sampler:
    """Counts by parts what a process does at each tick of its processor time, a millisecond if the system can."""

    def __init__(self, part_of: Callable[[FrameType], str | None], otherwise: str) -> None:
        self.seen: Counter[str] = Counter()
        self._part_of, self._otherwise = part_of, otherwise
        signal.signal(signal.SIGPROF, self._look)

    def begin(self) -> None:
        """Look from now on."""
        signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)

    def end(self, file: Path) -> None:
        """Look no more, and write the counts down."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        file.write_text(json.dumps(self.seen), encoding="utf-8")

    def _look(self, _: int, frame: FrameType | None) -> None:
        while frame is not None:
            part = self._part_of(frame)
            if part is not None:
                self.seen[part] += 1
                return
            frame = frame.f_back
        self.seen[self._otherwise] += 1


def on_signals(file: Path) -> None:
    """Have this serving process looked at from SIGUSR1 to SIGUSR2, which writes the counts."""
    sampler = Sampler(lambda frame: PART_OF.get(frame.f_code.co_filename.rpartition("/")[2]), "event loop")
    signal.signal(signal.SIGUSR1, lambda *_: sampler.begin())
    signal.signal(signal.SIGUSR2, lambda *_: sampler.end(file))
