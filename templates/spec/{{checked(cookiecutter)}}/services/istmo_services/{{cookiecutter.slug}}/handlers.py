"""What the service does beyond the case machine: one function an operation, named after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from istmo.runtime import listing

from . import kinds

if TYPE_CHECKING:
    from istmo.runtime import Answer, Work


async def list_kinds(work: Work, limit: int = 20, cursor: str | None = None) -> Answer:
    """List what this country offers, to everybody."""
    return listing.answer(work, kinds.shown(work), limit, cursor)
