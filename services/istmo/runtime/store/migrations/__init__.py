"""Brings the schema of a database to the latest version; this package alone loads Alembic and SQLAlchemy.

The statements stand beside the engines, once for each version and dialect; a revision executes them.
"""

from __future__ import annotations

from pathlib import Path

from istmo.runtime.store import _postgres_sql, _sqlite_sql

HERE = Path(__file__).parent
SCRIPTS = {"postgresql": _postgres_sql.MIGRATIONS, "sqlite": _sqlite_sql.MIGRATIONS}


def statements(dialect: str, version: int) -> list[str]:
    """Return what brings a database of a dialect to a version from the one before it."""
    script = SCRIPTS[dialect][version - 1]
    return [part.strip() for part in script.split(";") if part.strip()]


def revision(version: int) -> str:
    """Return the name that Alembic knows a version by."""
    return f"{version:04d}"


def upgrade(url: str) -> None:
    """Bring the database of a URL up to date."""
    from alembic import command  # a service on an up-to-date database never comes here
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["url"] = url
    command.upgrade(config, "head")
