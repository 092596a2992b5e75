"""`istmo new`: a national service, a profile or a room of the kit, from the templates."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from istmo.cli.command import Command, argument, option
from istmo.cli.output import coloured, emit, safe, say
from istmo.errors import KitError
from istmo.texts import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from istmo.scaffold import Answers, Template

LARGEST: Final = 64 * 1024
USUAL: Final = "service"


def command() -> click.Command:
    """Make the command."""
    return Command(
        "new",
        run,
        [
            argument("subject", "[NAME]", required=False),
            option("--template", "cli.new.template", metavar="NAME", default=USUAL),
            option("--country", "cli.new.country", metavar="CODE"),
            option("--project", "cli.new.project", metavar="NAME"),
            option("--package", "cli.new.package", metavar="NAME"),
            option("--agency", "cli.new.agency", metavar="TEXT"),
            option("--contact", "cli.new.contact", metavar="ADDRESS"),
            option("--bare", "cli.new.bare", is_flag=True, default=None),
            option("--set settings", "cli.new.set", metavar="NAME=TEXT", multiple=True),
            option("--output", "cli.new.output", metavar="DIR", default="."),
            option("--json answers", "cli.new.json", metavar="FILE"),
        ],
    )


def run(
    *,
    subject: str | None,
    template: str,
    output: str,
    answers: str | None,
    settings: tuple[str, ...],
    **typed: Any,  # noqa: ANN401 - options
) -> int:
    """Collect the answers, make what the template is for, and say what to do with it."""
    from istmo import scaffold

    chosen = scaffold.find(template)
    given = _read(answers) if answers is not None else {}
    given |= {name: value for name, value in typed.items() if value is not None}
    given |= {} if subject is None else {chosen.names[0]: subject}
    given |= dict(_setting(one) for one in settings)
    if answers is None and _can_ask(chosen, given):
        given = _asked(chosen, given)
    if chosen.names[0] not in given:
        raise KitError("wrong-use", text("cli.missing", word="NAME"), text(f"cli.new.{template}-hint"))
    judged = chosen.answered(given)
    made = scaffold.make(chosen, judged, Path(output))
    if answers is not None:
        emit({"folder": str(made), "answers": judged.document()})
    else:
        _tell(template, judged, made)
    return 0


def _setting(words: str) -> tuple[str, str]:
    name, equals, value = words.partition("=")
    if not equals:
        raise KitError("wrong-use", text("cli.new.no-setting"), text("cli.new.set-hint"))
    return name.strip(), value


def _read(source: str) -> dict[str, Any]:
    """Return the answers of a file, or of standard input for `-`."""
    try:
        data = sys.stdin.buffer.read(LARGEST + 1) if source == "-" else _bounded(Path(source))
        if len(data) > LARGEST:
            raise KitError("answers-file", text("cli.new.too-large"), text("cli.new.json-hint"))
        found = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise KitError("answers-file", text("cli.new.unread", reason=reason), text("cli.new.json-hint")) from None
    except (ValueError, RecursionError):
        raise KitError("answers-file", text("cli.new.no-json"), text("cli.new.json-hint")) from None
    if not isinstance(found, dict):
        raise KitError("answers-file", text("cli.new.no-json"), text("cli.new.json-hint"))
    return found


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _can_ask(template: Template[Any], given: Mapping[str, Any]) -> bool:
    """Tell whether a person sits there who has not said everything that has no safe default."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not template.needed <= given.keys()


def _asked(template: Template[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for what was not given, one question at a time; an unusable answer is asked for again."""
    chosen: dict[str, Any] = {}
    for name in template.names:
        if name in given:
            chosen[name] = template.judged(name, given[name], chosen)
            continue
        proposed = template.default(name, chosen)
        if name in template.switches:
            chosen[name] = click.confirm(text(f"cli.new.ask-{name}"), default=proposed)
        while name not in chosen:
            told = click.prompt(text(f"cli.new.ask-{name}"), default=proposed, show_default=bool(proposed))
            try:
                chosen[name] = template.judged(name, told, chosen)
            except KitError as error:
                say(f"  {coloured(safe(error.message), 'red')}. {safe(error.hint)}")
    return chosen


def _tell(template: str, answers: Answers, made: Path) -> None:
    say(text("cli.new.made", folder=coloured(safe(str(made)), "cyan")))
    say()
    if template != USUAL:
        say(text(f"cli.new.{template}-next", name=made.name))
        return
    for step in ("run", "test", "check"):
        say(f"  {f'make {step}':<12} {text(f'cli.new.then-{step}')}")
    say()
    say(text("cli.new.checklist" if answers.document()["bare"] else "cli.new.next"))
