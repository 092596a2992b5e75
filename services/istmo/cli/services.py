"""`istmo services`: the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from istmo.cli.command import Command, option
from istmo.cli.output import emit, say, table
from istmo.texts import language, text

if TYPE_CHECKING:
    import click


def command() -> click.Command:
    """Make the command."""
    return Command("services", run, [option("--json as_json", "cli.json-option", is_flag=True)])


def run(*, as_json: bool) -> int:
    """Print every service of the catalogue."""
    from istmo.spec import catalogue  # reads documents: only when the command runs

    entries = catalogue()
    if as_json:
        emit([
            {
                "slug": entry.slug, "code": entry.code, "titles": dict(entry.titles), "version": entry.version,
                "stages": entry.stages, "operations": entry.operations, "requirements": entry.requirements,
            }
            for entry in entries
        ])  # fmt: skip
        return 0
    heads = [text(f"cli.services.{word}") for word in ("slug", "title", "stage", "operations", "requirements")]
    rows = [
        (entry.slug, entry.titles[language()], entry.stages, entry.operations, entry.requirements) for entry in entries
    ]
    table(heads, rows, right=(2, 3, 4))
    say()
    say(text("cli.services.next"))
    return 0
