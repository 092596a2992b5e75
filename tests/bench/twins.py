"""Whether the same call, sent many times at once under the same key, ever has a second effect."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.cli.crew import crew
from tests.cli.killing import UNBOUND, looked_at
from tests.cli.twins import submit
from tests.databases import ENGINES, database

from ._figures import Figure, measure

KEYS, TIMES = 1000, 20


@measure("twins", slow=True)
def twins() -> Iterator[Figure]:
    """Send each of a thousand keys twenty times at once to two workers, and count what is stored."""
    keys = [f"twins-key-{number:05}" for number in range(KEYS)]
    for engine in ENGINES:
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder, database(engine, Path(folder)) as url:
            with crew(Path(folder), url):
                pass  # seeded once: what follows is counted from here
            before, then, _ = asyncio.run(looked_at(url))
            with crew(Path(folder), url, **UNBOUND) as serving:
                found = submit(serving, keys, TIMES)
            after, now, _ = asyncio.run(looked_at(url))
        effects = max(len(after - before), *(new - old for new, old in zip(now, then, strict=True)))
        several = sum(len(told) != 1 for told in found.told.values())
        name = f"twins.{engine}"
        yield Figure(f"{name}.submits", found.submits, "calls", least=KEYS * TIMES)
        yield Figure(f"{name}.workers", found.workers, "workers", least=2)
        yield Figure(f"{name}.extra-effects", effects - KEYS, "records", 0)
        yield Figure(f"{name}.keys-told-differently", several, "keys", 0)
        yield Figure(f"{name}.other-answers", len(found.odd), "answers", 0)
        yield Figure(f"{name}.told-to-come-back", found.waiting, "answers")
        yield Figure(f"{name}.seconds", time.perf_counter() - started, "s")
