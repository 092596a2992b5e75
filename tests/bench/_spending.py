"""What a command takes: processor time, time of the clock, memory."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """What a command took: seconds of processor time and of the clock, and megabytes at its largest."""

    processor: float
    clock: float
    memory: float


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def spent(command: list[str], folder: Path, **environ: str) -> Spent:
    """Run a command to its good end."""
    # Python may keep what it compiles, as it does where a program is installed; the first round is not counted.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env = {**kept, "PYTHONPYCACHEPREFIX": str(folder / "compiled"), **environ}
    with (folder / "said.txt").open("w+", encoding="utf-8") as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=env, stdout=said, stderr=subprocess.STDOUT, cwd=ROOT)
        memory = 0
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            memory = max(memory, _largest(process.pid))
            time.sleep(0.02)
        _, status, used = os.wait4(process.pid, 0)
        clock = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if process.returncode:
            raise RuntimeError(f"{command} ended with {process.returncode}:\n{said.read()[-3000:]}")
    return Spent(used.ru_utime + used.ru_stime, clock, memory / 1000)


def ticks(pid: int) -> int:
    """The processor time of a process, in ticks of the system."""
    after = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(after[11]) + int(after[12])


def _largest(pid: int) -> int:
    """The kilobytes of a process at its largest; what is told at its end counts whoever started it."""
    try:
        found = re.search(r"VmHWM:\s+([0-9]+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except OSError:
        return 0
    return int(found[1]) if found is not None else 0
