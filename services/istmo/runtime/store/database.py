"""A database as its operator sees it: which engine, which version of the schema, what to know about it."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from istmo.errors import KitError

from . import _connect, _sqlite_sql

MEMORY = ":memory:"


@dataclass(frozen=True, slots=True)
class State:
    """What a database is and how far its schema has come."""

    url: str  # as it may be printed
    engine: str
    version: int
    latest: int
    warnings: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """One word for the schema: `empty`, `outdated`, `current` or `newer`."""
        if self.version == self.latest:
            return "current"
        return "newer" if self.version > self.latest else "outdated" if self.version else "empty"


def state(url: str) -> State:
    """Return the state of the database of a URL; nothing is changed or made."""
    if url.startswith(_connect.POSTGRESQL):
        return asyncio.run(_postgres(url))
    path = _connect.sqlite_path(url)
    version, latest = 0, len(_sqlite_sql.MIGRATIONS)
    if path == MEMORY:
        raise KitError("database-url", "a database in memory has no schema to look after", _connect.URLS)
    if Path(path).exists():
        try:
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            connection.close()
        except sqlite3.Error as error:
            hint = "the address must name a database file of Istmo that this user may read"
            raise KitError("database", f"{url} cannot be opened: {error}", hint) from None
    return State(url, f"SQLite {sqlite3.sqlite_version}", version, latest)


async def _postgres(url: str) -> State:
    import asyncpg

    from . import _postgres_link as link
    from . import _postgres_schema as schema

    try:
        connection = await link.connect(link.checked(url), 5.0)
        try:
            facts = await link.facts_of(connection)
            version = await schema.version(connection)
        finally:
            await connection.close(timeout=1.0)
    except (asyncpg.PostgresError, *link.GONE, TimeoutError) as error:
        raise link.not_opened(error, url) from None
    refused = link.refusal(facts)
    warnings = ([refused[0]] if refused else []) + link.cautions(facts)
    number = facts["version"]
    return State(
        link.shown(url), f"PostgreSQL {number // 10_000}.{number % 10_000}", version, schema.LATEST, tuple(warnings)
    )


def upgrade(url: str) -> tuple[State, State]:
    """Bring the database of a URL up to date; return its state before and after."""
    before = state(url)
    if before.word == "newer":
        raise KitError("database", "the database was made by a newer version of Istmo", "upgrade Istmo")
    if before.word == "current":
        return before, before
    from sqlalchemy.exc import SQLAlchemyError

    from . import migrations

    try:
        migrations.upgrade(url)
    except (SQLAlchemyError, sqlite3.Error) as error:
        why = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        hint = "nothing was changed; the user of the address must own the tables and may create some"
        raise KitError("database", f"{before.url} cannot be upgraded: {why}", hint) from None
    return before, state(url)
