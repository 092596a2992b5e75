"""Time limits of one length for many tasks at once: one timer watches the oldest, instead of one for each task.

Nearly every limit is lifted before its time, and a timer of the event loop costs more than the work that it guards
costs in many a request. What is within the same limit entered in order, so the first to enter is the first to end.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class Deadlines:
    """Limits of so many seconds each; a block that is not left in time ends with `TimeoutError`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._open: dict[Within, float] = {}  # in the order of their ends
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def within(self) -> Within:
        """Return a limit for the task that enters it."""
        return Within(self)

    def enter(self, one: Within, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to watch a limit."""
        if loop is not self._loop:  # that of a finished test may be gone
            self._loop, self._timer = loop, None
            self._open.clear()
        self._open[one] = loop.time() + self.seconds
        if self._timer is None:
            self._timer = loop.call_later(self.seconds, self._look)

    def leave(self, one: Within) -> None:
        """Watch a limit no longer."""
        self._open.pop(one, None)

    def _look(self) -> None:
        """End what has had its time, and look again when the next one has."""
        self._timer = None
        assert self._loop is not None, "a limit was entered on it"
        now = self._loop.time()
        for one, end in list(self._open.items()):
            if end > now:
                self._timer = self._loop.call_at(end, self._look)
                return
            del self._open[one]
            one.expire()


class Within:
    """One limit, as `asyncio.timeout` keeps it: it cancels its task and makes a `TimeoutError` of that."""

    __slots__ = ("_before", "_deadlines", "_expired", "_task")

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._expired = False

    def __enter__(self) -> None:
        """Let the time run."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None, "a coroutine runs in a task"
        self._task, self._before = task, task.cancelling()
        self._deadlines.enter(self, loop)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Tell a limit that has ended from a task that somebody else cancelled."""
        if not self._expired:
            self._deadlines.leave(self)
        elif self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """Cancel the task."""
        self._expired = True
        self._task.cancel()
