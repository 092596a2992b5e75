"""How far a run may go with a service: read only, write and tidy up, or everything."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Mode(StrEnum):
    """What a run may do, or what a scenario needs; each allows what stands before it."""

    READ = "read"
    WRITE = "write"
    FULL = "full"

    @property
    def rank(self) -> int:
        """Its place in the order."""
        return list(Mode).index(self)

    def allows(self, other: Mode) -> bool:
        """Whether something that needs the other mode may be done in this one."""
        return other.rank <= self.rank


def most(modes: Iterable[Mode]) -> Mode:
    """The mode that does for all."""
    return max(modes, key=lambda mode: mode.rank, default=Mode.READ)
