"""`istmo new`: a national service from the scaffold."""

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

    from istmo.scaffold import Answers

LARGEST: Final = 64 * 1024
ASKED: Final = ("service", "country", "project", "package", "agency", "contact")


def command() -> click.Command:
    """Make the command."""
    return Command(
        "new",
        run,
        [
            argument("slug", "[SLUG]", required=False),
            option("--country", "cli.new.country", metavar="CODE"),
            option("--project", "cli.new.project", metavar="NAME"),
            option("--package", "cli.new.package", metavar="NAME"),
            option("--agency", "cli.new.agency", metavar="TEXT"),
            option("--contact", "cli.new.contact", metavar="ADDRESS"),
            option("--bare", "cli.new.bare", is_flag=True, default=None),
            option("--output", "cli.new.output", metavar="DIR", default="."),
            option("--json answers", "cli.new.json", metavar="FILE"),
        ],
    )


def run(*, slug: str | None, output: str, answers: str | None, **typed: Any) -> int:  # noqa: ANN401 - options
    """Collect the answers, make the project, and say what to do with it."""
    from istmo import scaffold

    given = _read(answers) if answers is not None else {}
    given |= {name: value for name, value in {"service": slug, **typed}.items() if value is not None}
    if answers is None and _can_ask(given):
        given = _asked(given)
    if "service" not in given:
        raise KitError("wrong-use", text("cli.missing", word="SLUG"), text("cli.new.slug-hint"))
    judged = scaffold.answered(given)
    made = scaffold.make(judged, Path(output))
    if answers is not None:
        emit({"folder": str(made), "answers": judged.document()})
    else:
        _tell(judged, made)
    return 0


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


def _can_ask(given: Mapping[str, Any]) -> bool:
    """Tell whether a person sits there who has not said everything that has no safe default."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not {"service", "country"} <= given.keys()


def _asked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for what was not given, one question at a time; an unusable answer is asked for again."""
    from istmo.scaffold.answers import default, judged

    chosen: dict[str, Any] = {}
    for name in ASKED:
        if name in given:
            chosen[name] = judged(name, given[name])
            continue
        proposed = default(name, chosen)
        while name not in chosen:
            told = click.prompt(text(f"cli.new.ask-{name}"), default=proposed, show_default=True)
            try:
                chosen[name] = judged(name, told)
            except KitError as error:
                say(f"  {coloured(safe(error.message), 'red')}. {safe(error.hint)}")
    bare = given.get("bare")
    chosen["bare"] = click.confirm(text("cli.new.ask-bare"), default=False) if bare is None else bare
    return chosen


def _tell(answers: Answers, made: Path) -> None:
    say(text("cli.new.made", folder=coloured(safe(str(made)), "cyan")))
    say()
    for step in ("run", "test", "check"):
        say(f"  {f'make {step}':<12} {text(f'cli.new.then-{step}')}")
    say()
    say(text("cli.new.checklist" if answers.bare else "cli.new.next"))
