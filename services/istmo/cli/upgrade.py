"""`istmo upgrade`: what the installed kit would change in a project that an older one has made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from istmo.cli.command import Command, argument, option
from istmo.cli.output import coloured, emit, safe, say
from istmo.texts import text

if TYPE_CHECKING:
    import click

    from istmo.scaffold.upgrade import Plan

COLOURS = {"conflict": "red", "kept": "yellow"}


def command() -> click.Command:
    """Make the command."""
    return Command(
        "upgrade",
        run,
        [
            argument("project", "[DIR]", default="."),
            option("--apply write", "cli.upgrade.apply", is_flag=True),
            option("--diff only", "cli.upgrade.diff", is_flag=True),
            option("--json as_json", "cli.json-option", is_flag=True),
        ],
    )


def run(*, project: str, write: bool, only: bool, as_json: bool) -> int:
    """Show the changes, or make them; the exit code tells whether something is left to do."""
    from istmo.scaffold import upgrade

    folder = Path(project)
    planned = upgrade.plan(folder)
    if write:
        upgrade.apply(folder, planned)
    if as_json:
        emit({
            "from": planned.before.kit, "to": planned.kit, "applied": write,
            "changes": [{"path": one.path, "kind": one.kind} for one in planned.changes],
            "requirements": {kind: list(ids) for kind, ids in planned.requirements.items()},
            "diff": planned.diff,
        })  # fmt: skip
    elif only:
        say(planned.diff.rstrip("\n"))
    else:
        _show(planned, written=write)
    return int(bool(planned.conflicts if write else planned.changes))


def _show(planned: Plan, *, written: bool) -> None:
    say(text("cli.upgrade.versions", before=planned.before.kit, after=planned.kit))
    for kind, ids in planned.requirements.items():
        for requirement in ids:
            say(f"  {text(f'cli.upgrade.requirement-{kind}')}: {safe(requirement)}")
    if not planned.changes:
        say(text("cli.upgrade.nothing"))
        return
    say()
    for one in planned.changes:
        word = text(f"cli.upgrade.{one.kind}")
        say(f"  {coloured(word, COLOURS.get(one.kind, 'green'))} {safe(one.path)}")
    if not written and planned.diff:
        say()
        say(planned.diff.rstrip("\n"))
    say()
    if planned.conflicts:
        say(text("cli.upgrade.conflicts", count=len(planned.conflicts)))
    say(text("cli.upgrade.applied" if written else "cli.upgrade.next"))
