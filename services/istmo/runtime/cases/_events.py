"""What reaches cases without a caller: events of other services, each once, and the passing of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._machine import PAID, Case

if TYPE_CHECKING:
    from istmo.runtime.service import ServiceContext
    from istmo.runtime.store import Json
    from istmo.runtime.work import Work


async def hand_over(work: Work, kind: str, data: Json) -> None:
    """Let every machine of a service act on an event of another one."""
    for machine in work.context.service.cases:
        if isinstance(machine, Case):
            await machine.take(work, kind, data)


def acts_on(context: ServiceContext, kind: str) -> bool:
    """Tell whether a service does anything with events of a type."""
    paid = kind == PAID and any(isinstance(machine, Case) for machine in context.service.cases)
    return paid or kind in context.events


async def take_event(context: ServiceContext, event_id: str, kind: str, data: Json, source: str = "events") -> bool:
    """Take an event of another service once; False when it came before."""

    async def unit(work: Work) -> bool:
        if not await work.first_time(source, event_id):
            return False
        await hand_over(work, kind, data)
        return True

    return await context.run(unit)


async def expire_overdue(context: ServiceContext) -> None:
    """End every case of a service whose time has run out."""

    async def unit(work: Work) -> None:
        for machine in context.service.cases:
            if isinstance(machine, Case):
                await machine.sweep(work)

    await context.run(unit)
