"""Print the figures: `python -m tests.bench [NAME...]`, one line each: name, value, unit, target, ok or short."""

from __future__ import annotations

import sys

from . import checking, commands, observing, overload, pages, serving, stores, writing
from ._figures import MEASURES

# These modules register their measurements when they are imported.
MODULES = (commands, checking, observing, overload, stores, serving, writing, pages)


def main(names: list[str]) -> int:
    """Measure what is named, or everything; the exit code tells whether each target is met."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}; there are: {', '.join(MEASURES)}")
        return 2
    met = True
    for name in names or MEASURES:
        for figure in MEASURES[name]():
            print(figure.line, flush=True)
            met = met and not figure.line.endswith("short")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
