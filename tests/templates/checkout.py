"""A copy of the checkout in which a test may add, break and run everything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def copied(folder: Path) -> Path:
    """Copy the files that belong to the project, as they lie here, into a repository of their own."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in names:
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    subprocess.run(["git", "init", "--quiet", "."], cwd=folder, check=True)
    return folder


def run(folder: Path, *words: str, code: int = 0) -> str:
    """Run a module of the copy with the libraries of this environment, and hold its exit code."""
    path = os.pathsep.join(str(folder / place) for place in ("services", "conformance", "."))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "ISTMO_"))}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, check=False, timeout=3000,
        env={**kept, "PYTHONPATH": path, "ISTMO_LANG": "en"},
    )  # fmt: skip
    assert done.returncode == code, f"{words}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def passes(folder: Path, *words: str) -> str:
    """Run tests of the copy; they must pass, and there must be some."""
    return run(folder, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *words)
