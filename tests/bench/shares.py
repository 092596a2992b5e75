"""Where the processor time of a check over HTTP goes: the innermost frame of ours at each tick of its timer."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ._figures import Figure, measure
from ._sampler import Sampler
from ._spending import spent
from .checking import SLUG, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

LOADING = "loading-code"
OTHERWISE = "pytest-and-the-rest"


def _ours(names: str) -> tuple[str, ...]:
    return tuple(f"istmo_conformance/{name}.py" for name in names.split())


# What the files are there for; whatever they call, such as a library, counts as theirs.
PARTS = {
    "passive-checks": ("istmo_conformance/checks/",),
    "evidence": _ours("transcript redaction evidence"),
    "connection": _ours("client _wire _network"),
    "requests": _ours("composing clauses files values samples constraints parameters signing cast"),
    "header": _ours("needs digests reach naming"),
    "reports": ("istmo_conformance/report/", *_ours("commands/_summary commands/_progress")),
    "specification": tuple(f"istmo/spec/{name}.py" for name in ("_bundle", "_yaml", "_inherit", "references")),
    "collecting": (
        "pytest_bdd/parser.py",
        "pytest_bdd/feature.py",
        "pytest_bdd/gherkin_parser.py",
        "_pytest/python.py",
    ),
    "steps": ("istmo_conformance/steps/", *_ours("world walk plugin run settling vocabulary sandbox")),
    # Last: whatever a check does stands somewhere below them.
    OTHERWISE: ("_pytest/", "pluggy/", *_ours("runner"), "istmo/cli/"),
}
ENDS = tuple((place, part) for part, places in PARTS.items() for place in places)


def part_of(frame: FrameType) -> str | None:
    """Return the part to which a frame belongs: a module that is being loaded, or a file of ours."""
    code = frame.f_code
    if code.co_filename.startswith("<frozen importlib"):
        return LOADING
    if code.co_name == "<module>" and not code.co_filename.endswith(("__main__.py", "shares.py")):
        return LOADING
    return next((part for place, part in ENDS if place in code.co_filename), None)


@measure("shares")
def shares() -> Iterator[Figure]:
    """Check once to compile, once looked at; tell the shares of the parts in hundredths."""
    with tempfile.TemporaryDirectory() as name, served() as (address, _):
        folder = Path(name)
        command = [sys.executable, "-m", "tests.bench.shares", address, str(folder / "seen.json")]
        for _ in range(2):
            one = spent(command, folder)
        seen: dict[str, int] = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
    yield Figure("shares.processor", one.processor, "s")
    yield Figure("shares.samples", float(sum(seen.values())), "samples")
    for part, count in sorted(seen.items(), key=lambda row: -row[1]):
        yield Figure(f"shares.{part}", 100 * count / sum(seen.values()), "%")


def main(address: str, file: Path) -> int:
    """Check a service in this process, looked at from the first line on."""
    sampler = Sampler(part_of, OTHERWISE)
    sampler.begin()
    from istmo.cli import main as istmo

    try:
        return istmo(["check", address, "--service", SLUG, "--output", str(file.with_suffix(""))])
    finally:
        sampler.end(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
