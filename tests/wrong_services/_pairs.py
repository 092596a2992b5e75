"""Two faults in one service: a fault must not hide another.

The second fault is put in place first and the reference is built with the first one inside it, so that both kinds of
fault, replaced parts and tampered answers, meet in one application.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from ._gallery import Reference, Wrong, gallery

if TYPE_CHECKING:
    from ._tamper import App

AND = "__and__"

# Pairs of which one fault takes away what the other would be seen by, each with its reason.
EXCLUSIVE: dict[frozenset[str], str] = {
    frozenset({"mandate_of_the_bearer", "withdrawn_at_midnight"}):
        "both replace the one function that says whether a mandate can be used, and do not fit into each other",
}  # fmt: skip


@dataclass
class Spoiled(Reference):
    """A reference that has one fault already when the second is put into it."""

    within: Wrong | None = None

    def app(self) -> App:
        """Build the service with the fault within."""
        assert self.within is not None
        return self.within.build(Reference(self.slug, self.country, self.settings))


def build(name: str) -> App:
    """Build the service with both faults."""
    first, _, second = name.partition(AND)
    variants = gallery()
    within = variants[first]
    return variants[second].build(Spoiled(within.slug, within.country, within=within))


def pairs() -> list[tuple[Wrong, Wrong]]:
    """Every pair of faults that can be told apart, in an order that is always the same and favours none."""
    found = [pair for pair in combinations(gallery().values(), 2) if _apart(*pair)]
    return sorted(found, key=lambda pair: hashlib.sha256(f"{pair[0].name} {pair[1].name}".encode()).digest())


def _apart(one: Wrong, other: Wrong) -> bool:
    return (
        (one.slug, one.country) == (other.slug, other.country)
        and one.breaks not in {other.breaks, *other.also}
        and other.breaks not in one.also
        and frozenset({one.name, other.name}) not in EXCLUSIVE
    )


def sample(size: int) -> list[tuple[Wrong, Wrong]]:
    """The first pairs in which no fault occurs twice."""
    chosen: list[tuple[Wrong, Wrong]] = []
    used: set[str] = set()
    for one, other in pairs():
        if len(chosen) < size and not used & {one.name, other.name}:
            chosen.append((one, other))
            used |= {one.name, other.name}
    return chosen
