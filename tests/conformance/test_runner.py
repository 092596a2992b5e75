"""The whole machine: what a right service, wrong ones and servers of one answer come out as."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from istmo.errors import Finding, KitError
from istmo.paths import data
from istmo_conformance import evidence, report
from istmo_conformance.verdict import Overall
from tests.conformance.conftest import Judge, words
from tests.conformance.standin import Standin

CLAIMED = {
    "common/others-see-nothing", "common/idempotent-replay", "common/token-required", "common/scope-required",
    "common/correlation-id", "common/security-headers", "civil_certificates/verification-reveals-least",
    "civil_certificates/revoked-stays-revoked", "civil_certificates/registrar-decides-rest",
}  # fmt: skip


def test_a_right_service_passes_every_scenario_in_both_languages(judge: Judge) -> None:
    found = judge(Standin())

    assert found.document["counts"]["scenarios"] == {
        "pass": 14, "fail": 0, "warn": 0, "skip": 0, "not-run": 0, "error": 0,
    }, [(one["id"], one["reason"]) for one in found.document["scenarios"] if one["verdict"] != "pass"]  # fmt: skip
    assert words(found, "pass") == CLAIMED
    assert words(found, "fail") == set()
    # Most requirements of the standard have no scenario in these features: nobody is called conformant for that.
    assert found.verdict is Overall.UNDECIDED


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        ("correlation", {"common/correlation-id"}),
        ("no-nosniff", {"common/security-headers"}),
        ("unverified", {"common/token-required"}),
        ("unscoped", {"common/scope-required"}),
        ("leaky-list", {"common/others-see-nothing"}),
        ("leaky-read", {"common/others-see-nothing"}),
        ("revoked-valid", {"civil_certificates/revoked-stays-revoked"}),
    ],
)
def test_a_wrong_service_fails_what_it_breaks_and_nothing_else(judge: Judge, fault: str, broken: set[str]) -> None:
    found = judge(Standin(fault))

    assert words(found, "fail") == broken
    assert words(found, "pass") == CLAIMED - broken
    assert found.verdict is Overall.NOT_CONFORMANT
    assert found.exit_code == 1


CONSTANTS: list[tuple[int, bytes, str]] = [
    (200, b"{}", "application/json"),
    (200, b"[]", "application/json"),
    (200, b'"x"', "application/json"),
    (201, b'{"id":"00000000-0000-4000-8000-000000000000","status":"completed"}', "application/json"),
    (400, b"{}", "application/problem+json"),
    (401, b'{"code":"unauthenticated"}', "application/problem+json"),
    (403, b'{"code":"missing-scope"}', "application/problem+json"),
    (404, b'{"code":"not-found"}', "application/problem+json"),
    (500, b"", "text/plain"),
    (200, b"<html></html>", "text/html"),
    (204, b"", "application/json"),
]


class Constant(Standin):
    """Answers everything alike but for the manifest and the sandbox."""

    def __init__(self, status: int, body: bytes, media: str) -> None:
        super().__init__()
        self.fixed = (status, body, media)

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Any:
        if path.startswith(("/.well-known", "/_sandbox")):
            return super().answer(method, path, query, headers, body)
        status, content, media = self.fixed
        return status, [("content-type", media)], content


@pytest.mark.parametrize("features", [None, data("conformance") / "features"], ids=["own", "real"])
@pytest.mark.parametrize(("status", "body", "media"), CONSTANTS)
def test_a_server_of_one_answer_passes_nothing(
    judge: Judge, status: int, body: bytes, media: str, features: Path | None
) -> None:
    options = {} if features is None else {"features": features}

    found = judge(Constant(status, body, media), **options)

    assert [one["id"] for one in found.document["scenarios"] if one["verdict"] == "pass"] == []
    assert words(found, "pass") == set()
    assert found.exit_code != 0


def test_the_report_is_what_its_schema_says(judge: Judge) -> None:
    import jsonschema_rs

    schema = json.loads((data("specs") / "standard" / "schemas" / "report.schema.json").read_bytes())
    found = judge(Standin("leaky-read"))

    errors = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(found.document)
    assert [f"/{'/'.join(map(str, one.instance_path))}: {one.message[:200]}" for one in errors] == []


def test_a_killed_run_is_interrupted_whatever_it_saw(judge: Judge) -> None:
    judge(Standin())
    path = Path(judge(Standin()).path or "").with_name("evidence.jsonl")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]) + lines[-1][:20], encoding="utf-8")

    found = report.build(evidence.read(path))

    assert found.verdict is Overall.INTERRUPTED
    assert found.exit_code == 3
    assert found.document["complete"] is False


def test_a_fault_of_ours_in_what_was_put_off_is_held_against_nobody(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise Finding("a check that stumbles")

    monkeypatch.setattr("istmo_conformance.run.observe", broken)
    found = judge(Standin()).document

    verdicts = {one["verdict"] for one in found["scenarios"]}
    assert "error" in verdicts
    assert "fail" not in verdicts
    assert found["verdict"] == "error"


def test_two_runs_agree(judge: Judge) -> None:
    first, second = (judge(Standin("leaky-list")).document["requirements"] for _ in range(2))

    assert first == second


def test_a_selection_runs_nothing_else_and_is_not_complete(judge: Judge) -> None:
    found = judge(Standin(), select=["common/privacy/a-repeated"])

    assert [one["id"] for one in found.document["scenarios"]] == [
        "common/privacy/a-repeated-call-answers-what-it-answered-first"
    ]
    assert found.document["complete"] is False
    assert found.verdict is Overall.UNDECIDED


def test_nothing_chosen_is_an_error(judge: Judge) -> None:
    found = judge(Standin(), select=["no-such-scenario"])

    assert found.verdict is Overall.ERROR
    assert found.exit_code == 2


def test_scenarios_above_the_stage_are_left_out(judge: Judge) -> None:
    found = judge(Standin(), stage=3)

    assert {one["stage"] for one in found.document["scenarios"]} == {3}
    above = [one for one in found.document["requirements"] if one["stage"] > 3]
    assert {one["reason"] for one in above} == {"above-claimed-stage"}


def test_production_is_not_touched(judge: Judge) -> None:
    service = Standin()
    service.environment = "production"

    found = judge(service)

    ended = {(one["verdict"], one["reason"]) for one in found.document["scenarios"]}
    assert ended == {("not-run", "needs-write"), ("not-run", "needs-full")}
    assert found.exit_code == 3


def test_a_set_up_that_fails_is_no_failure(judge: Judge) -> None:
    class Broken(Standin):
        def create(self, *_: Any) -> Any:
            return 500, [], {}

    found = judge(Broken())

    assert words(found, "fail") >= {"common/no-server-errors"}
    cases = [one for one in found.document["scenarios"] if one["verdict"] != "pass"]
    assert {one["verdict"] for one in cases} == {"not-run"}
    assert all(one["reason"].startswith("prerequisite: ") for one in cases)


def test_a_pytest_of_the_user_does_not_steer_the_run(
    judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tmp_path / "conftest.py").write_text("raise RuntimeError\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")

    assert judge(Standin()).document["counts"]["scenarios"]["pass"] == 14


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("When ana calls createRequst", "unknown-operation"),
        ('When ana calls createRequest with example "no-such"', "unknown-example"),
        ("When ana dances", "unknown-step"),
        ("When zoe calls createRequest", "unknown-persona"),
        ("When ana calls createRequest in the rain", "unknown-clause"),
        ('Given ana holds an issued certificate from example "no-such"', "unknown-example"),
    ],
)
def test_a_wrong_sentence_stops_the_run_before_the_first_call(
    judge: Judge, tmp_path: Path, step: str, code: str
) -> None:
    folder = tmp_path / "features" / "common"
    folder.mkdir(parents=True)
    (folder / "wrong.feature").write_text(f"@stage-1\nFeature: Wrong\n  @req-common/x\n  Scenario: One\n    {step}\n")

    with pytest.raises(KitError) as caught:
        judge(Standin(), features=tmp_path / "features")

    assert caught.value.code == code
    assert "wrong.feature:5" in caught.value.message


def test_no_token_reaches_the_files(judge: Judge) -> None:
    service = Standin("leaky-read")
    issued: list[str] = []
    issue = service.token

    def token(asked: Any) -> str:
        issued.append(issue(asked))
        return issued[-1]

    service.token = token  # type: ignore[method-assign] # to see what was issued
    found = judge(service)

    assert issued
    folder = Path(found.path or "").parent
    for path in folder.iterdir():
        written = path.read_text(encoding="utf-8")
        assert [one for one in issued if one in written or one.split(".")[1] in written] == []
