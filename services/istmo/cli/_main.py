"""The program `istmo`: speaks the language, finds the command, and turns every error into a message and an exit code.

Help and the way to a command import next to nothing: even the argument parser is loaded by the command that uses it.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from istmo.cli.table import COMMANDS
from istmo.texts import LANGUAGES, text, use

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

OPTIONS = ("--lang", "--version", "--help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = run(words)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last net: no command prints a traceback
        from istmo.cli import _endings

        return _endings.ended(error, words)
    return code


def run(words: list[str]) -> int:
    """Do what the words say."""
    words = spoken(words)
    first = words[0] if words else "--help"
    if first in {"--help", "--version"}:
        sys.stdout.write(overview() if first == "--help" else version())
        return 0
    place = COMMANDS.get(first)
    if place is None:
        from istmo.cli import _endings

        raise _endings.unknown_word(first, [*COMMANDS, *OPTIONS])
    result = load(place).main(words[1:], prog_name=f"istmo {first}", standalone_mode=False)
    return result if isinstance(result, int) else 0


def load(place: str) -> click.Command:
    """The command behind a place of the table."""
    module, _, attribute = place.partition(":")
    command: click.Command = getattr(import_module(module), attribute)()
    return command


def spoken(words: list[str]) -> list[str]:
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
            from istmo.errors import KitError

            raise KitError("unknown-language", text("cli.unknown-language"), "--lang es | --lang en")
        use(code)
    return rest


def version() -> str:
    """The version of the installed kit."""
    from importlib.metadata import version as installed

    return f"istmo {installed('istmo')}\n"


def overview() -> str:
    """The help of the program: its options and the commands of the table."""
    options = [("--lang es|en", text("cli.lang-option")), ("--version", text("cli.version-option")),
               ("--help", text("cli.help-option"))]  # fmt: skip
    commands = [(name, text(f"cli.{name}.short")) for name in COMMANDS]
    lines = [
        f"{text('cli.usage')} istmo {text('cli.options-word')} {text('cli.command-word')}", "",
        *wrapped(text("cli.istmo.help"), "  "), "", f"{text('cli.options')}:", *rows(options), "",
        f"{text('cli.commands')}:", *rows(commands), "", text("cli.examples") + ":",
        *(f"  {line}" for line in text("cli.istmo.examples").splitlines()),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def rows(pairs: list[tuple[str, str]]) -> list[str]:
    """Names in a column, their sentences beside them."""
    width = max(len(name) for name, _ in pairs) + 4
    lines: list[str] = []
    for name, sentence in pairs:
        first, *rest = wrapped(sentence, " " * width)
        lines += [f"  {name}".ljust(width) + first.strip(), *rest]
    return lines


def wrapped(sentence: str, indent: str, width: int = 78) -> list[str]:
    """A sentence on several lines."""
    lines = [indent]
    for word in sentence.split():
        joined = f"{lines[-1]}{'' if lines[-1] == indent else ' '}{word}"
        if len(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(indent + word)
    return lines


def debugging() -> bool:
    """Whether somebody looks for an error in the kit."""
    return os.environ.get("ISTMO_DEBUG") == "1"
