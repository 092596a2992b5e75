"""`istmo check`: judge a service."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from istmo.cli import words
from istmo.cli.command import Command, argument, option
from istmo.cli.output import emit
from istmo.errors import KitError
from istmo.texts import language, text

if TYPE_CHECKING:
    from istmo_conformance.property import Budget
    from istmo_conformance.subject_file import SubjectFile
    from istmo_conformance.target import Target

# Who builds a reference service; named as text, because the suite sees nothing of what it judges.
REFERENCE: Final = "istmo.cli.reference:build"


def command() -> click.Command:
    """Make the command."""
    return Command(
        "check",
        run,
        [
            argument("url", "[URL]", required=False),
            option("--app", "cli.check.app", metavar="M:A"),
            option("--reference", "cli.check.reference", metavar="SLUG"),
            option("--service", "cli.check.service", metavar="SLUG"),
            option("--stage", "cli.check.stage", type=click.IntRange(1, 5), metavar="N"),
            option("--country", "cli.check.country", metavar="CODE"),
            option("--output", "cli.check.output", default="reports", metavar="DIR"),
            option("--format form", "cli.check.format", type=click.Choice(["text", "json"]), default="text"),
            option("--select", "cli.check.select", multiple=True, metavar="START"),
            option(
                "--property searched",
                "cli.check.property",
                type=click.FloatRange(1, 1500),
                metavar="[SECONDS]",
                is_flag=False,
                flag_value=60.0,
            ),
            option("--seed", "cli.check.seed", type=click.IntRange(0), default=1, metavar="N"),
            option("--private", "cli.check.private", is_flag=True),
            option("--mode", "cli.check.mode", type=click.Choice(["read", "write", "full"])),
            option("--beyond", "cli.check.beyond", is_flag=True),
            option("--subject", "cli.check.subject", metavar="FILE"),
            option("--init", "cli.check.init", is_flag=True),
            option("--rerun", "cli.check.rerun", multiple=True, metavar="FILE|ID"),
            option("--watch", "cli.check.watch", is_flag=True),
            option("--verbose -v", "cli.check.verbose", count=True),
        ],
    )


@dataclass(frozen=True)
class Words:
    """What was typed about the thing to judge."""

    url: str | None
    app: str | None
    reference: str | None
    service: str | None
    country: str | None
    private: bool = False

    @property
    def target(self) -> bool:
        """Whether they name something to judge."""
        return any(one is not None for one in (self.url, self.app, self.reference))


def run(
    *, url: str | None, app: str | None, reference: str | None, service: str | None, stage: int | None,
    country: str | None, output: str, form: str, select: tuple[str, ...], private: bool, verbose: int,
    searched: float | None, seed: int,
    mode: str | None, beyond: bool, subject: str | None, init: bool, rerun: tuple[str, ...], watch: bool,
) -> int:  # fmt: skip
    """Judge the target, write the reports and return the exit code of the verdict."""
    typed = Words(url, app, reference, service, country, private=private)
    if init:
        return begin(subject, typed)
    from istmo_conformance import collector

    collector.look_seldom()  # from before the imports: they make what is kept, too
    from istmo_conformance import runner, subject_file
    from istmo_conformance.commands import _again, _progress, _summary, _watch
    from istmo_conformance.modes import Mode

    # The file of one's own service says nothing about the reference.
    settings = subject_file.found(subject) if reference is None or subject is not None else None
    target = target_of(completed(typed, settings))
    told = {"url": url, "app": app, "service": service, "stage": stage, "mode": mode, "beyond": beyond or None}
    failed = _again.failed_before(rerun)
    if watch:
        return _watch.run(target, output, failed)
    select = (*select, *failed)
    folder = _summary.prepared(output)
    click.echo(text("cli.check.running", target=target.address if reference is None else reference), err=True)
    if settings is not None:
        _summary.lacking(settings, target.service)
    with _progress.shown(verbose=verbose) as progress:
        report = runner.run(
            target, folder, stage=stage, select=select, language=language(), seed=seed, progress=progress,
            settings=settings, searching=budget(searched),
            mode=Mode(mode) if mode else None, beyond=beyond, heard=progress.hear,
            overridden=[name for name, value in told.items() if value is not None and getattr(settings, name, None)],
        )  # fmt: skip
    paths = _summary.write(report.document, folder)
    if form == "json":
        emit(report.document)
    else:
        _summary.show(report.document, paths, verbose=bool(verbose), again=_again.command())
    return report.exit_code


def budget(seconds: float | None) -> Budget | None:
    """What the property layer may do, when it was asked for; without its extra it says what to install."""
    if seconds is None:
        return None
    from istmo_conformance import property as layer

    layer.require()
    return layer.Budget(seconds=seconds)


def begin(subject: str | None, typed: Words) -> int:
    """Write a subject file to be filled in."""
    from istmo_conformance import subject_file, subject_init

    given = {"service": words.slug(typed.service) if typed.service else None, "url": typed.url, "app": typed.app}
    path = Path(subject or subject_file.NAME)
    subject_init.write(path, {name: value for name, value in given.items() if value is not None})
    click.echo(text("cli.check.written", path=path))
    return 0


def completed(typed: Words, settings: SubjectFile | None) -> Words:
    """What was typed, and what the subject file says of the rest."""
    if settings is None or typed.reference is not None:
        return typed
    service = typed.service or settings.service
    if words.slug(service) != settings.service:  # its waivers are of another service
        raise KitError("wrong-use", text("cli.check.other-subject"), f"--service {settings.service}")
    if typed.target:
        return replace(typed, service=service)
    return replace(typed, url=settings.url or None, app=settings.app or None, service=service)


def target_of(typed: Words) -> Target:
    """The one thing to judge, or what is wrong with the words that should name it."""
    from istmo_conformance.target import Target

    if sum(one is not None for one in (typed.url, typed.app, typed.reference)) != 1:
        raise KitError("wrong-use", text("cli.check.one-target"), text("cli.ask-help", command="istmo check"))
    if typed.country is not None and typed.reference is None:
        raise KitError("wrong-use", text("cli.bad-value", word="--country"), text("cli.check.country-hint"))
    if typed.reference is not None:
        slug = words.slug(typed.reference)
        if typed.service is not None and words.slug(typed.service) != slug:
            raise KitError("wrong-use", text("cli.check.other-service"), f"--reference {slug}")
        return Target.reference(slug, REFERENCE, words.country(typed.country or "XX"))
    if typed.service is None:
        raise KitError("wrong-use", text("cli.check.needs-service"), text("cli.check.needs-service-hint"))
    slug = words.slug(typed.service)
    return (
        Target.app(typed.app, slug)
        if typed.app is not None
        else Target.url(typed.url or "", slug, private=typed.private)
    )
