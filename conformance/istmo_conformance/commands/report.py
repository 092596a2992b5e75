"""`istmo report`: show a report, or turn it into another form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from istmo.cli.command import Command, Group, argument, option
from istmo.cli.output import emit, say
from istmo.errors import KitError
from istmo.texts import language, text

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

JSON: TypeAlias = Any


def command() -> click.Command:
    """Make the command and the four below it."""
    file = argument("file", "FILE")
    output = option("--output", "cli.report.output", metavar="FILE")
    as_json = option("--json as_json", "cli.json-option", is_flag=True)
    group = Group("report", no_args_is_help=False)
    group.add_command(Command("report.show", show, [file, as_json]))
    group.add_command(Command("report.html", html, [file, output]))
    group.add_command(Command("report.junit", junit, [file, output]))
    group.add_command(Command("report.badge", badge, [file, output]))
    return group


def show(*, file: str, as_json: bool) -> int:
    """Print what a report says; the exit code is that of its verdict."""
    from istmo_conformance.commands import _summary
    from istmo_conformance.report.reading import load
    from istmo_conformance.verdict import EXIT_CODES, Overall

    document = load(Path(file))
    if as_json:
        emit(document)
    else:
        _summary.show(document, [])
    return EXIT_CODES[Overall(document["verdict"])]


def html(*, file: str, output: str | None) -> int:
    """Write the page."""
    from istmo_conformance.report import html as page

    return _written(file, output, "report.html", lambda document: page.render(document, language()))


def junit(*, file: str, output: str | None) -> int:
    """Write the XML."""
    from istmo_conformance.report import junit as xml

    return _written(file, output, "junit.xml", xml.render)


def badge(*, file: str, output: str | None) -> int:
    """Draw the picture."""
    from istmo_conformance.report import badge as picture

    return _written(file, output, "badge.svg", lambda document: picture.render(document, language()))


def _written(file: str, output: str | None, name: str, render: Callable[[JSON], str]) -> int:
    from istmo_conformance.report.reading import load

    path = Path(output) if output else Path(file).with_name(name)
    rendered = render(load(Path(file)))
    try:
        path.write_text(rendered, encoding="utf-8")
    except OSError as error:
        message = text("cli.check.output-file", path=path, reason=error.strerror or type(error).__name__)
        raise KitError("bad-output", message, text("cli.check.output-hint")) from None
    say(text("cli.report.written", path=path))
    return 0
