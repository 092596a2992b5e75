"""Stones without content: they mark what its owner gave up, so that a later read answers 410 and not 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from istmo.errors import Problem

if TYPE_CHECKING:
    from .work import Work

KIND = "gone"


async def mark(work: Work, resource_id: str, owner: str) -> None:
    """Remember that a resource of an owner existed, and nothing else of it."""
    await work.add(KIND, {"id": resource_id, "at": work.stamp}, owner=owner, id=resource_id)


async def refuse(work: Work, resource_id: str) -> None:
    """Refuse with 410 when the caller's resource was given up; for everybody else it never existed."""
    record = await work.known(KIND, resource_id)
    if record is not None and record.owner and record.owner == work.caller.acting_for:
        raise Problem("gone")
