"""What the argument parser refuses, told in the current language with a hint."""

from __future__ import annotations

import click

from istmo.cli.words import suggestion
from istmo.errors import KitError
from istmo.texts import text


def understood(error: click.ClickException) -> KitError:
    """The kit's own error for an error of the argument parser."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    ask = text("cli.ask-help", command=ctx.command_path if ctx else "istmo")
    if isinstance(error, click.NoSuchOption):
        known = [name for parameter in ctx.command.get_params(ctx) for name in parameter.opts] if ctx else []
        return _wrong(text("cli.no-option", word=error.option_name), suggestion(error.option_name, known))
    if isinstance(error, click.MissingParameter):
        return _wrong(text("cli.missing", word=_name(error.param)), ask)
    if isinstance(error, click.BadParameter):
        return _wrong(text("cli.bad-value", word=_name(error.param)), _expected(error.param) or ask)
    if isinstance(error, click.BadOptionUsage):
        return _wrong(text("cli.needs-value", word=error.option_name), ask)
    if isinstance(error, click.NoSuchCommand):
        known = ctx.command.list_commands(ctx) if ctx and isinstance(ctx.command, click.Group) else []
        return _wrong(text("cli.no-command", word=error.command_name), suggestion(error.command_name, known))
    if ctx is not None and isinstance(ctx.command, click.Group):
        return _wrong(text("cli.missing", word=text("cli.command-word")), ask)
    return _wrong(text("cli.too-many"), ask)


def _wrong(message: str, hint: str) -> KitError:
    return KitError("wrong-use", message, hint)


def _name(parameter: click.Parameter | None) -> str:
    if parameter is None:
        return "?"
    return parameter.human_readable_name if isinstance(parameter, click.Argument) else parameter.opts[0]


def _expected(parameter: click.Parameter | None) -> str:
    """What a parameter takes, when its type knows."""
    kind = parameter.type if parameter is not None else None
    if isinstance(kind, click.Choice):
        return text("words.known", words=", ".join(map(str, kind.choices)))
    if isinstance(kind, click.IntRange):
        return text("cli.range", low=kind.min, high=kind.max)
    return ""
