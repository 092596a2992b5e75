"""The schema of a PostgreSQL database: made at once when it is empty, migrated by Alembic when it is outdated."""

from __future__ import annotations

import asyncio
from typing import Any

from istmo.errors import KitError

from . import _postgres_link as link
from . import _postgres_sql as sql

LATEST = len(sql.MIGRATIONS)
LOCK = link.lock_number("schema")


async def version(connection: Any) -> int:  # noqa: ANN401 - a connection of the untyped driver
    """Return the version of the schema; 0 when there is none."""
    stamped, used = await connection.fetchrow(sql.STAMPED)
    found = await connection.fetchval(sql.VERSION) if stamped else None
    if found is None and used:
        hint = "use another database: this one holds a table named record that is not Istmo's"
        raise KitError("database", "the database belongs to another program", hint)
    return int(found) if found else 0


async def prepare(connection: Any, url: str, *, migrate: bool) -> None:  # noqa: ANN401 - see version
    """Bring the schema up to date, or refuse; several processes may do so at once."""
    found = await version(connection)
    if found == LATEST:
        return
    if found > LATEST:
        raise KitError("database", "the database was made by a newer version of Istmo", "upgrade Istmo")
    if not migrate:
        message = f"the schema of the database has version {found}, and this program needs {LATEST}"
        raise KitError("outdated-database", message, "run once, with the same ISTMO_DATABASE: istmo db upgrade")
    if found == 0 and await _create(connection):
        return
    from . import migrations  # noqa: PLC0415 - the migration tool is loaded for a migration only

    await asyncio.to_thread(migrations.upgrade, url)


async def _create(connection: Any) -> bool:  # noqa: ANN401 - see version
    """Make the whole schema in an empty database; False when another process was faster."""
    async with connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
        await connection.execute(sql.MIGRATE.format(number=LOCK))
        if await version(connection) != 0:
            return await version(connection) == LATEST
        for script in (*sql.MIGRATIONS, sql.STAMP_TABLE):
            await connection.execute(script)
        await connection.execute(sql.STAMP, f"{LATEST:04d}")
    return True
