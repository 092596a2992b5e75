"""Print the figures: `python -m tests.bench [NAME...]`, one line each: name, value, unit, target, ok or short.

`SLOW=1` in the environment takes the long measurements too; one that is named runs anyway.
"""

from __future__ import annotations

import os
import sys

from . import (
    accesses,
    beside,
    checking,
    commands,
    corpus,
    growing,
    keeping,
    killing,
    observing,
    overload,
    pages,
    serving,
    shares,
    starting,
    stores,
    twins,
    writing,
)
from ._figures import MEASURES, SLOW

# These modules register their measurements when they are imported.
MODULES = (
    commands, checking, keeping, observing, starting, overload, stores, serving, writing, pages, corpus, accesses,
    beside, shares, growing, killing, twins,
)  # fmt: skip


def main(names: list[str]) -> int:
    """Measure what is named, or everything; the exit code tells whether each target is met."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}; there are: {', '.join(MEASURES)}")
        return 2
    met = True
    for name in names or [one for one in MEASURES if one not in SLOW or os.environ.get("SLOW")]:
        for figure in MEASURES[name]():
            print(figure.line, flush=True)
            met = met and figure.met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
