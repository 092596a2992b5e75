"""What clients see when there are a thousand of them, each writing over a connection of its own."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.istmo.runtime import load
from tests.istmo.runtime.served import served

from ._figures import Figure, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITES = 5
UNLIMITED = 10_000_000  # one token stands for a thousand people here: the rate of one client is not what is measured


@measure("overload")
def overload() -> Iterator[Figure]:
    """Write from many clients at once; `SLOW=1` for a thousand, a hundred otherwise."""
    clients = 1000 if os.environ.get("SLOW") else 100
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), requests_per_minute=UNLIMITED) as server:
        found = asyncio.run(load.storm(server.port, clients, WRITES))
        recovered = asyncio.run(load.recovery(server.port))
        kept = asyncio.run(load.stored(server.port))
    name = f"overload.{clients}-clients"
    taken = set(found.acknowledged.values())
    wrong = len(taken.symmetric_difference(kept)) + len(kept) - len(set(kept))
    yield Figure(f"{name}.taken", 100 * found.share(201), "% of calls")
    yield Figure(f"{name}.p50", 1000 * found.percentile(50), "ms")
    yield Figure(f"{name}.p99", 1000 * found.percentile(99), "ms", 5000)
    yield Figure(f"{name}.writes-per-second", len(found.acknowledged) / found.seconds, "1/s")
    yield Figure(f"{name}.faults", float(len(found.faults) + found.broken), "answers", 0)
    yield Figure(f"{name}.lost-or-doubled", float(wrong), "records", 0)
    yield Figure(f"{name}.recovery", recovered, "s", 5)
