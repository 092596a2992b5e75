"""The program `istmo`: finds the command, speaks the language, and turns every error into a message and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

import click

from istmo.cli._usage import understood
from istmo.cli.command import Group, option
from istmo.cli.output import safe
from istmo.cli.table import COMMANDS
from istmo.errors import KitError
from istmo.texts import LANGUAGES, text, use

if TYPE_CHECKING:
    from collections.abc import Sequence

WRONG_USE: Final = 2
UNDECIDED: Final = 3  # also for a run that was interrupted: nothing was judged


class Program(Group):
    """The words of the table; a command's module is imported when its word is typed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The words of the table, in its order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Import the module of a command and let it build the command."""
        place = COMMANDS.get(cmd_name)
        return loaded(cmd_name, place) if place else None


def loaded(word: str, place: str) -> click.Command:
    """The command behind a place of the table; a missing extra is named."""
    module, _, attribute = place.partition(":")
    try:
        return cast("click.Command", getattr(import_module(module), attribute)())
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.partition(".")[0] in {"istmo", "istmo_conformance", "istmo_services"}:
            raise
        raise not_installed(word, missing) from error


def not_installed(word: str, module: str) -> KitError:
    """The error for a library that an extra would have brought."""
    extra = "services" if word in {"serve", "idp"} else "services,conformance"
    return KitError(
        "not-installed", text("cli.not-installed", word=word, module=module), f"pip install 'istmo[{extra}]'"
    )


def program() -> Program:
    """The root command, made in the current language."""
    return Program(
        "istmo",
        params=[
            option("--lang", "cli.lang-option", metavar="es|en", expose_value=False),
            option("--version", "cli.version-option", is_flag=True, is_eager=True, expose_value=False,
                   callback=_version),
        ],
    )  # fmt: skip


def _version(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:  # noqa: ARG001 - click's
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version  # costs as much as the whole help: only when asked

        click.echo(f"istmo {version('istmo')}")
        ctx.exit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        words = _spoken(words)
        result = program().main(words or ["--help"], prog_name="istmo", standalone_mode=False)
        sys.stdout.flush()
    except KitError as error:
        return _told(error)
    except (click.Abort, KeyboardInterrupt):
        return _told(KitError("interrupted", text("cli.interrupted"), ""), UNDECIDED)
    except BrokenPipeError:
        # The reader left: point stdout elsewhere, or the interpreter complains while it closes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNDECIDED
    except click.ClickException as error:
        return _told(understood(error))
    except Exception as error:  # noqa: BLE001 - the last net: no command prints a traceback
        return _unexpected(error)
    return result if isinstance(result, int) else 0


def _spoken(words: list[str]) -> list[str]:
    """Choose the language that `--lang` names, wherever it stands, and return the other words."""
    rest: list[str] = []
    queue = iter(words)
    for word in queue:
        if word == "--":
            return [*rest, word, *queue]
        name, equals, value = word.partition("=")
        if name != "--lang":
            rest.append(word)
            continue
        code = (value if equals else next(queue, ""))[:2].lower()
        if code not in LANGUAGES:
            raise KitError("unknown-language", text("cli.unknown-language"), "--lang es | --lang en")
        use(code)
    return rest


def _told(error: KitError, exit_code: int | None = None) -> int:
    """Print an error as one message with its code and hint, and return its exit code."""
    sys.stderr.write(f"istmo: {text('cli.error')} {error.code}: {safe(error.message)}\n")
    if error.hint:
        sys.stderr.write(f"  {text('cli.hint')}: {safe(error.hint)}\n")
    if os.environ.get("ISTMO_DEBUG") == "1":
        _traceback()
    return error.exit_code if exit_code is None else exit_code


def _unexpected(error: Exception) -> int:
    """Own up to an error nobody foresaw; its traceback is shown to those who ask."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _told(not_installed(next(iter(sys.argv[1:]), "istmo"), error.name))
    lines = str(error).splitlines()
    what = f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
    return _told(KitError("unexpected", text("cli.unexpected", what=what), text("cli.unexpected-hint")), WRONG_USE)


def _traceback() -> None:
    import traceback  # only for ISTMO_DEBUG=1

    traceback.print_exc()
