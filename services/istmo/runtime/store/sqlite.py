"""SQLite, embedded: inline on the event loop, one writer, many units in one synchronous commit."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from istmo.errors import KitError
from istmo.runtime import failpoints
from istmo.runtime.deadlines import Deadlines

from . import _sqlite_sql as sql
from ._protocol import StoreBusy, StoreUnavailable
from ._sqlite_views import SqliteReader, SqliteWriter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from ._protocol import JournalEntry, Reader, Unit

T = TypeVar("T")

MEMORY = ":memory:"
BATCH = 64  # units in one commit: bounds how long the last of them waits for the first
SAFE = (3, 51, 3)  # the first version without the write-ahead-log reset race


@dataclass(slots=True)
class _Queued:
    service: str
    unit: Unit[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class SqliteStore:
    """The default store; its file must be on a local disk."""

    def __init__(self, path: str, *, unit_seconds: float = 5.0, read_seconds: float = 2.0) -> None:
        self.path = path
        self._unit_seconds = unit_seconds
        self._turns, self._runs = Deadlines(unit_seconds), Deadlines(unit_seconds)
        self._read_seconds = read_seconds
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._readers: dict[str, SqliteReader] = {}
        self._read_until = 0.0
        self._queue: list[_Queued] = []
        self._drainer: asyncio.Task[None] | None = None

    @property
    def alone(self) -> bool:
        """Whether no other process can ever see this database."""
        return self.path == MEMORY

    # ------------------------------------------------------------------ life

    async def open(self) -> None:
        """Connect and bring the schema up to date; opening twice is harmless."""
        if self._writer is not None:
            return
        try:
            self._writer = self._connect()
            self._migrate(self._writer)
            self._reader = self._writer if self.path == MEMORY else self._connect()
            for connection in (self._writer, self._reader):
                connection.execute(sql.PATIENCE)
        except sqlite3.Error as error:
            hint = "ISTMO_DATABASE must name a file that this process may write, on a local disk"
            raise KitError("database", f"the database cannot be opened: {error}", hint) from error
        self._reader.set_progress_handler(self._too_slow, 200_000)

    async def close(self) -> None:
        """Finish the units under way and disconnect."""
        if self._draining() and self._drainer is not None:
            await self._drainer
        for connection in {self._writer, self._reader} - {None}:
            assert connection is not None
            connection.close()
        self._writer = self._reader = None
        self._readers.clear()

    def _connect(self) -> sqlite3.Connection:
        if self.path != MEMORY:
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        # Calls come from one event loop; a test may move the application to another thread between calls.
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        for pragma in sql.PRAGMAS:
            connection.execute(pragma)
        if connection.execute("PRAGMA synchronous").fetchone()[0] != 2:  # noqa: PLR2004 - SQLite's number for FULL
            raise KitError("database", "SQLite refuses synchronous=FULL", "use another build of SQLite")
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(sql.MIGRATIONS):
            connection.execute("ROLLBACK")
            raise KitError("database", "the database was made by a newer version of Istmo", "upgrade Istmo")
        for script in sql.MIGRATIONS[version:]:
            for statement in script.split(";"):
                if statement.strip():
                    connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(sql.MIGRATIONS)}")
        connection.execute("COMMIT")

    def _too_slow(self) -> int:
        writing = self._drainer is not None and self._reader is self._writer
        return int(not writing and time.monotonic() > self._read_until)

    def _open(self) -> sqlite3.Connection:
        if self._writer is None:
            raise StoreUnavailable("the store is closed")
        return self._writer

    # ------------------------------------------------------------------ reading

    def reader(self, service: str) -> Reader:
        """Return a view of one service's committed records."""
        self._open()
        found = self._readers.get(service)
        if found is None:
            assert self._reader is not None
            found = self._readers[service] = SqliteReader(self._reader, service, self._settled)
        return found

    def _settled(self) -> Awaitable[None] | None:
        """Begin a read; in memory there is one connection, and it waits until the units under way are committed."""
        self._read_until = time.monotonic() + self._read_seconds
        return self._committed() if self._reader is self._writer else None

    async def _committed(self) -> None:
        while self._draining() and self._drainer is not asyncio.current_task():
            assert self._drainer is not None
            await asyncio.wait([self._drainer])

    # ------------------------------------------------------------------ writing

    async def write(self, service: str, unit: Unit[T]) -> T:
        """Run a unit in one transaction and return its result after the commit."""
        self._open()
        queued = _Queued(service, unit, asyncio.get_running_loop().create_future())
        self._queue.append(queued)
        if not self._draining():
            self._drainer = asyncio.create_task(self._drain())
        try:
            with self._turns.within():
                result: T = await queued.future
        except TimeoutError:
            raise StoreBusy("the unit waited too long") from None
        return result

    def _draining(self) -> bool:
        """Tell whether this event loop already empties the queue (that of a finished test may be gone)."""
        task = self._drainer
        return task is not None and not task.done() and task.get_loop() is asyncio.get_running_loop()

    async def _drain(self) -> None:
        try:
            while self._queue:
                batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
                batch = [queued for queued in batch if not queued.future.done()]
                if batch:
                    await self._commit_together(batch)
        finally:
            self._drainer = None

    async def _commit_together(self, batch: list[_Queued]) -> None:
        connection = self._open()
        if connection.in_transaction:  # left by a loop that was stopped in the middle
            connection.execute("ROLLBACK")
        try:
            await self._begin(connection)
            heads: dict[str, JournalEntry] = {}  # nobody else can write before the commit
            for queued in batch:
                await self._run(connection, queued, heads, alone=len(batch) == 1)
            if connection.in_transaction:
                self._commit(connection)
        except (sqlite3.Error, failpoints.Failed, StoreUnavailable) as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            failure = StoreUnavailable(str(error))
            failure.__cause__ = error  # the log names it, without its words
            for queued in batch:
                queued.error = queued.error or failure
        for queued in batch:  # only now may anybody hear of it
            if queued.future.done():
                continue
            if queued.error is None:
                queued.future.set_result(queued.result)
            else:
                queued.future.set_exception(queued.error)

    async def _begin(self, connection: sqlite3.Connection) -> None:
        """Take the write lock; another process may hold it, so try again without blocking the loop."""
        until = time.monotonic() + self._unit_seconds
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if time.monotonic() > until:
                    raise StoreUnavailable(str(error)) from error
                await asyncio.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - jitter
            else:
                return

    async def _run(
        self, connection: sqlite3.Connection, queued: _Queued, heads: dict[str, JournalEntry], *, alone: bool
    ) -> None:
        """Run one unit; when it fails, its own changes are undone and those of the others stay."""
        if not alone:
            connection.execute("SAVEPOINT unit")
        try:
            with self._runs.within():
                queued.result = await queued.unit(SqliteWriter(connection, queued.service, heads=heads))
        except sqlite3.Error as error:
            queued.error = StoreUnavailable(str(error))
            queued.error.__cause__ = error
        except TimeoutError:
            queued.error = StoreBusy("the unit took too long")
        except Exception as error:  # noqa: BLE001 - whatever a unit raises belongs to the one who waits for it
            queued.error = error
        if not connection.in_transaction:  # a full disk makes SQLite undo the whole transaction by itself
            raise StoreUnavailable("the transaction was undone")
        if queued.error is not None:
            connection.execute("ROLLBACK" if alone else "ROLLBACK TO unit")
            heads.clear()
        if not alone:
            connection.execute("RELEASE unit")

    def _commit(self, connection: sqlite3.Connection) -> None:
        failpoints.reach("before-commit")
        connection.execute("COMMIT")
        failpoints.reach("after-commit")

    # ------------------------------------------------------------------ the rest

    async def secret(self, name: str, make: Callable[[], str]) -> str:
        """Return a value that all processes on this database share, made by the first that asks."""

        async def unit(writer: Any) -> str:  # noqa: ANN401 - the connection is this engine's own affair
            found = writer._do(sql.SECRET, (name,)).fetchone()  # noqa: SLF001 - same engine
            if found:
                return str(found[0])
            value = make()
            writer._do(sql.ADD_SECRET, (name, value))  # noqa: SLF001 - same engine
            return value

        return await self.write("", unit)

    async def shared(self, name: str) -> str | None:
        """Return a committed value that all processes on this database see, or None."""
        found = await self._read(sql.SHARED, (name,))
        return str(found[0][0]) if found else None

    async def share(self, name: str, value: str | None) -> None:
        """Set a value that all processes see; None removes it."""
        await self._execute("", (sql.UNSHARE, (name,)) if value is None else (sql.SHARE, (name, value)))

    async def failures(self, service: str, place: str, since: float) -> list[float]:
        """Return when something failed at a place after an instant, the oldest first."""
        return [float(row[0]) for row in await self._read(sql.FAILURES, (service, place, since))]

    async def fail(self, service: str, place: str, at: float) -> None:
        """Note a failure at a place."""
        await self._execute(service, (sql.FAIL, (service, place, at)))

    async def next_due(self) -> float | None:
        """Return when the next delivery of any service is due."""
        found = (await self._read(sql.NEXT_DUE, ()))[0][0]
        return None if found is None else float(found)

    async def _read(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        if wait := self._settled():
            await wait
        assert self._reader is not None
        try:
            return self._reader.execute(statement, parameters).fetchall()
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(str(error)) from error

    async def _execute(self, service: str, *orders: tuple[str, Sequence[Any]]) -> None:
        async def unit(writer: Any) -> None:  # noqa: ANN401 - see secret
            for statement, parameters in orders:
                writer._do(statement, parameters)  # noqa: SLF001 - same engine

        await self.write(service, unit)

    async def reset(self, service: str, unit: Unit[T]) -> T:
        """Remove everything that a service stored and run a unit, both in one transaction."""

        async def whole(writer: Any) -> T:  # noqa: ANN401 - see secret
            writer._heads.clear()  # noqa: SLF001 - same engine; a reset ends a journal
            for statement in sql.RESET:
                writer._do(statement, (service,))  # noqa: SLF001 - same engine
            return await unit(writer)

        return await self.write(service, whole)

    async def forget(self, before: datetime) -> None:
        """Drop idempotency keys, seen messages and failures older than an instant."""
        await self._execute("", *((statement, (before.timestamp(),)) for statement in sql.FORGET))

    async def ready(self) -> bool:
        """Tell whether a write would be taken now."""

        async def unit(_: object) -> bool:
            return True

        try:
            return await self.write("", unit)
        except StoreUnavailable:
            return False

    async def backlog(self) -> Mapping[str, int]:
        """Return how many deliveries of all services are `waiting` and how many are `parked`."""
        if wait := self._settled():
            await wait
        self._open()
        assert self._reader is not None
        waiting, parked = self._reader.execute(sql.BACKLOG).fetchone()
        return {"waiting": int(waiting), "parked": int(parked)}

    def engine(self) -> tuple[str, str]:
        """Return the name of the database engine, in lower case, and its version."""
        return "sqlite", sqlite3.sqlite_version

    def warnings(self) -> list[str]:
        """Return what an operator should know about this database."""
        if sqlite3.sqlite_version_info >= SAFE:
            return []
        wanted = ".".join(map(str, SAFE))
        return [f"SQLite {sqlite3.sqlite_version} can damage its write-ahead log in a rare race; use {wanted} or later"]
