"""What reaches cases without a caller: events of other services, each once, and the passing of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._machine import Case

if TYPE_CHECKING:
    from istmo.runtime.service import ServiceContext
    from istmo.runtime.store import Json
    from istmo.runtime.work import Work


async def take_event(context: ServiceContext, event_id: str, kind: str, data: Json, source: str = "events") -> bool:
    """Take an event of another service once; False when it came before."""

    async def unit(work: Work) -> bool:
        if not await work.first_time(source, event_id):
            return False
        for machine in context.service.cases:
            if isinstance(machine, Case):
                await machine.take(work, kind, data)
        return True

    return await context.run(unit)


async def expire_overdue(context: ServiceContext) -> None:
    """End every case of a service whose time has run out."""

    async def unit(work: Work) -> None:
        for machine in context.service.cases:
            if isinstance(machine, Case):
                await machine.sweep(work)

    await context.run(unit)
