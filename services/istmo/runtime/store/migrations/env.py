"""Alembic runs this file for every migration: it connects, locks, and keeps both marks of a version equal."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from istmo.runtime.store.migrations import _postgres, _sqlite

url: str = context.config.attributes["url"]
engine = _sqlite if url.startswith("sqlite:") else _postgres


def migrate(connection: Connection) -> None:
    """Run the revisions that are missing, in the transaction that the engine has begun."""
    context.configure(connection=connection, transactional_ddl=True)
    context.run_migrations()


engine.run(url, migrate)
