"""The clock port: what time it is for the service; the sandbox can move it, timeouts never look at it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time, or a chosen instant from which time goes on at its usual pace."""

    def __init__(self, *, movable: bool = False, start: datetime | None = None) -> None:
        self.movable = movable
        self._offset = timedelta()
        if start is not None:
            self.move(start)

    def now(self) -> datetime:
        """Return the instant, aware and in UTC."""
        return datetime.now(UTC) + self._offset

    @property
    def offset(self) -> float:
        """How many seconds the clock is ahead of the real one."""
        return self._offset.total_seconds()

    @offset.setter
    def offset(self, seconds: float) -> None:
        if seconds and not self.movable:
            raise RuntimeError("only a sandbox moves its clock")
        self._offset = timedelta(seconds=seconds)

    @property
    def moved(self) -> bool:
        """Whether the clock shows another time than the real one."""
        return bool(self._offset)

    def move(self, instant: datetime | None) -> None:
        """Set the clock to an instant, or back to real time."""
        if instant is None:
            self._offset = timedelta()
            return
        if not self.movable:
            raise RuntimeError("only a sandbox moves its clock")
        if instant.tzinfo is None:
            raise ValueError("the instant needs an offset")
        self._offset = instant.astimezone(UTC) - datetime.now(UTC)


def monotonic() -> float:
    """Return seconds for time limits, independent of every wall clock."""
    return time.monotonic()
