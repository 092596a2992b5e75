"""What is lost, doubled or halved when workers, crews and database servers die under load."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.cli.killing import Massacre
from tests.databases import ENGINES, database

from ._figures import Figure, measure

KILLS, ACKNOWLEDGED = 200, 50_000


@measure("kills", slow=True)
def kills() -> Iterator[Figure]:
    """Kill at random and by fail-points around the commit while clients write; look into the store after each crew."""
    for engine in ENGINES:
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder, database(engine, Path(folder)) as url:
            toll = Massacre(Path(folder), url).run(KILLS, ACKNOWLEDGED)
        name = f"kills.{engine}"
        yield Figure(f"{name}.kills", toll.kills, "processes", least=KILLS)
        if engine == "postgresql":
            yield Figure(f"{name}.database-crashes", toll.servers, "crashes", least=1)
        yield Figure(f"{name}.acknowledged", toll.acknowledged, "writes", least=ACKNOWLEDGED)
        yield Figure(f"{name}.lost", toll.lost, "writes", 0)
        yield Figure(f"{name}.doubled", toll.doubled, "writes", 0)
        yield Figure(f"{name}.halves", toll.halves, "tables", 0)
        yield Figure(f"{name}.broken-chains", toll.broken, "looks", 0)
        yield Figure(f"{name}.other-answers", toll.odd, "answers", 0)
        yield Figure(f"{name}.seconds", time.perf_counter() - started, "s")
