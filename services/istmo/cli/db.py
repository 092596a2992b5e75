"""`istmo db`: the state of a database's schema, and its upgrade."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from istmo.cli.command import Command, Group, option
from istmo.cli.output import emit, say, table
from istmo.texts import text

if TYPE_CHECKING:
    import click

    from istmo.runtime.store.database import State

DEFAULT = "sqlite:///istmo.db"


def command() -> click.Command:
    """Make the command and the two below it."""
    database = option("--database", "cli.db.database", metavar="URL")
    as_json = option("--json as_json", "cli.json-option", is_flag=True)
    group = Group("db")
    group.add_command(Command("db.status", status, [database, as_json]))
    group.add_command(Command("db.upgrade", upgrade, [database]))
    return group


def status(*, database: str | None, as_json: bool) -> int:
    """Show what a database is; the exit code tells whether it can be used as it is."""
    from istmo.runtime.store import database as databases

    found = databases.state(_chosen(database))
    if as_json:
        emit({
            "database": found.url, "engine": found.engine, "version": found.version, "latest": found.latest,
            "state": found.word, "warnings": list(found.warnings),
        })  # fmt: skip
    else:
        _show(found)
    return {"current": 0, "newer": 2}.get(found.word, 1)


def upgrade(*, database: str | None) -> int:
    """Bring a database up to date."""
    from istmo.runtime.store import database as databases

    before, after = databases.upgrade(_chosen(database))
    key = "cli.db.nothing" if before is after else "cli.db.done"
    say(text(key, url=after.url, before=before.version, after=after.version))
    return 0


def _chosen(database: str | None) -> str:
    return database or os.environ.get("ISTMO_DATABASE") or DEFAULT


def _show(found: State) -> None:
    heads = [text(f"cli.db.{word}") for word in ("place", "engine", "version", "latest", "state")]
    row = (found.url, found.engine, found.version, found.latest, text(f"cli.db.{found.word}"))
    table(heads, [row], right=(2, 3))
    for warning in found.warnings:
        say(text("cli.db.warning", warning=warning))
    if found.word in {"empty", "outdated"}:
        say(text("cli.db.next"))
