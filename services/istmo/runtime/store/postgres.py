"""PostgreSQL, for production: a unit is one transaction; what went wrong by chance runs again, then alone."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from istmo.errors import KitError
from istmo.runtime import failpoints

from . import _postgres_link as link
from . import _postgres_schema as schema
from . import _postgres_sql as sql
from ._postgres_group import Doing, Group
from ._postgres_pools import Pools, abandon
from ._postgres_views import PostgresReader, PostgresWriter
from ._protocol import KeyBusy, StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from ._postgres_views import Fetch
    from ._protocol import Reader, Unit

T = TypeVar("T")

TRIES = 4  # a unit runs once, and three times more when chance was against it
READY_SECONDS = 1.0
RELEASE_SECONDS = 1.0


class PostgresStore:
    """The store of production; any number of processes may share its database."""

    def __init__(
        self,
        url: str,
        *,
        unit_seconds: float = 5.0,
        read_seconds: float = 2.0,
        connections: int = 10,
        migrate: bool = True,
    ) -> None:
        self.url = link.checked(url)
        self._unit_seconds = unit_seconds
        self._read_seconds = read_seconds
        self._connections = connections
        self._migrate = migrate
        self._pools: Pools | None = None
        self._facts: Mapping[str, Any] | None = None
        self._version = "unknown"

    @property
    def alone(self) -> bool:
        """Whether no other process can ever see this database."""
        return False

    # ------------------------------------------------------------------ life

    async def open(self) -> None:
        """Connect, refuse what is unsafe, bring the schema up to date; opening twice is harmless."""
        if self._facts is not None:
            return
        try:
            connection = await link.connect(self.url, self._unit_seconds)
            try:
                facts = await link.facts_of(connection)
                refused = link.refusal(facts)
                if refused:
                    message, hint = refused
                    raise KitError("unsafe-database", f"{link.shown(self.url)} is not safe: {message}", hint)
                if facts["read_only"]:
                    hint = "name the primary server"
                    raise KitError("database", f"{link.shown(self.url)} takes no writes: it is a standby", hint)
                await schema.prepare(connection, self.url, migrate=self._migrate)
            finally:
                await connection.close(timeout=RELEASE_SECONDS)
        except (asyncpg.PostgresError, *link.GONE, TimeoutError) as error:
            raise link.not_opened(error, self.url) from None
        number = int(facts["version"])
        self._facts, self._version = facts, f"{number // 10000}.{number % 10000}"

    async def close(self) -> None:
        """Finish the units under way and disconnect."""
        pools, self._pools, self._facts = self._pools, None, None
        if pools is None:
            return
        if pools.loop is not asyncio.get_running_loop():
            abandon(pools)
            return
        if pools.under_way:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._unit_seconds):
                    await pools.idle.wait()
        for pool in (pools.units, pools.views):
            try:
                async with asyncio.timeout(self._unit_seconds):
                    await pool.close()
            except (asyncpg.PostgresError, *link.GONE, TimeoutError):
                pool.terminate()

    async def _here(self) -> Pools:
        """Return the pools of this event loop; those of another loop are given up."""
        if self._facts is None:
            raise StoreUnavailable("the store is closed")
        loop = asyncio.get_running_loop()
        if self._pools is None or self._pools.loop is not loop:
            if self._pools is not None:
                abandon(self._pools)
            connections: set[Any] = set()
            units = max(self._connections // 2, 1)
            views = max(self._connections - units, 1)
            self._pools = Pools(loop, self._pool(units, connections), self._pool(views, connections), connections)
            await self._pools.units
            await self._pools.views
        return self._pools

    def _pool(self, size: int, connections: set[Any]) -> Any:  # noqa: ANN401 - a pool of the untyped driver
        async def prepare(connection: Any) -> None:  # noqa: ANN401 - see above
            try:
                refused = link.refusal(await link.facts_of(connection))
            except BaseException:
                connection.terminate()  # the driver would close it politely, and wait for ever on a silent line
                raise
            if refused:
                raise StoreUnavailable(f"the database is not safe: {refused[0]}")
            connections.add(connection)
            connection.add_termination_listener(connections.discard)

        return asyncpg.create_pool(
            self.url,
            min_size=0,
            max_size=size,
            init=prepare,
            timeout=link.CONNECT_SECONDS,
            server_settings=link.session(self._unit_seconds),
            connection_class=link.Connection,
        )

    @contextlib.asynccontextmanager
    async def _connection(self, pool: Any, until: float) -> AsyncIterator[Any]:  # noqa: ANN401 - see _pool
        """Lend a connection; waiting for one ends at `until`, giving it back at once or with its end."""
        try:
            async with asyncio.timeout_at(until):
                connection = await pool.acquire()
        except TimeoutError:
            raise StoreBusy("no connection to the database came free in time") from None
        except (asyncpg.PostgresError, *link.GONE) as error:
            raise StoreUnavailable(link.reason(error)) from None
        try:
            yield connection
        finally:
            with contextlib.suppress(asyncpg.PostgresError, *link.GONE, TimeoutError):
                if connection.is_in_transaction():
                    await connection.execute("ROLLBACK", timeout=RELEASE_SECONDS)
            with contextlib.suppress(asyncpg.PostgresError, *link.GONE, TimeoutError):
                await pool.release(connection, timeout=RELEASE_SECONDS)

    # ------------------------------------------------------------------ reading

    def reader(self, service: str) -> Reader:
        """Return a view of one service's committed records."""
        if self._facts is None:
            raise StoreUnavailable("the store is closed")
        return PostgresReader(self._view, service)

    async def _view(self, statement: str, *parameters: Any) -> Sequence[Any]:  # noqa: ANN401 - of any type
        """Run a read."""
        return await self._by_itself(self._read_seconds, statement, parameters)

    async def _by_itself(
        self,
        seconds: float,
        statement: str,
        parameters: Sequence[Any],
        pools: Pools | None = None,
    ) -> Sequence[Any]:
        """Run a statement that may run twice; one that met a connection of before a restart does."""
        pools = pools or await self._here()
        until = pools.loop.time() + seconds
        for last in (False, True):
            async with self._connection(pools.views, until) as connection:
                try:
                    async with asyncio.timeout_at(until):
                        rows: Sequence[Any] = await connection.fetch(statement, *parameters)
                        return rows
                except (asyncpg.PostgresError, *link.GONE, TimeoutError) as error:
                    failure = link.unavailable(error)
                    if failure is None:
                        raise
                    if last or not link.gone(error):
                        raise failure from None
        raise AssertionError("the second try returns or raises")

    # ------------------------------------------------------------------ writing

    async def write(self, service: str, unit: Unit[T]) -> T:
        """Run a unit and return its result after the commit, which it shares with others that are ready."""
        pools = await self._here()
        group = pools.groups.get(service)
        if group is None:
            group = pools.groups[service] = Group(self._doing(pools), service)
        with pools.working():
            return await group.write(unit, pools.loop.time() + self._unit_seconds)

    def _doing(self, pools: Pools) -> Doing:
        """Return what a group does with the connections of its event loop."""

        async def beside(statement: str, *parameters: Any) -> Sequence[Any]:  # noqa: ANN401 - of any type
            return await self._by_itself(self._unit_seconds, statement, parameters, pools)

        async def slowly(service: str, unit: Unit[T], until: float, *, alone: bool) -> T:
            return await self._apart(pools, beside, service, unit, until, alone=alone)

        def lent(until: float) -> AbstractAsyncContextManager[Any]:
            return self._connection(pools.units, until)

        async def commit(connection: Any, statements: str) -> None:  # noqa: ANN401 - see _pool
            await self._commit(connection, statements)

        return Doing(beside, lent, commit, slowly, self._unit_seconds)

    async def _apart(self, pools: Pools, beside: Fetch, service: str, unit: Unit[T], until: float, *, alone: bool) -> T:
        """Run a unit in a transaction of its own."""
        for left in reversed(range(TRIES)):
            try:
                return await self._once(pools, beside, service, unit, until, alone=alone)
            except link.Again as again:
                if not left or pools.loop.time() > until:
                    raise again.told from None
                alone = alone or again.alone
            await asyncio.sleep(random.uniform(0.001, 0.02))  # noqa: S311 - jitter
        raise AssertionError("the last try returns or raises")

    async def _once(self, pools: Pools, beside: Fetch, service: str, unit: Unit[T], until: float, *, alone: bool) -> T:
        """Run a unit one time; whatever is open when this ends is undone with its connection's return."""
        async with self._connection(pools.units, until) as connection:
            writer = PostgresWriter(connection, beside, service, alone=alone)
            mode = sql.ALONE if alone else sql.SIDE_BY_SIDE
            try:
                async with asyncio.timeout_at(until):
                    await connection.execute(sql.BEGIN.format(mode=mode, gate=link.lock_number("gate", service)))
                    result = await unit(writer)
                    commit = await writer.finish()
            except Exception as error:
                verdict = _verdict(writer, error)
                if verdict is error:
                    raise
                raise verdict from None
            if writer.error is not None or writer.lost:  # the unit went on as if nothing had happened
                raise _verdict(writer, StoreBusy("others changed what the unit had read"))
            await self._commit(connection, commit)
            return result

    async def _commit(self, connection: Any, statements: str) -> None:  # noqa: ANN401 - see _pool
        try:
            failpoints.reach("before-commit")
            tag = await connection.execute(statements, timeout=self._unit_seconds)
            failpoints.reach("after-commit")
        except link.AGAIN as error:  # told by the link, so the commit was never tried
            raise link.Again(StoreBusy(link.reason(error)), alone=True) from None
        except asyncpg.LockNotAvailableError as error:  # told by the link as well
            raise StoreBusy(link.reason(error)) from None
        except (asyncpg.PostgresError, *link.GONE, TimeoutError) as error:
            raise StoreUnavailable(f"the commit was not confirmed: {link.reason(error)}") from None
        if tag != "COMMIT":
            raise StoreUnavailable("the transaction was undone")

    async def _do(self, *statements: str, parameters: Sequence[Any] = ()) -> Sequence[Any]:
        """Run statements that belong to no service's unit in one transaction and return the last one's rows."""
        pools = await self._here()
        rows: Sequence[Any] = ()
        async with self._connection(pools.units, pools.loop.time() + self._unit_seconds) as connection:
            try:
                async with asyncio.timeout(self._unit_seconds), connection.transaction():
                    for statement in statements:
                        rows = await connection.fetch(statement, *parameters)
            except (asyncpg.PostgresError, *link.GONE, TimeoutError) as error:
                raise link.unavailable(error) or error from None
        return rows

    # ------------------------------------------------------------------ the rest

    async def secret(self, name: str, make: Callable[[], str]) -> str:
        """Return a value that all processes on this database share, made by the first that asks."""
        found = await self._view(sql.SECRET, name)
        if not found:
            await self._do(sql.ADD_SECRET, parameters=(name, make()))
            found = await self._view(sql.SECRET, name)
        return str(found[0][0])

    async def shared(self, name: str) -> str | None:
        """Return a committed value that all processes see."""
        found = await self._view(sql.SHARED, name)
        return str(found[0][0]) if found else None

    async def share(self, name: str, value: str | None) -> None:
        """Set a value for all processes; None removes it."""
        if value is None:
            await self._do(sql.UNSHARE, parameters=(name,))
        else:
            await self._do(sql.SHARE, parameters=(name, value))

    async def failures(self, service: str, place: str, since: float) -> list[float]:
        """Return when something failed at a place after an instant, the oldest first."""
        return [float(row[0]) for row in await self._view(sql.FAILURES, service, place, since)]

    async def fail(self, service: str, place: str, at: float) -> None:
        """Note a failure at a place."""
        await self._do(sql.FAIL, parameters=(service, place, at))

    async def next_due(self) -> float | None:
        """Return when the next delivery of any service is due."""
        found = (await self._view(sql.NEXT_DUE))[0][0]
        return None if found is None else float(found)

    async def reset(self, service: str, unit: Unit[T]) -> T:
        """Remove everything that a service stored, once its units under way have ended; then run a unit."""
        gate = sql.BEGIN.format(mode=sql.ALONE, gate=link.lock_number("gate", service)).partition(";")[2]
        pools = await self._here()
        async with self._connection(pools.units, pools.loop.time() + self._unit_seconds) as connection:
            try:
                async with asyncio.timeout(self._unit_seconds), connection.transaction():
                    await connection.execute(gate)
                    for statement in (sql.RESET_NUMBER, *sql.RESET):
                        await connection.execute(statement, service)
            except (asyncpg.PostgresError, *link.GONE, TimeoutError) as error:
                raise link.unavailable(error) or error from None
        return await self.write(service, unit)

    async def forget(self, before: datetime) -> None:
        """Drop idempotency keys, seen messages and failures older than an instant."""
        await self._do(*sql.FORGET, parameters=(before.timestamp(),))

    async def ready(self) -> bool:
        """Tell whether a write would be taken now."""
        try:
            pools = await self._here()
            async with self._connection(pools.units, pools.loop.time() + READY_SECONDS) as connection:
                return bool(await connection.fetchval(sql.WRITABLE, timeout=READY_SECONDS))
        except (StoreUnavailable, asyncpg.PostgresError, *link.GONE, TimeoutError):
            return False

    async def backlog(self) -> Mapping[str, int]:
        """Return how many deliveries of all services are `waiting` and how many are `parked`."""
        waiting, parked = (await self._view(sql.BACKLOG))[0]
        return {"waiting": int(waiting), "parked": int(parked)}

    def engine(self) -> tuple[str, str]:
        """Return the name of the database engine, in lower case, and its version."""
        return "postgresql", self._version

    def warnings(self) -> list[str]:
        """Return what an operator should know about this database."""
        return [] if self._facts is None else link.cautions(self._facts)


def _verdict(writer: PostgresWriter, error: Exception) -> Exception:
    """Return what a unit's failure means: run it again, tell that the store is busy or gone, or the error itself."""
    cause = writer.error or error
    failure = link.unavailable(cause)
    if writer.at_key and isinstance(failure, StoreBusy):
        return KeyBusy("the first call with this idempotency key still runs")
    if writer.lost:
        return link.Again(error, alone=True)
    if failure is None:
        return writer.error if writer.error is not None and isinstance(error, StoreBusy) else error
    if isinstance(cause, link.AGAIN):
        return link.Again(failure, alone=True)
    if link.gone(cause):
        return link.Again(failure, alone=False)
    return failure
