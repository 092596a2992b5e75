"""A full check over HTTP beside plain pytest-bdd with httpx2 and jsonschema-rs, which sends the same requests.

Both are commands in processes of their own, by turns, each against a reference that was started for it. Ours is
`istmo check` as a user types it: steps, checks, evidence, redaction and reports. The plain one is `_plain_suite.py`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from ._figures import Figure, measure
from ._recording import CALLS, FEATURE
from ._spending import Spent, free_port, spent
from .checking import SLUG, served

ROUNDS = 5
HERE = Path(__file__).parent


def ours(folder: Path, port: int) -> Spent:
    """A full check as a user runs it."""
    with served(port) as (address, _):
        command = [sys.executable, "-m", "istmo", "check", address, "--service", SLUG]
        return spent([*command, "--output", str(folder / "reports")], folder)


def plain(folder: Path, port: int) -> tuple[Spent, float, int]:
    """The plain suite; also what of its processor time a replay alone needs, and how many answers it validated."""
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--noconftest", "-c", str(folder / "pytest.ini")]
    command += ["--rootdir", str(folder), "--disable-plugin-autoload", "-p", "pytest_bdd.plugin"]
    command += ["-p", "no:cacheprovider", "--import-mode=importlib", str(HERE / "_plain_suite.py")]
    with served(port) as (address, _):
        one = spent(command, folder, BESIDE_FOLDER=str(folder), BESIDE_ADDRESS=address, PYTHONPATH=str(HERE.parents[1]))
    told = json.loads((folder / "plain.json").read_text(encoding="utf-8"))
    return one, told["extra"], told["validated"]


@measure("beside", slow=True)
def beside() -> Iterator[Figure]:
    """Record a run, then let both sides send its calls by turns; a status that differs ends the measurement."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()  # one for all: messages are signed for an address
        with served(port) as (address, _):
            spent([sys.executable, "-m", "tests.bench._recording", address, SLUG, str(folder)], folder)
        requests = sum(map(len, json.loads((folder / CALLS).read_text(encoding="utf-8"))))
        scenarios = (folder / FEATURE).read_text(encoding="utf-8").count("  Scenario: ")
        mine: list[Spent] = []
        theirs: list[tuple[Spent, float, int]] = []
        for number in range(ROUNDS + 1):
            if number % 2:
                mine.append(ours(folder, port))
            theirs.append(plain(folder, port))
            if not number % 2:
                mine.append(ours(folder, port))
        yield from _figures(scenarios, requests, mine[1:], theirs[1:])


def _figures(
    scenarios: int, requests: int, mine: list[Spent], theirs: list[tuple[Spent, float, int]]
) -> Iterator[Figure]:
    bare = [one.processor - extra for one, extra, _ in theirs]
    yield Figure("beside.scenarios", scenarios, "scenarios")
    yield Figure("beside.requests", requests, "requests")
    yield Figure("beside.plain-validates", theirs[0][2], "answers")
    yield Figure("beside.ours-processor", 1000 * median(one.processor for one in mine) / requests, "ms/request")
    yield Figure("beside.plain-processor", 1000 * median(bare) / requests, "ms/request")
    yield Figure("beside.replay-taken-off", 1000 * median(one[1] for one in theirs) / requests, "ms/request")
    yield Figure("beside.ours-seconds", median(one.clock for one in mine), "s", 10)
    yield Figure("beside.plain-seconds", median(one.clock - extra for one, extra, _ in theirs), "s")
    yield Figure("beside.ours-memory", median(one.memory for one in mine), "MB", 250)
    yield Figure("beside.plain-memory", median(one[0].memory for one in theirs), "MB")
    pairs = list(zip(mine, theirs, bare, strict=True))
    clocks = [one.clock / (other.clock - extra) for one, (other, extra, _), _ in pairs]
    yield Figure("beside.ratio-of-seconds", median(clocks), "ratio", 1.3)
    yield Figure("beside.ratio-of-processor-time", median(one.processor / left for one, _, left in pairs), "ratio", 1.3)
