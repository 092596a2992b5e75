"""A report made from hand-written evidence, and the command line as a function."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from istmo import texts
from istmo.cli import main

Record = dict[str, Any]
# What a hostile service may put wherever it has a say.
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "]]><!--",
    "{{ 7 * 7 }}",
    "\x1b[31mred\x1b[0m\x07",
    "nul\x00 and \ufffe",
    "\u202ereversed",
    "[link](javascript:alert(1))",
]


@dataclass
class Done:
    """What a command left."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ISTMO_LANG", "en")
    monkeypatch.delenv("ISTMO_DEBUG", raising=False)
    yield
    texts.use(None)


@pytest.fixture
def istmo(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """The command line in this process."""

    def run(*words: str) -> Done:
        code = main(words)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


def requirement(name: str, *, stage: int = 1, level: str = "MUST", text: str = "It holds.") -> Record:
    """A requirement as the header of the evidence carries it."""
    return {
        "id": name, "sheet": "CIV-05", "level": level, "stage": stage, "observable": "remote",
        "text": {"en": text, "es": "Se cumple: ñ."}, "checked": "scenario",
    }  # fmt: skip


def case(name: str, requirements: list[str], verdict: str = "pass", reason: str = "", **changes: Any) -> Record:
    """A scenario as the evidence tells it."""
    call = {
        "who": "nobody", "operation": "verifyCertificate", "method": "POST", "status": 200, "seconds": 0.01,
        "path": "/civil-certificates/v1/verifications", "requestHeaders": {"accept": "application/json"},
        "requestBody": '{"verificationCode": "abc"}', "headers": {"content-type": "application/json"},
        "body": '{"status": "valid"}',
    }  # fmt: skip
    return {
        "record": "case", "id": f"civil_certificates/verification/{name}",
        "feature": "civil_certificates/verification.feature", "name": name, "language": "en",
        "requirements": requirements, "stage": 1, "verdict": verdict, "reason": reason,
        "step": 'Then the answer has only "status"', "seconds": 0.05, "at": "2027-03-15T09:00:00Z",
        "exchanges": [call], **changes,
    }  # fmt: skip


def evidence_of(cases: list[Record], requirements: list[Record], observations: list[Record]) -> list[Record]:
    """The records of a run."""
    header: Record = {
        "record": "header", "kit": {"name": "istmo", "version": "0.1.0"},
        "spec": {"service": "civil_certificates", "version": "1.0.0", "digest": "0" * 64},
        "profile": {"country": "HN"},
        "target": {"kind": "url", "address": "http://127.0.0.1:8000", "country": "HN", "operator": "Registro",
                   "environment": "sandbox", "specVersion": "1.0.0"},
        "language": "en", "seed": 1, "selection": [], "stage": 4, "claimedStage": 4,
        "started": "2027-03-15T09:00:00Z", "requirements": requirements,
    }  # fmt: skip
    finish = {"record": "finish", "observations": observations, "calls": 3, "interrupted": False, "errors": 0,
              "at": "2027-03-15T09:00:05Z"}  # fmt: skip
    return [header, *cases, finish]


@pytest.fixture
def records() -> list[Record]:
    """A run in which one requirement failed, one was seen broken on the side, one was not run, one passed."""
    names = ["reveals-least", "correlation", "revoked", "fine"]
    ids = [f"civil_certificates/{name}" for name in names]
    cases = [
        case("reveals", [ids[0]], "fail", 'expected only "status", found "holder"'),
        case("revoked", [ids[2]], "not-run", "prerequisite: nothing was issued"),
        case("fine", [ids[3]]),
    ]
    seen = {"requirement": ids[1], "operation": "listRequests", "message": "no Correlation-Id", "count": 7,
            "scenario": cases[0]["id"]}  # fmt: skip
    stages = (4, 1, 4, 2)
    demands = [requirement(name, stage=stage) for name, stage in zip(ids, stages, strict=True)]
    return evidence_of(cases, demands, [seen])


@pytest.fixture
def hostile() -> list[Record]:
    """A run against a service that tries to speak through the report."""
    cases = [
        case(f"odd {number}", ["civil_certificates/odd"], "fail", payload, step=payload,
             exchanges=[case("x", [])["exchanges"][0] | {"body": payload, "path": payload, "requestBody": payload,
                                                         "headers": {payload: payload}}])
        for number, payload in enumerate(PAYLOADS)
    ]  # fmt: skip
    seen = {"requirement": "civil_certificates/odd", "operation": PAYLOADS[0], "message": PAYLOADS[1], "count": 1,
            "scenario": cases[0]["id"]}  # fmt: skip
    return evidence_of(cases, [requirement("civil_certificates/odd", text=PAYLOADS[2])], [seen])


@pytest.fixture
def report_file(records: list[Record], tmp_path: Path) -> Path:
    """A report on disk."""
    return written(records, tmp_path)


def written(records: list[Record], folder: Path) -> Path:
    """The report of records as a file."""
    from istmo_conformance.report import build

    path = folder / "report.json"
    path.write_text(json.dumps(build(records).document, ensure_ascii=False), encoding="utf-8")
    return path
