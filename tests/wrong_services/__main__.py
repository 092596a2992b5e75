"""Print the kill matrix: `python -m tests.wrong_services [NAME...]`."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from ._gallery import Wrong, gallery
from ._judge import judge


def _row(variant: Wrong) -> tuple[bool, set[str], str]:
    judged = judge(variant.name, slug=variant.slug)
    failed = judged.requirements("fail")
    killed = variant.breaks in failed
    alarms = (failed | judged.requirements("error")) - {variant.breaks} - variant.also
    word = "killed  " if killed else "SURVIVED"
    extra = f"  false alarms: {', '.join(sorted(alarms))}" if alarms else ""
    return killed, alarms, f"{word}  {variant.breaks:<58} {variant.name}{extra}"


def main(names: list[str]) -> int:
    """Judge the named variants, or all, and print one line each and a last line of totals."""
    variants = gallery()
    unknown = [name for name in names if name not in variants]
    if unknown:
        print(f"no such wrong service: {', '.join(unknown)}")
        return 2
    chosen = [variants[name] for name in names or variants]
    killed = alarms = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for was_killed, false, line in pool.map(_row, chosen):
            print(line, flush=True)
            killed += was_killed
            alarms += len(false)
    print(f"killed {killed} of {len(chosen)}, false alarms {alarms}")
    return 0 if killed == len(chosen) and not alarms else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
