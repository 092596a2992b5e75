"""Whether the time of an answer tells what the answer keeps to itself."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from tests.services.civil_certificates.town import Town

from ._figures import Figure, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 40


@measure("oracles")
def oracles() -> Iterator[Figure]:
    """A rejection because there is no entry beside one because the claim is wrong, in turns, in seconds of this CPU."""
    town = Town()
    try:
        town.fresh()
        taken: dict[str, list[float]] = {"birth-unknown": [], "birth-wrong-claim": []}
        for number in range(ROUNDS):
            for name, seconds in taken.items():
                case = town.draft("ana", name, about={"eventPlace": f"Place {number}"})
                started = time.process_time()
                town.post("ana", f"/requests/{case}/submit")
                seconds.append(time.process_time() - started)
    finally:
        town.close()
    unknown, known = (statistics.median(seconds) for seconds in taken.values())
    yield Figure("oracles.rejection-without-entry", max(unknown / known, known / unknown), "ratio", 1.5)
