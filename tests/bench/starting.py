"""How long a national team waits: for its project, and for its first green check."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from istmo.paths import data

from ._figures import Figure, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 5
BIN = Path(sys.executable).parent
SLUG = "civil_certificates"


def _seconds(*words: str | Path, folder: Path) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    started = time.perf_counter()
    done = subprocess.run(
        [str(word) for word in words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - started


@measure("starting")
def starting() -> Iterator[Figure]:
    """Make the project in turns with plain cookiecutter, then install, test and check it."""
    with tempfile.TemporaryDirectory() as scratch:
        ours: list[float] = []
        theirs: list[float] = []
        for round_ in range(ROUNDS + 1):
            folder = Path(scratch) / str(round_)
            folder.mkdir()
            mine = _seconds(BIN / "istmo", "new", SLUG, "--country", "HN", "--output", "ours", folder=folder)
            words = ["--no-input", "--output-dir", "theirs", f"service={SLUG}", "country=HN"]
            plain = _seconds(BIN / "cookiecutter", data("templates") / "service", *words, folder=folder)
            if round_:  # the first one builds the wheel of the kit, and fills the caches
                ours.append(mine)
                theirs.append(plain)
            else:
                yield Figure("starting.new-first", mine, "s")
        yield Figure("starting.new", statistics.median(ours), "s", 2)
        yield Figure("starting.plain-cookiecutter", statistics.median(theirs), "s")
        yield Figure("starting.new-over-plain", statistics.median(ours) / statistics.median(theirs), "ratio")
        project = Path(scratch) / "1" / "ours" / f"hn-{SLUG.replace('_', '-')}"
        _seconds("make", ".venv/.installed", folder=project)  # so that everything has been fetched once
        _seconds("make", "clean", folder=project)
        installed = _seconds("make", ".venv/.installed", folder=project)
        checked = _seconds("make", "check", folder=project)
        yield Figure("starting.install", installed, "s")
        yield Figure("starting.check", checked, "s")
        yield Figure("starting.new-to-green-check", statistics.median(ours) + installed + checked, "s", 30)
