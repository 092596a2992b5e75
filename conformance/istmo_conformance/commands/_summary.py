"""A report on a terminal, and its other forms on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, TypeAlias

from istmo.cli.output import coloured, safe, say, table
from istmo.errors import KitError
from istmo.texts import language, text
from istmo_conformance.report import reasons

JSON: TypeAlias = Any
_COLOURS: Final = {"conformant": "green", "not-conformant": "red"}
_WORDS: Final = ("pass", "fail", "warn", "skip", "not-run", "error")
LONGEST_LIST: Final = 15
WIDEST_REASON: Final = 100


def write(document: JSON, folder: Path) -> list[Path]:
    """Write the page and the XML beside report.json, and return the paths of all three."""
    from istmo_conformance.report import html, junit

    page, xml = folder / "report.html", folder / "junit.xml"
    page.write_text(html.render(document, language()), encoding="utf-8")
    xml.write_text(junit.render(document), encoding="utf-8")
    return [folder / "report.json", page, xml]


def prepared(output: str) -> Path:
    """The folder for reports, writable and without the reports of an earlier run, which could be mistaken for these."""
    folder = Path(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("report.json", "report.html", "junit.xml", "evidence.jsonl"):
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
    say()
    say(f"{text('summary.verdict')}: {word}   ({standing})")
    say()
    heads = ["", *(text(f"word.{one}") for one in _WORDS)]
    rows = [
        [text(f"summary.{name}"), *(document["counts"][name].get(one, 0) for one in _WORDS)]
        for name in ("requirements", "scenarios")
    ]
    table(heads, rows, right=range(1, 7))
    _requirements(document, reasons.failed(document), "summary.failed", verbose=verbose, again=again)
    _requirements(document, reasons.undecided(document), "summary.open", verbose=verbose)
    if paths:
        say()
        say(text("summary.reports") + ":")
        for path in paths:
            say(f"  {path}")


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
