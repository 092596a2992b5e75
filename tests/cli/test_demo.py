"""The demonstration: the first thing that a person sees of the kit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from istmo.errors import KitError
from istmo_conformance.commands import demo
from istmo_conformance.report import build

from .conftest import case, evidence_of, requirement

README = Path(__file__).parents[2] / "README.md"


def test_the_demonstration_shows_both_verdicts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    command = [sys.executable, "-m", "istmo", "demo", "--lang", "en"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}

    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    shown = README.read_text(encoding="utf-8").partition("Service  ")[2].partition("```")[0]
    assert done.stdout.partition("Service  ")[2].strip() == shown.strip()
    for name, verdict in (("right", "conformant"), ("wrong", "not-conformant")):
        folder = tmp_path / "reports/demo" / name
        assert json.loads((folder / "report.json").read_text(encoding="utf-8"))["verdict"] == verdict
    wrong = json.loads((tmp_path / "reports/demo/wrong/report.json").read_text(encoding="utf-8"))
    assert [one["id"] for one in wrong["requirements"] if one["verdict"] == "fail"] == [demo.BROKEN]


def test_a_demonstration_that_surprises_says_so(tmp_path: Path) -> None:
    fine = build(evidence_of([case("a", ["civil_certificates/a"])], [requirement("civil_certificates/a")], []))

    with pytest.raises(KitError) as caught:
        demo.verify(fine, fine, tmp_path)

    assert demo.BROKEN in caught.value.message


def test_only_good_json_objects_are_tampered_with() -> None:
    def answer(status: int, body: bytes) -> list[demo.Message]:
        start = {"type": "http.response.start", "status": status, "headers": [(b"content-length", b"1")]}
        return [start, {"type": "http.response.body", "body": body}]

    changed = demo.tampered(answer(200, b'{"status": "valid"}'))

    body = json.loads(changed[1]["body"])
    assert body.keys() == {"status", "holder"}
    assert changed[0]["headers"] == [(b"content-length", str(len(changed[1]["body"])).encode())]
    for untouched in (
        answer(404, b'{"status": 404}'),
        answer(200, b"[]"),
        answer(200, b"%PDF"),
        answer(200, b""),
    ):
        assert demo.tampered(untouched) == untouched
