"""How long a person waits for the command line to say anything."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ._figures import Figure, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 9
ISTMO = str(Path(sys.executable).with_name("istmo"))


def _once(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


@measure("commands")
def commands() -> Iterator[Figure]:
    """Interleave the commands with a Python that does nothing."""
    rows = {
        "pass": [sys.executable, "-c", "pass"],
        "help": [ISTMO, "--help"],
        "services": [ISTMO, "services"],
    }
    for command in rows.values():
        _once(command)
    seconds = {name: [_once(command) for _ in range(ROUNDS)] for name, command in rows.items()}
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    yield Figure("commands.python-pass", medians["pass"], "s")
    yield Figure("commands.help", medians["help"], "s")
    yield Figure("commands.help-over-python-pass", medians["help"] / medians["pass"], "ratio", 5)
    yield Figure("commands.services", medians["services"], "s", 0.15)
