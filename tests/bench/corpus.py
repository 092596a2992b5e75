"""What becomes of hostile input: answers that are the service's fault, and things that a refused call has left."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator

from istmo.spec import catalogue
from tests.istmo.runtime.corpus import CASES, VALUES, Call, run
from tests.istmo.runtime.corpus.field import Answer, Field

from ._figures import Figure, measure

CASES_WANTED = 300


class Counting(Field):
    """A service that counts the calls it gets, and the answers that are its own fault."""

    calls = 0
    faults = 0
    hostile = False  # what prepares an operation is not counted

    async def send(self, call: Call) -> Answer:
        answer = await super().send(call)
        self.calls += self.hostile
        self.faults += self.hostile and answer.status >= 500
        return answer


@measure("corpus")
def corpus() -> Iterator[Figure]:
    """Give each operation of each service its share of the corpus; `SLOW=1` for every case at every place."""
    logging.getLogger("python_multipart").addHandler(logging.NullHandler())  # it tells of what it cannot read
    started = time.perf_counter()
    give = run.run_all if os.environ.get("SLOW") else run.run_share
    calls = faults = operations = 0
    told: list[str] = []
    for entry in catalogue():
        field = Counting(entry.slug)
        for ready in field.ready():
            field.restore(ready.state)
            field.hostile = True
            told += give(field, ready, CASES, VALUES)
            field.hostile = False
            operations += 1
        calls, faults = calls + field.calls, faults + field.faults
        field.close()
    stored = sum("something was stored" in line for line in told)
    yield Figure("corpus.cases", len(CASES) + len(VALUES), "cases", least=CASES_WANTED)
    yield Figure("corpus.operations", operations, "operations")
    yield Figure("corpus.calls", calls, "calls")
    yield Figure("corpus.5xx", faults, "answers", 0)
    yield Figure("corpus.stored-by-refused-calls", stored, "calls", 0)
    yield Figure("corpus.other-faults", len(told) - stored - faults, "answers", 0)
    yield Figure("corpus.seconds", time.perf_counter() - started, "s")
