"""How a command ends badly: one message with a code, a hint, and an exit code. Loaded only then."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from typing import TYPE_CHECKING, Final

import click

from istmo.cli._main import debugging
from istmo.cli.output import safe
from istmo.cli.words import suggestion
from istmo.errors import KitError
from istmo.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

UNDECIDED: Final = 3  # also for a run that was interrupted: nothing was judged
OURS: Final = {"istmo", "istmo_conformance", "istmo_services"}


def ended(error: BaseException, words: Sequence[str]) -> int:
    """Tell an error and return the exit code."""
    if isinstance(error, BrokenPipeError):
        # The reader left: point standard output elsewhere, or the interpreter complains while it closes.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNDECIDED
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return told(KitError("interrupted", text("cli.interrupted"), text("cli.interrupted-hint")), UNDECIDED)
    if isinstance(error, click.exceptions.Exit):
        return int(error.exit_code)
    return told(understood(error, words))


def told(error: KitError, exit_code: int | None = None) -> int:
    """Print an error and return its exit code."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    sys.stderr.write(f"istmo: {text('cli.error')} {error.code}: {safe(error.message)}\n")
    if error.hint:
        sys.stderr.write(f"  {text('cli.hint')}: {safe(error.hint)}\n")
    if debugging():
        traceback.print_exc()
    return error.exit_code if exit_code is None else exit_code


def understood(error: BaseException, words: Sequence[str]) -> KitError:
    """The kit's own error for any other."""
    if isinstance(error, KitError):
        return error
    if isinstance(error, click.ClickException):
        return misused(error)
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] not in OURS:
        return not_installed(next(iter(words), "istmo"), error.name)
    lines = str(error).splitlines()
    what = f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
    return KitError("unexpected", text("cli.unexpected", what=what), text("cli.unexpected-hint"))


def not_installed(word: str, module: str) -> KitError:
    """The error for a library that an extra would have brought."""
    extra = "services" if word in {"serve", "db", "idp"} else "services,conformance"
    message = text("cli.not-installed", word=word, module=module)
    return KitError("not-installed", message, f"pip install 'istmo[{extra}]'")


def unknown_word(word: str, known: Iterable[str]) -> KitError:
    """The error for a word that is no command or no option."""
    kind = "cli.no-option" if word.startswith("-") else "cli.no-command"
    return _wrong(text(kind, word=word), suggestion(word, known))


def misused(error: click.ClickException) -> KitError:
    """What the argument parser refuses, told in the current language with a hint."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    command = ctx.command if ctx else None
    if isinstance(error, click.NoSuchOption):
        names = [name for one in command.get_params(ctx) for name in one.opts] if ctx and command else []
        return unknown_word(error.option_name, [name for name in names if name.startswith("-")])
    if isinstance(error, click.NoSuchCommand):
        return unknown_word(error.command_name, command.commands if isinstance(command, click.Group) else [])
    message = text("cli.too-many")
    if isinstance(error, click.MissingParameter):
        message = text("cli.missing", word=_name(error.param))
    elif isinstance(error, click.BadParameter):
        message = text("cli.bad-value", word=_name(error.param))
    elif isinstance(error, click.BadOptionUsage):
        message = text("cli.needs-value", word=error.option_name)
    elif isinstance(command, click.Group):
        message = text("cli.missing", word=text("cli.command-word"))
    expected = _expected(error.param) if isinstance(error, click.BadParameter) else ""
    return _wrong(message, expected or text("cli.ask-help", command=ctx.command_path if ctx else "istmo"))


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
