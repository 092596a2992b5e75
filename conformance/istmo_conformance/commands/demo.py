"""`istmo demo`: a right and a wrong service, both judged."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, Final

from istmo.cli.command import Command, option
from istmo.cli.output import coloured, say, table
from istmo.errors import KitError
from istmo.texts import language, text
from istmo_conformance.commands.check import REFERENCE

if TYPE_CHECKING:
    import click

    from istmo_conformance.report import Report
    from istmo_conformance.target import Target

SLUG: Final = "civil_certificates"
COUNTRY: Final = "HN"
# What the wrong service must be refused for: its public answers say more than they may.
BROKEN: Final = "civil_certificates/verification-reveals-least"
START_SECONDS: Final = 30

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def command() -> click.Command:
    """Make the command."""
    return Command("demo", run, [option("--output", "cli.demo.output", default="reports/demo", metavar="DIR")])


def run(*, output: str) -> int:
    """Serve and judge the right service over HTTP, judge the wrong one, and compare with what must come out."""
    from istmo_conformance.target import Target

    folder = Path(output)
    say(text("cli.demo.serving", slug=SLUG, country=COUNTRY))
    with served() as url:
        say(text("cli.demo.at", url=coloured(url, "cyan")))
        say(text("cli.demo.right"))
        right = judged(Target.url(url, SLUG), folder / "right")
    say(text("cli.demo.wrong"))
    place = f"{__name__}:indiscreet_reference"
    wrong = judged(Target.reference(SLUG, place, COUNTRY), folder / "wrong")
    say()
    compare(right, wrong, folder)
    return verify(right, wrong, folder)


def judged(target: Target, folder: Path) -> Report:
    """One run with its reports."""
    from istmo_conformance import runner
    from istmo_conformance.commands import _progress, _summary

    _summary.prepared(str(folder))
    sys.stdout.flush()
    with _progress.shown(verbose=False) as progress:
        report = runner.run(target, folder, language=language(), progress=progress)
    _summary.write(report.document, folder)
    return report


def compare(right: Report, wrong: Report, folder: Path) -> None:
    """Print both verdicts side by side, and where the reports are."""
    heads = [text(f"cli.demo.{word}") for word in ("service", "verdict", "failed", "report")]
    rows = []
    for name, report in (("right", right), ("wrong", wrong)):
        failed = [one["id"] for one in report.document["requirements"] if one["verdict"] == "fail"]
        verdict = text(f"verdict.{report.verdict.value}")
        page = str(folder / name / "report.html")
        shown = ", ".join(failed[:2]) or "-"
        if len(failed) > 2:  # as many as fit on a line
            shown += f", {text('summary.more', count=len(failed) - 2)}"
        rows.append((text(f"cli.demo.the-{name}"), verdict, shown, page))
    table(heads, rows)
    say()


def verify(right: Report, wrong: Report, folder: Path) -> int:
    """The demonstration holds only if each verdict is the expected one."""
    failed = {one["id"] for one in wrong.document["requirements"] if one["verdict"] == "fail"}
    if right.verdict.value != "conformant":
        verdict = text(f"verdict.{right.verdict.value}")
        what = text("cli.demo.right-refused", verdict=verdict)
    elif BROKEN not in failed or wrong.verdict.value != "not-conformant":
        what = text("cli.demo.no-requirement", requirement=BROKEN)
    else:
        say(text("cli.demo.as-expected", requirement=BROKEN))
        return 0
    hint = text("cli.demo.surprise-hint", path=folder)
    raise KitError("demo", text("cli.demo.surprise", what=what), hint)


@contextmanager
def served() -> Iterator[str]:
    """The reference in a process of its own, at a free port of this machine."""
    words = ["serve", SLUG, "--country", COUNTRY, "--port", "0", "--database", "sqlite:///:memory:"]
    process = subprocess.Popen(  # noqa: S603 - our own command, fixed words
        [sys.executable, "-m", "istmo", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "ISTMO_LOG": "0"},  # nobody reads its lines here, and a full pipe would hold it
    )
    alarm = Timer(START_SECONDS, process.kill)
    alarm.start()
    try:
        url = _announced(process)
        alarm.cancel()
        yield url
    finally:
        alarm.cancel()
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def _announced(process: subprocess.Popen[str]) -> str:
    """The address that the service prints once it answers."""
    for line in process.stdout or ():
        found = re.search(r"http://127\.0\.0\.1:[0-9]+", line)
        if found:
            return found.group()
    said = process.stderr.read().strip().splitlines() if process.stderr is not None else []
    raise KitError("demo", text("cli.demo.not-serving"), " ".join(said)[:500])


def indiscreet_reference(slug: str, country: str) -> App:
    """The reference behind a wrapper that lets out a name; the suite loads it like any other target."""
    from istmo.spec import spec

    module, _, attribute = REFERENCE.partition(":")
    app: App = getattr(importlib.import_module(module), attribute)(slug, country)
    served_spec = spec(slug)
    base = served_spec.base_path

    def public(method: str, path: str) -> bool:
        found = served_spec.match(method, path.removeprefix(base)) if path.startswith(base + "/") else None
        return method == "POST" and found is not None and found[0].public

    return indiscreet(app, public)


def indiscreet(app: App, public: Callable[[str, str], bool]) -> App:
    """Wrap an application so that each good answer of a public POST also names a holder."""

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not public(scope["method"], scope["path"]):
            await app(scope, receive, send)
            return
        parts: list[Message] = []

        async def keep(message: Message) -> None:
            parts.append(message)

        await app(scope, receive, keep)
        for message in tampered(parts):
            await send(message)

    return wrapped


def tampered(messages: list[Message]) -> list[Message]:
    """The messages of one answer, with a holder added when it is a JSON object with status 200."""
    start = messages[0]
    body = b"".join(message.get("body", b"") for message in messages[1:])
    try:
        document = json.loads(body)
    except ValueError:
        return messages
    if start["status"] != 200 or not isinstance(document, dict):  # noqa: PLR2004 - HTTP's OK
        return messages
    changed = json.dumps({**document, "holder": "Ana Lucía Mejía"}).encode()
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    headers.append((b"content-length", str(len(changed)).encode()))
    return [
        {**start, "headers": headers},
        {"type": "http.response.body", "body": changed, "more_body": False},
    ]
