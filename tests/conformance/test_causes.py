"""One broken link is told once, with everything that waits for it."""

from __future__ import annotations

from typing import Any

import pytest

from istmo import texts
from istmo.paths import data
from istmo_conformance.commands import _summary
from istmo_conformance.report import Report, html
from tests.conformance.conftest import Judge, words
from tests.conformance.standin import Standin

REAL = data("conformance") / "features"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_chosen", "en")


class NothingCreated(Standin):
    """Breaks on every new request."""

    def create(self, *_: Any) -> Any:
        return 500, [], {}


class NoTokens(Standin):
    """Has a sandbox that issues no token."""

    def sandbox(self, name: str, body: Any) -> Any:
        return (500, [], {}) if name == "tokens" else super().sandbox(name, body)


class NoClock(Standin):
    """Has a sandbox whose clock stands still."""

    def sandbox(self, name: str, body: Any) -> Any:
        return (501, [], {}) if name == "clock" else super().sandbox(name, body)


def causes(report: Report) -> list[Any]:
    return list(report.document["causes"])


def printed(report: Report, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    _summary.show(report.document, [])
    block = capsys.readouterr().out.partition(texts.text("summary.causes") + ":\n")[2]
    return block.partition("\n\n")[0].splitlines()


@pytest.mark.parametrize(
    ("service", "kind", "name", "what"),
    [
        (NothingCreated, "operation", "createRequest", "500"),
        (NoTokens, "sandbox", "tokens", "500"),
        (NoClock, "sandbox", "clock", "501"),
    ],
)
def test_one_broken_link_is_one_cause_with_its_dependents_and_one_line(
    judge: Judge, capsys: pytest.CaptureFixture[str], service: type[Standin], kind: str, name: str, what: str
) -> None:
    report = judge(service(), features=REAL)

    (cause,) = [one for one in causes(report) if (one["kind"], one["name"]) == (kind, name)]
    assert (cause["name"], cause["what"]) == (name, what)
    waiting = [one["id"] for one in report.document["scenarios"] if (one["cause"] or {}).get("name") == name]
    assert cause["scenarios"] == waiting
    assert len(waiting) > 50
    assert len(cause["requirements"]) > 20
    assert set(cause["requirements"]) <= words(report, "not-testable")
    lines = [line for line in printed(report, capsys) if name in line]
    assert len(lines) == 1
    assert cause["message"] in lines[0]
    assert report.exit_code in {1, 3}
    assert f"{len(cause['requirements'])} requirements and {len(waiting)} scenarios" in lines[0]
    page = html.render(report.document, "en")
    assert page.count(f"{cause['message']}</span>") >= 1


def test_what_fails_by_the_same_operation_is_a_root_and_no_dependent(judge: Judge) -> None:
    report = judge(NothingCreated())

    (cause,) = causes(report)
    assert "common/no-server-errors" in cause["failures"]
    assert set(cause["failures"]) <= words(report, "fail")
    assert not set(cause["requirements"]) & words(report, "fail")


def test_a_token_that_is_missing_in_the_middle_of_a_scenario_fails_nobody(judge: Judge) -> None:
    report = judge(NoTokens(), features=REAL)

    blamed = [one for one in report.document["scenarios"] if one["verdict"] == "fail" and "sandbox" in one["reason"]]
    assert blamed == []


def test_a_right_service_has_no_cause(judge: Judge) -> None:
    assert causes(judge(Standin())) == []


def test_an_operation_that_hangs_is_its_own_cause(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    from istmo.errors import Finding
    from istmo_conformance.asgi import AsgiClient
    from istmo_conformance.client import Answer, Request

    send = AsgiClient.send

    def hanging(self: AsgiClient, request: Request) -> Answer:
        if request.method == "POST" and request.path.endswith("/requests"):
            raise Finding("the answer was not complete within 10 s")
        return send(self, request)

    monkeypatch.setattr(AsgiClient, "send", hanging)
    report = judge(Standin())

    (cause,) = causes(report)
    assert (cause["kind"], cause["name"]) == ("operation", "createRequest")
    assert cause["what"] == "the answer was not complete within 10 s"
