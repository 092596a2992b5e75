"""Chooses the engine that a database URL names; only the chosen one is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from istmo.errors import KitError

if TYPE_CHECKING:
    from ._protocol import Store

POSTGRESQL = ("postgresql://", "postgres://")
URLS = (
    "sqlite:///istmo.db (relative), sqlite:////var/lib/istmo.db (absolute), sqlite:///:memory: "
    "or postgresql://user@host:5432/database"
)


def connect(url: str, *, unit_seconds: float = 5.0, connections: int = 10, migrate: bool = True) -> Store:
    """Return the store that a database URL names; `migrate` lets it change an outdated schema by itself."""
    if url.startswith(POSTGRESQL):
        from .postgres import PostgresStore  # noqa: PLC0415 - a store on SQLite does without the driver

        return PostgresStore(url, unit_seconds=unit_seconds, connections=connections, migrate=migrate)
    path = sqlite_path(url)
    from .sqlite import SqliteStore  # noqa: PLC0415 - see above

    return SqliteStore(path, unit_seconds=unit_seconds)


def sqlite_path(url: str) -> str:
    """Return the file that a SQLite URL names, or refuse a URL of another kind without repeating it."""
    scheme, _, path = url.partition("://")
    if scheme != "sqlite" or not path.startswith("/") or len(path) == 1:
        raise KitError("database-url", "the database is neither SQLite nor PostgreSQL", URLS)
    return path[1:]
