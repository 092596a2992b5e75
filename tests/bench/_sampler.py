"""Where a serving process is while it works: its innermost frame of ours, each millisecond of processor time."""

from __future__ import annotations

import json
import signal
from collections import Counter
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
    """Begins with SIGUSR1; with SIGUSR2 it ends and writes its counts into a file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seen: Counter[str] = Counter()
        signal.signal(signal.SIGPROF, self._look)
        signal.signal(signal.SIGUSR1, lambda *_: signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001))
        signal.signal(signal.SIGUSR2, self._end)

    def _look(self, _: int, frame: FrameType | None) -> None:
        while frame is not None:
            part = PART_OF.get(frame.f_code.co_filename.rpartition("/")[2])
            if part is not None:
                self.seen[part] += 1
                return
            frame = frame.f_back
        self.seen["event loop"] += 1

    def _end(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        self.file.write_text(json.dumps(self.seen), encoding="utf-8")
