"""Print the score: `python -m tests.mutants [NUMBER [MODULE]]`; without a number every mutant is judged."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import yaml

from istmo.spec import countries
from tests.mutants._mutate import TARGETS, Mutant, sample
from tests.wrong_services._judge import check

SURVIVORS = Path(__file__).parent / "survivors.yaml"
HOME = "XX"
WANTED = 90  # of 100 whose fault can be seen from outside at all


@cache
def elsewhere(slug: str) -> tuple[str, ...]:
    """Return the other countries whose right service is found conformant: some rule may only show there."""
    others = [one for one in countries() if one != HOME]
    return tuple(one for one in others if check("--reference", slug, "--country", one).exit_code == 0)


def caught(mutant: Mutant) -> bool:
    """Tell whether the suite finds the fault: where it looks first, then everywhere, then in other countries."""
    service = ("--service", mutant.slug)
    first = [word for prefix in TARGETS[mutant.module] for word in ("--select", prefix)]
    try:
        # A selection alone never ends as conformant, so of the first run only a failure counts.
        at_home = ("--app", app(mutant), *service)
        if check(*at_home, *first).exit_code == 1 or check(*at_home).exit_code != 0:
            return True
        return any(check("--app", app(mutant, one), *service).exit_code != 0 for one in elsewhere(mutant.slug))
    except AssertionError:
        return True  # the service does not even start


def app(mutant: Mutant, country: str = HOME) -> str:
    """Return where the mutated service of a country is found."""
    return f"tests.mutants.apps:{mutant.name}__in__{country}"


def main(arguments: list[str]) -> int:
    """Judge, print one line each, and end well if enough were caught."""
    chosen = sample(int(arguments[0]) if arguments else 0)
    chosen = [one for one in chosen if arguments[1:] in ([], [one.module])]
    reasons = {entry["mutant"]: entry for entry in yaml.safe_load(SURVIVORS.read_text(encoding="utf-8")) or []}
    killed = equivalent = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for mutant, found in zip(chosen, pool.map(caught, chosen), strict=True):
            entry = reasons.get(mutant.title, {})
            equivalent += not found and bool(entry.get("equivalent"))
            killed += found
            why = "" if found else f"  ({entry.get('reason', 'no reason is written down')})"
            print(f"{'killed  ' if found else 'SURVIVED'}  {mutant.title}  line {mutant.line}{why}", flush=True)
    counted = len(chosen) - equivalent
    score = 100 * killed / max(counted, 1)
    print(f"killed {killed} of {counted}, {score:.0f} %; {equivalent} more are no fault")
    return 0 if score >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
