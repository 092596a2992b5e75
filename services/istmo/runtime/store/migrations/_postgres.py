"""Migrating PostgreSQL: one transaction, under the lock that every process takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from istmo.runtime.store import _postgres_link as link
from istmo.runtime.store import _postgres_schema as schema
from istmo.runtime.store import _postgres_sql as sql

PATIENCE = 60.0  # seconds that one statement of a migration may wait or take


def run(url: str, migrate: Callable[[Connection], None]) -> None:
    """Run the revisions that are missing."""

    async def connect() -> Any:  # noqa: ANN401 - a connection of the untyped driver
        return await link.connect(url, PATIENCE)

    def locked(connection: Connection) -> None:
        connection.exec_driver_sql(sql.MIGRATE.format(number=schema.LOCK))
        migrate(connection)

    async def main() -> None:
        engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
        async with engine.begin() as connection:
            await connection.run_sync(locked)
        await engine.dispose()

    asyncio.run(main())
