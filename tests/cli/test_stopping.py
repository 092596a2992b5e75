"""A server that is told to stop: it says so at once, ends what it has begun, takes nothing new, and ends in peace."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from istmo.spec import spec
from tests.cli.test_serve import get, serving

SLUG = "civil_certificates"
WORDS = ("serve", SLUG, "--database", "sqlite:///stopping.db")
SIGNALS = pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "Ctrl-C"])


class Slow:
    """A request whose body comes in two parts."""

    def __init__(self, url: str, key: str) -> None:
        asked = urllib.request.Request(f"{url}/_sandbox/tokens", data=b'{"persona": "ana-citizen"}', method="POST")
        asked.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(asked, timeout=10) as answer:
            token = json.load(answer)["accessToken"]
        body = json.dumps(spec(SLUG).example("createRequest", "birth-self")).encode()
        head = (
            f"POST /civil-certificates/v1/requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        parts = urlsplit(url)
        self.connection = socket.create_connection((parts.hostname, parts.port), timeout=20)
        self.connection.sendall(head.encode() + body[:10])
        self.rest = body[10:]
        time.sleep(0.2)  # the server has begun to read

    def finish(self) -> str:
        """Send what is left and return the answer as it came."""
        with self.connection:
            self.connection.sendall(self.rest)
            found = b""
            while part := self.connection.recv(65536):
                found += part
            return found.decode()


def events(process: subprocess.Popen[str]) -> list[str]:
    assert process.stderr is not None
    return [json.loads(line)["event"] for line in process.stderr.read().splitlines()]


def refuses(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname, parts.port), timeout=5):
            return False
    except ConnectionRefusedError:
        return True


def eventually_refuses(url: str) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if refuses(url):
            return True
        time.sleep(0.05)
    return False


@SIGNALS
def test_what_is_under_way_ends_and_nothing_new_begins(
    told: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISTMO_STOP_PAUSE", "1.5")
    with serving(tmp_path, *WORDS) as (process, url):
        assert get(f"{url}/_health/ready")[0] == 200
        slow = Slow(url, "key-00000001")
        process.send_signal(told)
        time.sleep(0.1)

        assert get(f"{url}/_health/ready")[0] == 503, "others learn of it at once"
        assert get(f"{url}/_health/live")[0] == 200
        assert get(f"{url}/civil-certificates/v1/health")[0] == 200, "in the pause everything is served"
        assert eventually_refuses(url), "after the pause nobody gets in"
        assert process.poll() is None, "it waits for what is under way"
        assert slow.finish().startswith("HTTP/1.1 201")
        assert process.wait(timeout=15) == 0
        assert [event for event in events(process) if event != "request"] == ["started", "draining", "stopped"]


def test_a_request_that_outlasts_the_grace_is_cut_off_and_its_key_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISTMO_STOP_GRACE", "1")
    with serving(tmp_path, *WORDS) as (process, url):
        slow = Slow(url, "key-00000002")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=8) == 0, "one request cannot hold the process"
        slow.connection.close()
    monkeypatch.delenv("ISTMO_STOP_GRACE")
    with serving(tmp_path, *WORDS) as (process, url):
        answer = Slow(url, "key-00000002")
        process.send_signal(signal.SIGTERM)

        told = answer.finish()
        assert told.startswith("HTTP/1.1 201")
        assert "idempotency-replayed" not in told.lower(), "what was cut off before its body came never happened"
        assert process.wait(timeout=15) == 0


def test_without_anything_under_way_it_ends_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, *WORDS) as (process, url):
        assert get(f"{url}/_health/live")[0] == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=5) == 0


def test_a_second_signal_ends_the_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_STOP_PAUSE", "200")
    with serving(tmp_path, *WORDS) as (process, url):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert get(f"{url}/_health/ready")[0] == 503
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=8) == 0


def test_a_database_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    words = ("serve", SLUG, "--database", "sqlite:///folder")
    with pytest.raises(AssertionError) as told, serving(tmp_path, *words):
        pass

    assert "istmo: error database: " in str(told.value)
    assert "Traceback" not in str(told.value)
