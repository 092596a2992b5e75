"""What nobody asks for and has to happen: old keys are forgotten, and cases end whose time has run out.

Every process does it; a unit looks before it acts, so that two of them at once do no more than one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from . import logs
from .cases import expire_overdue
from .clock import monotonic
from .store import StoreUnavailable

if TYPE_CHECKING:
    from .service import AppContext

PAUSE = 600.0  # seconds between rounds, more or less, so that processes started together do not stay together


class Housekeeper:
    """Works in the background of one process."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._begun = (datetime.now(UTC), monotonic())

    def start(self) -> None:
        """Begin; the first round comes after a pause."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._forever())

    async def stop(self) -> None:
        """End after nothing more than what is under way."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(PAUSE * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
            try:
                await self.tidy()
            except StoreUnavailable as error:
                logs.write(logs.PROCESS, logging.WARNING, "housekeeping-waits", **logs.cause(error))

    async def tidy(self) -> None:
        """Do one round."""
        await self._app.catch_up()
        await self.forget()
        for context in self._app.services.values():
            await expire_overdue(context)

    async def forget(self) -> None:
        """Drop what is only kept for repeated calls, once it is old enough."""
        kept = timedelta(hours=self._app.settings.limits.idempotency_hours)
        begun, at = self._begun
        # A wall clock that leaps ahead must not make yesterday's keys old: no more time has passed than was measured.
        now = min(datetime.now(UTC), begun + timedelta(seconds=monotonic() - at))
        await self._app.store.forget(now - kept)
