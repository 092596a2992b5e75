"""Print which tests fall by which wrong runtime: `python -m tests.wrong_runtimes [NAME...]`."""

from __future__ import annotations

import sys
import time

from ._judge import complaints, judge
from ._register import gallery


def main(names: list[str]) -> int:
    """Judge the named variants, or all, and print a line for each and one of totals."""
    variants = gallery()
    unknown = [name for name in names if name not in variants]
    if unknown:
        print(f"no such wrong runtime: {', '.join(unknown)}")
        return 2
    chosen = [variants[name] for name in names or variants]
    survived = 0
    for variant in chosen:
        started = time.perf_counter()
        wrong = complaints(variant, judge(variant))
        survived += bool(wrong)
        word = "SURVIVED" if wrong else "fell"
        seconds = time.perf_counter() - started
        print(f"{word:<9} {variant.breaks:<36} {variant.name:<44} {seconds:>5.1f} s", flush=True)
        for line in wrong:
            print(f"          {line}", flush=True)
    print(f"fell {len(chosen) - survived} of {len(chosen)}")
    return 0 if not survived else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
