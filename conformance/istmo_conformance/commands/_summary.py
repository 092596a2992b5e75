"""A report on a terminal, and its other forms on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

from istmo.cli.output import coloured, safe, say
from istmo.errors import KitError
from istmo.texts import language, text
from istmo_conformance.report import reasons
from istmo_conformance.verdict import OF_REQUIREMENTS, OF_SCENARIOS

if TYPE_CHECKING:
    from istmo_conformance.subject_file import SubjectFile

JSON: TypeAlias = Any
_COLOURS: Final = {"conformant": "green", "conformant-with-waivers": "green", "not-conformant": "red"}
LONGEST_LIST: Final = 15
WIDEST_REASON: Final = 100


def write(document: JSON, folder: Path) -> list[Path]:
    """Write the page, the XML and the bundle beside report.json, and return the paths of all four."""
    from istmo_conformance.report import bundle, html, junit

    page, xml = folder / "report.html", folder / "junit.xml"
    page.write_text(html.render(document, language()), encoding="utf-8")
    xml.write_text(junit.render(document), encoding="utf-8")
    packed = bundle.write(bundle.made(folder), folder / bundle.NAME)
    return [folder / "report.json", page, xml, packed]


def prepared(output: str) -> Path:
    """The folder for reports, writable and without the reports of an earlier run, which could be mistaken for these."""
    folder = Path(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("report.json", "report.html", "junit.xml", "evidence.jsonl", "bundle.istmo.zip"):
            (folder / name).unlink(missing_ok=True)
        probe = folder / ".istmo"
        probe.touch()
        probe.unlink()
    except OSError as error:
        message = text("cli.check.output-file", path=folder, reason=error.strerror or type(error).__name__)
        raise KitError("bad-output", message, text("cli.check.output-hint")) from None
    return folder


def show(document: JSON, paths: list[Path], *, verbose: bool = False, again: str = "") -> None:
    """Print the verdict, the counts, what failed and why, how to run it again, and where the reports are."""
    verdict, stage = document["verdict"], document["stage"]
    word = coloured(text(f"verdict.{verdict}").upper(), _COLOURS.get(verdict, "yellow"))
    standing = text("summary.stage", observed=stage["observed"], claimed=stage["claimed"])
    if document["waivers"]:
        standing += f", {text('summary.waivers').lower()}: {len(document['waivers'])}"
    say()
    say(f"{text('summary.verdict')}: {word}   ({standing})")
    say()
    for name, words in (("requirements", OF_REQUIREMENTS), ("scenarios", OF_SCENARIOS)):
        _counts(document, name, [word.value for word in words])
    _claims(document)
    _requirements(document, reasons.failed(document), "summary.failed", verbose=verbose, again=again)
    _waivers(document)
    _causes(document, verbose=verbose)
    _requirements(document, reasons.unexplained(document), "summary.open", verbose=verbose)
    _left(document)
    if paths:
        say()
        say(text("summary.reports") + ":")
        for path in paths:
            say(f"  {path}")


def _counts(document: JSON, name: str, words: list[str]) -> None:
    """How many ended in each word that occurs; of those that bind, passed and failed always."""
    counts = document["counts"][name]
    shown = [word for word in words if counts.get(word, 0) or word in {"pass", "fail"}]
    told = ", ".join(f"{counts.get(word, 0)} {text(f'word.{word}')}" for word in shown)
    say(f"{text(f'summary.{name}')}: {told}")


def _claims(document: JSON) -> None:
    """Where the claim and the service part."""
    stage = document["stage"]
    for key, name in (("summary.claimed-fails", "claimedButFails"), ("summary.works-unclaimed", "worksButNotClaimed")):
        if stage[name]:
            say(text(key, stages=", ".join(map(str, stage[name]))))


def _waivers(document: JSON) -> None:
    """Every waiver on one line."""
    if document["waivers"]:
        say()
        say(text("summary.waivers") + ":")
    for one in document["waivers"]:
        say("  " + reasons.waiver(one, language()))


def _causes(document: JSON, *, verbose: bool) -> None:
    """Every root cause on one line; what waits for it only when asked."""
    causes = [one for one in document["causes"] if one["requirements"] or verbose]
    if causes:
        say()
        say(text("summary.causes") + ":")
    for one in causes:
        line = text("summary.cause", message=reasons.cause(one, language()), requirements=len(one["requirements"]),
                    scenarios=len(one["scenarios"]))  # fmt: skip
        say("  " + coloured(safe(line).replace("\n", " "), "red"))
        if one["failures"]:
            some = ", ".join(one["failures"][:3]) + (", …" if len(one["failures"]) > 3 else "")  # noqa: PLR2004  # see above
            say("      " + text("summary.cause-failed", count=len(one["failures"]), names=some))
        if verbose:
            for name in (*one["requirements"], *one["scenarios"]):
                say(f"      {safe(name)}")


def _left(document: JSON) -> None:
    """What a run that wrote could not put away again."""
    rows = document["leftBehind"]
    if rows:
        say()
        say(f"{text('summary.left')} ({len(rows)}):")
    for one in rows[:LONGEST_LIST]:
        say(f"  {safe(one['operation'])} {safe(one['id'])}: {safe(one['why'])}")


def lacking(settings: SubjectFile, slug: str) -> None:
    """Say before the run what the subject file or the environment lacks, and what waits for it."""
    from istmo import paths, spec
    from istmo_conformance import needs, subject_file

    source = subject_file.outside_source(settings, slug, subject_file.cast_of(settings.personas))
    waiting: dict[tuple[str, str], set[str]] = {}
    planned = needs.survey(paths.data("conformance") / "features", spec.spec(slug)) if source is not None else ()
    for one in planned:
        for alias in one.needs.personas:
            what = source.lacking(alias) if source is not None else ""
            if what:
                waiting.setdefault((what, alias), set()).update(one.requirements)
    for (what, alias), names in sorted(waiting.items(), key=lambda pair: -len(pair[1])):
        some = ", ".join(sorted(names)[:3]) + (", …" if len(names) > 3 else "")  # noqa: PLR2004  # as many as fit
        line = text("cli.check.lacks", what=what, persona=alias, count=len(names), names=some)
        click.echo(coloured(line, "red"), err=True)


def _requirements(document: JSON, rows: list[JSON], key: str, *, verbose: bool, again: str = "") -> None:
    if not rows:
        return
    scenarios = reasons.by_id(document)
    shown = rows if verbose else rows[:LONGEST_LIST]
    say()
    say(text(key) + ":")
    for one in shown:
        why = safe(reasons.why(one, scenarios, language())).replace("\n", " ")
        cut = why if verbose or len(why) <= WIDEST_REASON else why[: WIDEST_REASON - 1] + "…"
        say(f"  {one['id']}")
        say(f"      {cut}")
        broken = reasons.scenario(one, scenarios) if again else ""
        if broken:
            say(f"      {again} --select {broken}")
        if verbose:
            for case in reasons.cases(one, scenarios)[:1]:
                _where(case)
    if len(rows) > len(shown):
        say(f"  {text('summary.more', count=len(rows) - len(shown))}")


def _where(case: JSON) -> None:
    """The step and the last calls of a scenario."""
    if case["step"]:
        say(f"      {safe(case['step'])}")
    for call in case["exchanges"][-3:]:
        path = call.get("path") or call["operation"] or ""
        say(f"      {safe(call['who'])}: {safe(call['method'])} {safe(path)} -> {call['status']}")
