"""Judging from the command line: what it leaves behind, and what it says when nothing can be judged."""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from istmo.paths import data
from istmo_conformance.commands import _progress
from istmo_conformance.verdict import Verdict

from .conftest import Done

Run = Callable[..., Done]
SLUG = "civil_certificates"
FILES = {"report.json", "report.html", "junit.xml", "evidence.jsonl", "bundle.istmo.zip"}


@dataclass
class Judged:
    """A finished check and its folder."""

    done: subprocess.CompletedProcess[str]
    folder: Path


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """One whole check of the reference, in a process of its own."""
    folder = tmp_path_factory.mktemp("check")
    command = [
        sys.executable,
        "-m",
        "istmo",
        "check",
        "--reference",
        SLUG,
        "--output",
        str(folder),
        "--lang",
        "en",
    ]
    return Judged(subprocess.run(command, capture_output=True, text=True, check=False, timeout=300), folder)


def test_the_reference_is_conformant(judged: Judged) -> None:
    assert judged.done.returncode == 0, judged.done.stdout[-3000:] + judged.done.stderr[-3000:]
    assert "CONFORMANT" in judged.done.stdout
    assert "Traceback" not in judged.done.stderr


def test_the_reports_lie_in_the_folder_and_their_paths_are_printed(judged: Judged) -> None:
    assert {path.name for path in judged.folder.iterdir()} == FILES
    for name in FILES - {"evidence.jsonl"}:
        assert str(judged.folder / name) in judged.done.stdout


def test_the_report_keeps_its_schema(judged: Judged) -> None:
    schema = json.loads((data("specs") / "standard/schemas/report.schema.json").read_text(encoding="utf-8"))
    document = json.loads((judged.folder / "report.json").read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(schema).validate(document)

    assert document["verdict"] == "conformant"
    assert document["counts"]["requirements"]["fail"] == document["counts"]["requirements"]["warn"] == 0
    ET.parse(judged.folder / "junit.xml")


def test_no_secret_reaches_a_report(judged: Judged) -> None:
    signed = 0
    for name in FILES - {"bundle.istmo.zip"}:
        content = (judged.folder / name).read_text(encoding="utf-8")
        for found in re.finditer(r"eyJ[A-Za-z0-9_-]{20,}\.([A-Za-z0-9_-]*)", content):
            # Receipts and certificates are signed too; what opens something says so in its claims.
            claims = json.loads(base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)))
            assert not {"scope", "exp", "sub", "acr", "nbf"} & claims.keys(), name
            signed += name == "evidence.jsonl"
    assert signed


def test_the_bundle_proves_itself_without_a_network(judged: Judged) -> None:
    blocked = (
        "import asyncio, socket, sys\n"
        "def refuse(*_, **__): raise SystemExit('network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from istmo.cli import main\nsys.exit(main(sys.argv[1:]))"
    )
    bundle = str(judged.folder / "bundle.istmo.zip")
    command = [sys.executable, "-c", blocked, "report", "verify", bundle, "--lang", "en"]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    assert done.returncode == 0, done.stdout + done.stderr
    said = re.search(r"(\d+) of (\d+) verdicts came out again", done.stdout)
    assert said is not None
    assert said[1] == said[2]
    assert int(said[1]) > 300
    assert (judged.folder / "bundle.istmo.zip").stat().st_size < 5_000_000


def test_a_bundle_is_signed_and_verified_by_hand(istmo: Run, judged: Judged, tmp_path: Path) -> None:
    bundle = tmp_path / "b.istmo.zip"
    bundle.write_bytes((judged.folder / "bundle.istmo.zip").read_bytes())
    page = (Path(__file__).parents[2] / "docs/reference/evidence.md").read_text(encoding="utf-8")
    program = page.partition("```python\n")[2].partition("```")[0]

    assert istmo("report", "keygen", str(tmp_path / "k")).code == 0
    assert istmo("report", "sign", str(bundle), "--key", str(tmp_path / "k.key.pem")).code == 0
    assert istmo("report", "verify", str(bundle), "--key", str(tmp_path / "k.pub.pem")).code == 0
    assert istmo("report", "verify", str(bundle)).code == 3
    words = [sys.executable, "-c", program, str(bundle), str(tmp_path / "k.pub.pem")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "unbroken and signed: conformant\n"), done.stderr


def test_progress_is_told_in_plain_lines_where_nobody_watches(judged: Judged) -> None:
    assert re.search(r"\d+ of \d+ scenarios", judged.done.stderr)
    assert "\x1b" not in judged.done.stderr + judged.done.stdout


class Terminal(io.StringIO):
    """A stream that a person watches."""

    def isatty(self) -> bool:
        """Say that it is watched."""
        return True


@pytest.mark.parametrize("verbose", [False, True])
def test_progress_is_a_bar_where_a_person_watches(monkeypatch: pytest.MonkeyPatch, *, verbose: bool) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")

    with _progress.shown(verbose=verbose) as progress:
        progress("common/odd-\x1b[31m[bold]", Verdict.FAIL, 1, 2)

    assert ("common/odd-�[31m[bold]" in screen.getvalue()) is verbose
    assert "1 of 2 scenarios" in screen.getvalue()


def test_a_reader_who_leaves_does_not_end_the_run(tmp_path: Path) -> None:
    words = ["check", "--reference", SLUG, "--select", "common/health", "--output", str(tmp_path), "-v"]
    command = [sys.executable, "-m", "istmo", *words]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.stdout.close()
        running.wait(timeout=120)

    assert {path.name for path in tmp_path.iterdir()} == FILES


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A server that says the same to everybody and hangs up."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    caller, _ = listener.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(65536)
                    caller.sendall(answer)

        Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-something\r\n",
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
        b"",
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_undecided(istmo: Run, tmp_path: Path, answer: bytes) -> None:
    with answering(answer) as url:
        done = istmo("check", url, "--service", SLUG, "--output", str(tmp_path))

    assert done.code == 3
    assert "istmo: error " in done.err
    assert "Traceback" not in done.err


def test_a_target_that_is_down_is_undecided(istmo: Run, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("from yesterday", encoding="utf-8")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        done = istmo(
            "check",
            f"http://127.0.0.1:{unused.getsockname()[1]}",
            "--service",
            SLUG,
            "--output",
            str(tmp_path),
        )

    assert done.code == 3
    assert "hint: " in done.err
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["ftp://example.org"],
        ["http://user:secret@example.org"],
        ["not an address"],
        ["--app", "no_such_module:app"],
        ["--app", "json"],
        ["--app", "json:nothing"],
    ],
)  # fmt: skip
def test_a_target_that_is_none_is_refused(istmo: Run, tmp_path: Path, words: list[str]) -> None:
    done = istmo("check", *words, "--service", SLUG, "--output", str(tmp_path))

    assert done.code == 2
    assert "istmo: error " in done.err
    assert "unexpected" not in done.err


def test_a_folder_that_cannot_be_written_is_refused_before_anything_runs(istmo: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = istmo("check", "--reference", SLUG, "--output", str(tmp_path / "file"))

    assert done.code == 2
    assert "error bad-output" in done.err
