"""`istmo report`: show a report, or turn it into another form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from istmo.cli.command import Command, Group, argument, option
from istmo.cli.output import emit, safe, say
from istmo.errors import KitError
from istmo.texts import language, text

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

JSON: TypeAlias = Any


def command() -> click.Command:
    """Make the command and those below it."""
    file = argument("file", "FILE")
    output = option("--output", "cli.report.output", metavar="FILE")
    as_json = option("--json as_json", "cli.json-option", is_flag=True)
    group = Group("report", no_args_is_help=False)
    group.add_command(Command("report.show", show, [file, as_json]))
    group.add_command(Command("report.html", html, [file, output]))
    group.add_command(Command("report.junit", junit, [file, output]))
    group.add_command(Command("report.badge", badge, [file, output]))
    group.add_command(Command("report.annotations", annotated, [file]))
    group.add_command(Command("report.bundle", bundle, [file, output]))
    public = option("--key", "cli.report.public-key", metavar="PUBLIC.pem")
    group.add_command(Command("report.verify", verify, [file, public, as_json]))
    private = option("--key", "cli.report.private-key", metavar="KEY.pem", required=True)
    group.add_command(Command("report.sign", sign, [file, private]))
    group.add_command(Command("report.keygen", keygen, [argument("name", "NAME")]))
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


def annotated(*, file: str) -> int:
    """Print the lines that a workflow of GitHub shows beside the code."""
    import sys

    from istmo_conformance.report.github import render
    from istmo_conformance.report.reading import load

    sys.stdout.write(render(load(Path(file)), language()))
    return 0


def bundle(*, file: str, output: str | None) -> int:
    """Pack the files of a run into one."""
    from istmo_conformance.report import bundle as packing

    folder = Path(file) if Path(file).is_dir() else Path(file).parent
    path = Path(output) if output else folder / packing.NAME
    _put(path, lambda: packing.write(packing.made(folder), path))
    return 0


def verify(*, file: str, key: str | None, as_json: bool) -> int:
    """Say what a bundle proves; the exit code says whether it proves it."""
    from istmo_conformance.report.verify import verify as verified

    found = verified(Path(file), Path(key) if key else None)
    if as_json:
        emit({
            "exitCode": found.exit_code, "verdict": found.report["verdict"], "differing": found.differing,
            "steps": [{"name": one.name, "holds": one.holds, "why": one.why} for one in found.steps],
        })  # fmt: skip
        return found.exit_code
    words = {True: "verify.yes", False: "verify.no", None: "verify.open"}
    names = [text(f"verify.step.{one.name}") for one in found.steps]
    marks = [text(words[one.holds]) if one.asked else "-" for one in found.steps]
    for name, mark, one in zip(names, marks, found.steps, strict=True):
        say(f"{name.ljust(max(map(len, names)))}  {mark.ljust(max(map(len, marks)))}  {safe(one.why)}")
    for name, why in list(found.differing.items())[:10]:
        say(f"    {safe(name)}: {safe(why)}")
    ending = {0: "verify.verified", 1: "verify.refuted"}.get(found.exit_code, "verify.undecided")
    spec = found.report["spec"]
    verdict, stage = text(f"verdict.{found.report['verdict']}"), found.report["stage"]["observed"]
    say(text(ending, verdict=verdict, service=spec["service"], version=spec["version"], stage=stage))
    return found.exit_code


def sign(*, file: str, key: str) -> int:
    """Put a signed statement into a bundle that holds together."""
    from istmo_conformance.report import bundle as packing
    from istmo_conformance.report import statement

    private, path = statement.private_key(Path(key)), Path(file)
    found = packing.opened(path)
    if packing.REPORT not in found.files or path.is_dir():
        raise KitError("wrong-use", text("keys.sign-what", path=path), "istmo report bundle reports")
    _hold(path)
    sealed = json.dumps(statement.signed(found, private), indent=1) + "\n"
    signed = packing.Bundle(path, {**found.files, packing.STATEMENT: sealed.encode("utf-8")})
    _put(path, lambda: packing.write(signed, path))
    say(text("keys.signed-by", keyid=statement.keyid(private.public_key())))
    return 0


def _hold(path: Path) -> None:
    """Refuse to sign what does not hold together: a signature must not lend it weight."""
    from istmo_conformance.report.verify import verify as verified

    broken = next((one for one in verified(path).steps if one.holds is False and one.name != "signature"), None)
    if broken is not None:
        raise KitError("not-verified", text("keys.not-verified", why=broken.why), f"istmo report verify {path}")


def keygen(*, name: str) -> int:
    """Make a pair of keys."""
    from istmo_conformance.report import statement

    private, public = Path(f"{name}.key.pem"), Path(f"{name}.pub.pem")
    fingerprint = statement.generate(private, public)
    say(text("keys.made", private=private, public=public))
    say(text("keys.fingerprint", keyid=fingerprint))
    return 0


def _written(file: str, output: str | None, name: str, render: Callable[[JSON], str]) -> int:
    from istmo_conformance.report.reading import load

    path = Path(output) if output else Path(file).with_name(name)
    rendered = render(load(Path(file)))
    _put(path, lambda: path.write_text(rendered, encoding="utf-8"))
    return 0


def _put(path: Path, write: Callable[[], object]) -> None:
    """Write a file and say so."""
    try:
        write()
    except OSError as error:
        message = text("cli.check.output-file", path=path, reason=error.strerror or type(error).__name__)
        raise KitError("bad-output", message, text("cli.check.output-hint")) from None
    say(text("cli.report.written", path=path))
