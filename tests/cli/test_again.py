"""A developer's loop: see each call, run again what failed, and have it run by itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from .conftest import Done

Run = Callable[..., Done]
SLUG = "civil_certificates"
ROOT = Path(__file__).parents[2]
SERVICE = "from tests.conformance.standin import Standin\ndef create(): return Standin({fault!r})\n"
CHECK = ("check", "--app", "watched_service:create", "--service", SLUG)
READING = "common/privacy/reading-the-draft"
PATIENCE = 120  # seconds until a loop that says nothing is ended, so that a test fails instead of hanging


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A service that lets out the cases of others, in a folder of its own."""
    path = tmp_path / "project" / "watched_service.py"
    path.parent.mkdir()
    path.write_text(SERVICE.format(fault="leaky-read"), encoding="utf-8")
    monkeypatch.chdir(path.parent)
    monkeypatch.syspath_prepend(str(path.parent))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(path.parent)]))
    yield path
    sys.modules.pop("watched_service", None)


@pytest.mark.usefixtures("service")
def test_what_failed_is_run_again_by_the_command_that_is_printed(istmo: Run) -> None:
    first = istmo(*CHECK, "--select", "common/privacy", "--output", "first")
    failed = {one["id"] for one in _scenarios("first") if one["verdict"] == "fail"}
    printed = next(line for line in first.out.splitlines() if line.strip().startswith("istmo check"))
    again = istmo(*printed.split()[1:], "--output", "printed")
    rerun = istmo(*CHECK, "--rerun", "first/report.json", "--output", "rerun")

    assert len(failed) > 1
    assert printed.strip().startswith(f"istmo check --app watched_service:create --service {SLUG} --select common/")
    assert (again.code, len(_scenarios("printed"))) == (1, 1)
    assert {one["id"] for one in _scenarios("printed")} < failed
    assert rerun.code == 1
    assert {one["id"] for one in _scenarios("rerun")} == failed


@pytest.mark.usefixtures("service")
def test_one_scenario_is_run_again_by_its_id_and_a_green_report_is_refused(istmo: Run) -> None:
    name = "common/privacy/the-lists-of-another-do-not-show-the-draft-case"

    by_id = istmo(*CHECK, "--rerun", name, "--output", "one")
    green = istmo(*CHECK, "--rerun", "one/report.json", "--output", "none")

    assert [one["id"] for one in _scenarios("one")] == [name], by_id.err
    assert green.code == 2
    assert "nothing failed in one/report.json" in green.err


@pytest.mark.usefixtures("service")
def test_each_call_stands_below_its_scenario_without_secrets(istmo: Run) -> None:
    once = istmo(*CHECK, "--select", READING, "-v")
    twice = istmo(*CHECK, "--select", READING, "-vv")

    lines = once.err.splitlines()
    scenario = next(number for number, line in enumerate(lines) if READING in line)
    assert "ana: POST /civil-certificates/v1/requests -> 201" in lines[scenario + 1]
    assert lines[scenario + 1].endswith(" ms")
    assert "bruno: GET /civil-certificates/v1/requests/" in lines[scenario + 2]
    assert "certificateType" not in once.err
    assert '> {"applicant"' in twice.err
    assert '< {"id"' in twice.err
    assert "eyJ" not in once.err + twice.err
    assert "Bearer" not in once.err + twice.err


@contextmanager
def watching(*words: str) -> Iterator[subprocess.Popen[str]]:
    """The command that watches, as a person would start it."""
    command = [sys.executable, "-m", "istmo", *CHECK, "--watch", "--lang", "en", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    alarm = Timer(PATIENCE, process.kill)
    alarm.start()
    try:
        yield process
    finally:
        alarm.cancel()
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def until(process: subprocess.Popen[str], wanted: str) -> str:
    """What is said up to a line with some words."""
    said = ""
    for line in process.stdout or ():
        said += line
        if wanted in line:
            return said
    raise AssertionError(f"{wanted!r} was never said:\n{said}")


def test_a_change_is_judged_at_once_and_only_what_changed_is_told(service: Path, istmo: Run) -> None:
    istmo(*CHECK, "--select", READING)
    with watching("--rerun", "reports/report.json") as process:
        until(process, "NOT CONFORMANT")
        until(process, "report.html")
        service.write_text(SERVICE.format(fault=""), encoding="utf-8")
        mended = until(process, "Verdict: ")
        service.write_text("def create(): raise RuntimeError('half typed')\n", encoding="utf-8")
        broken = until(process, "the check gave no report")
        service.write_text(SERVICE.format(fault="leaky-read"), encoding="utf-8")
        spoiled = until(process, "Verdict: ")
        process.send_signal(signal.SIGINT)
        ended = until(process, "Ended.")
        code = process.wait(timeout=PATIENCE)

    assert "Changed: watched_service.py" in mended
    assert f"{READING}-case-of-another-is-like-reading-nothing: fail → pass" in mended
    assert "common/others-see-nothing: fail → pass" in mended
    assert "could not be judged" not in mended
    assert "Verdict:" not in broken
    assert ": pass → fail  expected 404" in spoiled
    assert code == 0
    assert "Traceback" not in mended + broken + spoiled + ended


def test_a_service_behind_an_address_has_no_files_to_watch(istmo: Run) -> None:
    done = istmo("check", "http://127.0.0.1:9", "--service", SLUG, "--watch")

    assert done.code == 2
    assert "--watch needs an application whose files it can see" in done.err


def _scenarios(folder: str) -> list[dict[str, str]]:
    document = json.loads((Path(folder) / "report.json").read_bytes())
    found: list[dict[str, str]] = document["scenarios"]
    return found
