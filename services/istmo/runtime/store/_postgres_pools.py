"""The connections of one event loop to PostgreSQL, and what is under way on them."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._postgres_group import Group


@dataclass(slots=True)
class Pools:
    """Connections of one event loop: a view never waits for a unit, so a unit may look into a view."""

    loop: asyncio.AbstractEventLoop
    units: Any
    views: Any
    connections: set[Any]
    groups: dict[str, Group] = field(default_factory=dict)
    under_way: set[object] = field(default_factory=set)
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Count a unit as under way."""
        mark = object()
        self.under_way.add(mark)
        self.idle.clear()
        try:
            yield
        finally:
            self.under_way.discard(mark)
            if not self.under_way:
                self.idle.set()


def abandon(pools: Pools) -> None:
    """Hang up on the connections of an event loop that may be closed; the server undoes what was open."""
    for connection in list(pools.connections):
        transport = connection._transport  # noqa: SLF001 - there is no public way once the loop is closed
        try:
            connection.terminate()
        except RuntimeError:
            with contextlib.suppress(AttributeError):
                transport._call_connection_lost(None)  # noqa: SLF001 - what the closed loop cannot call any more
