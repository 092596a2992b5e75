"""Migrating SQLite: its files carry their version as a number of their own, which Alembic's mark follows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from istmo.runtime.store import _sqlite_sql as sql
from istmo.runtime.store.migrations import revision

STAMP_TABLE = "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"


def run(url: str, migrate: Callable[[Connection], None]) -> None:
    """Run the revisions that are missing."""
    path = url.partition("://")[2][1:]

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        for pragma in sql.PRAGMAS:
            connection.execute(pragma)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        found = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        connection.exec_driver_sql(STAMP_TABLE)
        connection.exec_driver_sql("DELETE FROM alembic_version")
        if found:
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (revision(found),))
        migrate(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {len(sql.MIGRATIONS)}")
    engine.dispose()
