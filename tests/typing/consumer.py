"""What a project that uses the kit writes: checked by mypy, never run."""

from __future__ import annotations

from typing import assert_type

from istmo.cli import main
from istmo.errors import Finding, KitError, Problem, Undecided
from istmo.names import kebab, snake
from istmo.texts import text
from istmo_conformance.report import Report
from istmo_conformance.runner import run
from istmo_conformance.target import Target


def names() -> None:
    """Names and texts are plain texts."""
    assert_type(kebab("civil_certificates"), str)
    assert_type(snake("createRequest"), str)
    assert_type(text("cli.usage"), str)
    assert_type(main(["services"]), int)


def errors(error: Exception) -> int:
    """The three families keep apart."""
    if isinstance(error, Undecided):
        return error.exit_code
    if isinstance(error, KitError):
        assert_type(error.hint, str)
        return error.exit_code
    if isinstance(error, Problem):
        assert_type(error.status, int)
    if isinstance(error, Finding):
        assert_type(error.message, str)
    return 0


def judge() -> Report:
    """A developer's own test judges an application."""
    from pathlib import Path

    target = Target.app("my_service.main:app", "civil_certificates")
    report = run(target, Path("reports"), stage=3)
    assert_type(report.exit_code, int)
    return report
