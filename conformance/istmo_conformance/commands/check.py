"""`istmo check`: judge a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from istmo.cli import words
from istmo.cli.command import Command, argument, option
from istmo.cli.output import emit
from istmo.errors import KitError
from istmo.texts import language, text

if TYPE_CHECKING:
    from istmo_conformance.property import Budget
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
            option("--verbose -v", "cli.check.verbose", is_flag=True),
        ],
    )


def run(
    *, url: str | None, app: str | None, reference: str | None, service: str | None, stage: int | None,
    country: str | None, output: str, form: str, select: tuple[str, ...],
    searched: float | None, seed: int, private: bool, verbose: bool,
) -> int:  # fmt: skip
    """Judge the target, write the reports and return the exit code of the verdict."""
    target = target_of(url, app, reference, service, country, private=private)
    from istmo_conformance import runner
    from istmo_conformance.commands import _progress, _summary

    folder = _summary.prepared(output)
    click.echo(text("cli.check.running", target=url or app or reference), err=True)
    with _progress.shown(verbose=verbose) as progress:
        report = runner.run(
            target, folder, stage=stage, select=select, language=language(), seed=seed, progress=progress,
            searching=budget(searched),
        )  # fmt: skip
    paths = _summary.write(report.document, folder)
    if form == "json":
        emit(report.document)
    else:
        _summary.show(report.document, paths, verbose=verbose)
    return report.exit_code


def budget(seconds: float | None) -> Budget | None:
    """What the property layer may do, when it was asked for; without its extra it says what to install."""
    if seconds is None:
        return None
    from istmo_conformance import property as layer

    layer.require()
    return layer.Budget(seconds=seconds)


def target_of(
    url: str | None,
    app: str | None,
    reference: str | None,
    service: str | None,
    country: str | None,
    *,
    private: bool = False,
) -> Target:
    """The one thing to judge, or what is wrong with the words that should name it."""
    from istmo_conformance.target import Target

    if sum(one is not None for one in (url, app, reference)) != 1:
        raise KitError("wrong-use", text("cli.check.one-target"), text("cli.ask-help", command="istmo check"))
    if country is not None and reference is None:
        raise KitError("wrong-use", text("cli.bad-value", word="--country"), text("cli.check.country-hint"))
    if reference is not None:
        slug = words.slug(reference)
        if service is not None and words.slug(service) != slug:
            raise KitError("wrong-use", text("cli.check.other-service"), f"--reference {slug}")
        return Target.reference(slug, REFERENCE, words.country(country or "XX"))
    if service is None:
        raise KitError("wrong-use", text("cli.check.needs-service"), text("cli.check.needs-service-hint"))
    slug = words.slug(service)
    return Target.app(app, slug) if app is not None else Target.url(url or "", slug, private=private)
