"""The words by which a check is started again: by a person who copies them, or by the program itself."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from click.core import ParameterSource

from istmo.errors import KitError
from istmo.texts import text

# What a person chooses for one occasion.
ONCE = frozenset({"select", "rerun", "watch", "verbose", "form", "output"})


def typed(leave_out: Iterable[str]) -> list[str]:
    """The words of the current command as they were typed, but for some options."""
    context = click.get_current_context(silent=True)
    if context is None:
        return []
    found: list[str] = []
    for parameter in context.command.params:
        name = parameter.name or ""
        if name not in leave_out and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            found += _written(parameter, context.params[name])
    return found


def _written(parameter: click.Parameter, value: object) -> list[str]:
    """One parameter as words."""
    if isinstance(parameter, click.Argument):
        return [str(value)]
    flag = parameter.opts[0]
    if isinstance(parameter, click.Option) and parameter.count:
        return [flag] * (value if isinstance(value, int) else 1)
    if isinstance(value, bool):
        return [flag]
    values = value if isinstance(value, tuple) else (value,)
    return [word for one in values for word in (flag, str(one))]


def command() -> str:
    """The command that judges the same target; a selection may follow."""
    words = typed(ONCE)
    return shlex.join(["istmo", "check", *words]) if words else ""


def failed_before(named: Sequence[str]) -> list[str]:
    """The scenarios that failed in the reports that are named; a word that names no file is the id of a scenario."""
    from istmo_conformance.report.reading import load

    found: list[str] = []
    for word in named:
        if not (word.endswith((".json", ".jsonl")) or Path(word).is_file()):
            found.append(word)
            continue
        document = load(Path(word))
        failed = {one["id"] for one in document["scenarios"] if one["verdict"] in {"fail", "error"}}
        failed |= {seen["scenario"] for one in document["requirements"] for seen in one["observations"]}
        if not failed:
            message = text("cli.check.nothing-failed", path=word)
            raise KitError("nothing-failed", message, text("cli.check.nothing-failed-hint"))
        found += sorted(failed)
    return found
