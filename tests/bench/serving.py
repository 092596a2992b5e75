"""What a request costs the server: ours beside an idiomatic FastAPI service and beside its lean form.

One process a side, pinned to one core; the load comes from the other core over 32 kept connections; the sides take
turns within each round, and the median of the rounds' ratios is judged. Ours serves as in production (`_sides.py`):
tokens, ownership, idempotency with fingerprints, a chained journal, strict parse, problems, limits, traces, a log line
for each request, and `synchronous=FULL`. The two others (`_plain.py`) have the same tables and statements,
`synchronous=NORMAL`, and none of that. Before each round each side must refuse an invalid body and return what it
stored.
"""

from __future__ import annotations

import json
import signal
import statistics
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from ._figures import Figure, measure
from ._running import Side, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS, SECONDS = 9, 1.5
MARKS = (("create", "idiomatic", 1.25), ("read", "lean", 1.25), ("list", "lean", 1.5))


def by_turns(sides: list[Side], kind: str, rounds: int = ROUNDS) -> None:
    """Press each side in turn, after a round that only warms it up."""
    for side in sides:
        record = side.check()
        side.press(kind, record, 0.5)
        side.rounds[kind].clear()
    for _ in range(rounds):
        for side in sides:
            side.press(kind, side.check(), SECONDS)


def median(side: Side, kind: str, what: str) -> float:
    """The median of the rounds of a side."""
    return float(statistics.median(getattr(one, what) for one in side.rounds[kind]))


@measure("serving")
def serving() -> Iterator[Figure]:
    """Create, read and list of 20: the server's processor time for each request, and requests a second."""
    with ExitStack() as stack:
        sides = [stack.enter_context(running(name)) for name in ("idiomatic", "lean", "ours")]
        for side in sides:
            side.fill()
        for kind, other, mark in MARKS:
            by_turns(sides, kind)
            cpu = {side.name: median(side, kind, "cpu") for side in sides}
            for side in sides:
                yield Figure(f"serving.{kind}.{side.name}.cpu", cpu[side.name], "us/request")
                yield Figure(f"serving.{kind}.{side.name}.rate", median(side, kind, "rate"), "requests/s")
            yield Figure(f"serving.{kind}.ours-over-{other}", over(sides, kind, other), "ratio", mark)


def over(sides: list[Side], kind: str, other: str) -> float:
    """The median, over rounds, of our cost beside that of another side in the same round."""
    rounds = {side.name: side.rounds[kind] for side in sides}
    return statistics.median(ours.cpu / theirs.cpu for ours, theirs in zip(rounds["ours"], rounds[other], strict=True))


@measure("profile")
def profile() -> Iterator[Figure]:
    """Where our processor time goes: microseconds of each request by what they are spent on."""
    for kind, _, _ in MARKS:
        with running("ours", sample="sample.json") as side:
            side.fill()
            record = side.check()
            side.press(kind, record, 1.0)
            side.process.send_signal(signal.SIGUSR1)
            cpu = side.press(kind, record, 10.0).cpu
            side.process.send_signal(signal.SIGUSR2)
            file = side.folder / "sample.json"
            while not file.exists():
                time.sleep(0.1)
            time.sleep(0.1)
            seen: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))
        for part, count in sorted(seen.items(), key=lambda one: -one[1]):
            yield Figure(f"profile.{kind}.{part}", cpu * count / sum(seen.values()), "us/request")
