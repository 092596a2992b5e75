"""Group commit on PostgreSQL: units that are ready at the same time are written and committed in one transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from . import _postgres_group_sql as group_sql
from . import _postgres_link as link
from . import _postgres_sql as sql
from ._postgres_batch import Batch, parted
from ._postgres_hasty import Hasty
from ._postgres_together import Asking
from ._protocol import KeyBusy, StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from ._protocol import IdempotencyKey, Unit

T = TypeVar("T")

TRIES = 3  # how often a unit is written with others before it goes on by itself
FULL = 1000  # records of a kind that hardly ever changes


class Undone(Exception):
    """The transaction was undone; some units go on by themselves, the others may be written again."""

    def __init__(self, losers: Sequence[Ready]) -> None:
        super().__init__()
        self.losers = losers


@dataclass(slots=True, eq=False)
class Ready:
    """A unit that has run and waits for its commit."""

    unit: Hasty
    until: float
    told: asyncio.Future[Exception | bool]  # True: committed; False: it goes on by itself; an error: not confirmed
    tries: int = 0
    taken: bool = False  # whether it is being written


@dataclass(slots=True, frozen=True)
class Doing:
    """What a group needs of its store, for the connections of one event loop."""

    fetch: Callable[..., Awaitable[Sequence[Any]]]  # runs a statement by itself
    connection: Callable[[float], AbstractAsyncContextManager[Any]]  # lends a connection for units
    commit: Callable[[Any, str], Awaitable[None]]
    slowly: Callable[..., Awaitable[Any]]  # runs a unit in a transaction of its own
    seconds: float  # the longest that a unit may take


class Group:
    """The units of one service in one event loop."""

    def __init__(self, doing: Doing, service: str) -> None:
        self._doing = doing
        self._service = service
        self.fetch = doing.fetch
        self.asking = Asking(doing.fetch, service)
        self._steady: dict[str, Sequence[Any]] = {}
        self._keys: dict[IdempotencyKey, asyncio.Event] = {}
        self._queue: list[Ready] = []
        self._drainer: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------ what units ask for

    async def hold(self, key: IdempotencyKey) -> None:
        """Take an idempotency key within this process, as soon as the unit that has it ends."""
        while (held := self._keys.get(key)) is not None:
            await held.wait()
        self._keys[key] = asyncio.Event()

    async def steady_rows(self, kind: str) -> Sequence[Any]:
        """Return all records of a kind that hardly ever changes, as they were last seen."""
        rows = self._steady.get(kind)
        if rows is None:
            reader = sql.FIND.format(columns=sql.COLUMNS) + sql.FIND_UP.format(start=3, limit=4)
            rows = self._steady[kind] = await self.fetch(reader, self._service, kind, 0, FULL)
        return rows

    # ------------------------------------------------------------------ running a unit

    async def write(self, unit: Unit[T], until: float) -> T:
        """Run a unit and return its result after its commit, alone or with others."""
        hasty = Hasty(self, self._service)
        try:
            done, result, alone = await self._hastily(hasty, unit, until)
            if done:
                return cast("T", result)
            hasty.undo()
            if asyncio.get_running_loop().time() > until:
                raise StoreBusy("the unit took too long")
            return cast("T", await self._doing.slowly(self._service, unit, until, alone=alone))
        finally:
            for key in hasty.held:
                self._keys.pop(key).set()

    async def _hastily(self, hasty: Hasty, unit: Unit[T], until: float) -> tuple[bool, T | None, bool]:
        """Run a unit with nothing open in the database; tell whether that was enough, and what it gave."""
        try:
            async with asyncio.timeout_at(until):
                result = await unit(hasty)
        except (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt, SystemExit, StoreUnavailable):
            raise
        except TimeoutError:
            if hasty.at_key:
                raise KeyBusy("the first call with this idempotency key still runs") from None
            return False, None, False
        except BaseException:  # noqa: BLE001 - whatever it is: a transaction decides whether it stays
            return False, None, hasty.slow is not None and hasty.slow.alone
        if hasty.slow is not None or not hasty.used or (hasty.steady and not hasty.writes):
            return False, None, hasty.slow is not None and hasty.slow.alone
        return not hasty.writes or await self._committed(hasty, until), result, False

    async def _committed(self, hasty: Hasty, until: float) -> bool:
        """Wait for the commit of a unit; whoever stops waiting does not stop the others."""
        ready = Ready(hasty, until, asyncio.get_running_loop().create_future())
        self._queue.append(ready)
        if self._drainer is None:
            self._drainer = asyncio.create_task(self._drain())
        try:
            async with asyncio.timeout_at(until):
                told = await asyncio.shield(ready.told)
        except TimeoutError:
            if not ready.taken:
                self._queue = [other for other in self._queue if other is not ready]
                raise StoreBusy("the unit waited too long") from None
            told = await ready.told  # bounded by the transaction
        except asyncio.CancelledError:
            self._queue = [other for other in self._queue if other is not ready]
            raise
        if isinstance(told, Exception):
            raise told
        return told

    # ------------------------------------------------------------------ committing

    async def _drain(self) -> None:
        try:
            while self._queue:
                batch, slow, later = parted(self._queue)
                self._queue = later
                for ready in batch:
                    ready.taken = True
                if batch:
                    await self._together(batch)
                for ready in slow:
                    _tell(ready, told=False)
        finally:
            self._drainer = None

    async def _together(self, batch: list[Ready]) -> None:
        """Write and commit some units in one transaction, and tell each how it went."""
        told: Exception | bool = StoreUnavailable("the commit was interrupted")
        try:
            await self._transaction(batch)
            told = True
        except Undone as undone:
            told = False
            losers = [ready for ready in batch if ready in undone.losers or ready.tries >= TRIES]
            again = [ready for ready in batch if ready not in losers]
            for ready in again:
                ready.taken, ready.tries = False, ready.tries + 1
            self._queue[:0] = [ready for ready in again if not ready.told.done()]
            batch = losers
        except _Unconfirmed as unconfirmed:
            told = unconfirmed.error
        except Exception:  # noqa: BLE001 - nothing was committed, and each unit will tell by itself
            told = False
        finally:
            for ready in batch:
                _tell(ready, told=told)

    async def _transaction(self, batch: list[Ready]) -> None:
        until = max(ready.until for ready in batch)
        writing = Batch(self._service, [ready.unit for ready in batch])
        async with self._doing.connection(until) as connection:
            async with asyncio.timeout_at(until):
                gate = link.lock_number("gate", self._service)
                await connection.execute(sql.BEGIN.format(mode=sql.SIDE_BY_SIDE, gate=gate) + group_sql.BEGIN)
                losers = await writing.write(connection)
                if not losers:
                    losers = await writing.doubtful(connection, self._doing.seconds)
            if losers:
                self._steady.clear()
                raise Undone([ready for ready in batch if ready.unit in losers])
            writing.done()
            try:
                await self._doing.commit(connection, writing.ending(self._doing.seconds))
            except link.Again:  # told by the link, so the commit was never tried
                raise
            except StoreUnavailable as error:
                raise _Unconfirmed(error) from None
            except Exception as error:  # noqa: BLE001 - from here on nobody may say that nothing was committed
                raise _Unconfirmed(StoreUnavailable(link.reason(error))) from None

    async def finish(self) -> None:
        """Wait until what is under way has ended."""
        while self._drainer is not None:
            await asyncio.shield(self._drainer)


class _Unconfirmed(Exception):
    """Nobody knows whether the commit took place, so nobody is told that it did."""

    def __init__(self, error: StoreUnavailable) -> None:
        super().__init__()
        self.error = error


def _tell(ready: Ready, *, told: Exception | bool) -> None:
    if not ready.told.done():
        ready.told.set_result(type(told)(*told.args) if isinstance(told, Exception) else told)
