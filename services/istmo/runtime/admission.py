"""Who may come in when there is too much to do: so many at once, a queue that ends, then an honest refusal."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from istmo.errors import Problem

if TYPE_CHECKING:
    from types import TracebackType

SPREAD = 3  # seconds over which the refused are spread, so that they do not all come back at once


class Gate:
    """So many places; whoever finds none waits in line, but neither in too long a line nor too long."""

    def __init__(self, places: int, *, waiting: int, seconds: float) -> None:
        self.places = places
        self.waiting = waiting
        self.seconds = seconds
        self.taken = 0
        self._refused = 0
        self._line: deque[asyncio.Future[None]] = deque()

    def free(self) -> bool:
        """Take a place if there is one; it is given back by `leave`."""
        if self.taken >= self.places:
            return False
        self.taken += 1
        return True

    async def wait(self) -> None:
        """Take a place when it is one's turn, or refuse."""
        if len(self._line) >= self.waiting:
            raise self._full()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            async with asyncio.timeout(self.seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.leave()  # the place came at the same moment
            elif turn in self._line:
                self._line.remove(turn)
            if isinstance(error, TimeoutError):
                raise self._full() from None
            raise

    async def __aenter__(self) -> None:
        """Take a place, at once or later, or refuse."""
        if not self.free():
            await self.wait()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the place back."""
        self.leave()

    def leave(self) -> None:
        """Give the place to the next in line."""
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.taken -= 1

    def _full(self) -> Problem:
        self._refused += 1
        return Problem("unavailable", headers={"Retry-After": str(1 + self._refused % SPREAD)})
