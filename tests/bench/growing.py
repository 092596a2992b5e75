"""What a check costs by the number of operations: a made-up service of 1, 10, 100 and 1,000 beside the common ones."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ._figures import Figure, measure
from ._spending import Spent, free_port, spent
from ._synthetic import lay

# A check of few operations takes so little that what else the machine does would be most of it.
ROUNDS = {1: 3, 10: 5, 100: 5, 1000: 1}


@contextmanager
def _served(folder: Path, count: int) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "tests.bench._synthetic", "serve", str(folder), str(count), str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        if not any("Uvicorn running" in line for line in process.stderr):
            raise RuntimeError(f"the service of {count} operations did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def _checked(count: int, shared: Path) -> Spent:
    """The least that a check took; it ends the measurement when the service is not found conformant."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay(folder, count)
        command = [sys.executable, "-m", "tests.bench._synthetic", "check", name]
        rounds = []
        for _ in range(ROUNDS[count]):
            with _served(folder, count) as address:
                rounds.append(spent([*command, address, str(folder / "reports")], shared))
        return min(rounds, key=lambda one: one.processor)


@measure("growth", slow=True)
def growth() -> Iterator[Figure]:
    """Check services of four sizes, and compare what an operation more costs a large one and a small one."""
    with tempfile.TemporaryDirectory() as shared:
        seen = {count: _checked(count, Path(shared)) for count in ROUNDS}
    for count, one in seen.items():
        yield Figure(f"growth.{count}.processor", one.processor, "s")
        yield Figure(f"growth.{count}.seconds", one.clock, "s")
        yield Figure(f"growth.{count}.memory", one.memory, "MB")
    small = (seen[100].processor - seen[10].processor) / 90
    large = (seen[1000].processor - seen[100].processor) / 900
    yield Figure("growth.an-operation-more.small", 1000 * small, "ms")
    yield Figure("growth.an-operation-more.large", 1000 * large, "ms")
    yield Figure("growth.large-over-small", large / small, "ratio", 1.2)
