"""Serving on this machine: a real process, a real socket."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import production

from .conftest import Done

Run = Callable[..., Done]
SLUG = "civil_certificates"


@contextmanager
def serving(folder: Path, *words: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A serving command and the address that it announces."""
    command = [sys.executable, "-m", "istmo", *words, "--port", "0", "--lang", "en"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                found = re.search(r"http://127\.0\.0\.1:[0-9]+", line)
                if found:
                    yield process, found.group()
                    break
            else:
                raise AssertionError(process.stderr.read())
        finally:
            process.kill()


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=given), timeout=10) as answer:
            return (
                answer.status,
                {name.lower(): value for name, value in answer.headers.items()},
                answer.read(),
            )
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()


def test_a_service_is_served_where_it_says(tmp_path: Path) -> None:
    words = ["serve", SLUG, "--country", "HN", "--database", "sqlite:///:memory:"]
    with serving(tmp_path, *words) as (process, url):
        status, headers, body = get(f"{url}/.well-known/istmo")
        manifest = json.loads(body)

        assert status == 200
        assert "server" not in headers
        assert manifest["country"] == "HN"
        assert [entry["baseUrl"] for entry in manifest["services"]] == [f"{url}/civil-certificates/v1"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_told(istmo: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        done = istmo("serve", SLUG, "--port", str(taken.getsockname()[1]), "--database", "sqlite:///:memory:")

    assert done.code == 2
    assert "error cannot-listen" in done.err
    assert "--port" in done.err


def test_an_unknown_host_is_told(istmo: Run) -> None:
    done = istmo("serve", SLUG, "--host", "no.such.host.invalid", "--public-sandbox", "--port", "0")

    assert done.code == 2
    assert "error no-such-host" in done.err


def test_the_development_issuer_hands_out_tokens_that_its_keys_check(tmp_path: Path) -> None:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    with serving(tmp_path, "idp", "--country", "HN") as (_, url):
        keys = KeySet.import_key_set(json.loads(get(f"{url}/jwks.json")[2]))
        request = urllib.request.Request(f"{url}/tokens", data=b'{"persona": "ana"}', method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            issued = json.loads(answer.read())
        token = jwt.decode(issued["accessToken"], keys, algorithms=["Ed25519"])

        assert token.header["typ"] == "at+jwt"
        assert token.claims["iss"] == url
        assert token.claims["country"] == "HN"
        assert token.claims["sub"] == issued["subject"]
        assert "civil-certificates:read" in str(token.claims["scope"]).split()
        assert json.loads(get(f"{url}/.well-known/openid-configuration")[2])["jwks_uri"] == f"{url}/jwks.json"


def test_the_development_issuer_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    bodies = {
        b'{"persona": "nemo"}': 404,
        b"{": 422,
        b'{"persona": "ana", "admin": true}': 422,
        b"[" * 70_000: 413,
    }
    with serving(tmp_path, "idp") as (_, url):
        for body, status in bodies.items():
            request = urllib.request.Request(f"{url}/tokens", data=body, method="POST")
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=10)
            with refused.value as answer:
                assert answer.code == status
                assert b"nemo" not in answer.read()


def variables(monkeypatch: pytest.MonkeyPatch, folder: Path, **changed: object) -> None:
    for name, value in production.environment(folder, **changed).items():
        monkeypatch.setenv(name, value)


def test_production_serves_what_its_proxy_sends_and_tells_nothing_of_itself(tmp_path: Path) -> None:
    settings = production.environment(tmp_path, proxies=("127.0.0.1",))
    through = {"Host": production.HOST, "X_Forwarded_For": "198.18.0.50", "X_Forwarded_Proto": "https"}
    with serving(tmp_path, "serve", SLUG, **settings) as (_, url):
        status, headers, body = get(f"{url}/.well-known/istmo", **through)
        clear = get(f"{url}/.well-known/istmo", Host=production.HOST)
        unknown = [get(url + path, **through) for path in ("/_sandbox/clock", "/docs", "/redoc", "/openapi.json", "/x")]
        ready = get(f"{url}/_health/ready")

    assert status == 200
    assert json.loads(body)["environment"] == "production"
    assert clear[0] == 421
    assert [answer[0] for answer in unknown] == [404] * 5
    assert all("server" not in answer[1] for answer in (*unknown, clear, ready, (status, headers, body)))
    assert (ready[0], json.loads(ready[2])["status"]) == (200, "ready")


def test_unsafe_production_does_not_start(istmo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables(monkeypatch, tmp_path, audience="", hosts=())

    done = istmo("serve", SLUG, "--port", "0")

    assert done.code == 2
    assert "error unsafe-settings: production accepts tokens for anybody" in done.err
    assert "1 more: istmo serve --check-settings" in done.err


def test_settings_can_be_checked_without_serving(istmo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables(monkeypatch, tmp_path)
    before = sorted(tmp_path.iterdir())

    safe = istmo("serve", "--check-settings")
    variables(monkeypatch, tmp_path, audience="", hosts=(), proxies=(), operator="")
    unsafe = istmo("serve", "--check-settings", "--lang", "es")

    assert (safe.code, safe.err) == (0, "")
    assert "Settings of production for HN" in safe.out
    assert "warning: production keeps its records in SQLite" in safe.out
    assert unsafe.code == 2
    for name in ("ISTMO_AUDIENCE", "ISTMO_HOSTS", "ISTMO_PROXIES", "ISTMO_OPERATOR"):
        assert name in unsafe.out
    assert "no están en orden: 4" in unsafe.err
    assert sorted(tmp_path.iterdir()) == before


def test_settings_that_cannot_be_read_are_all_told(istmo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_ENVIRONMENT", "live")
    monkeypatch.setenv("ISTMO_WORKERS", "many")

    done = istmo("serve", "--check-settings")

    assert done.code == 2
    assert "ISTMO_ENVIRONMENT" in done.out
    assert "ISTMO_WORKERS" in done.out


def test_production_has_neither_a_public_sandbox_nor_a_development_issuer(
    istmo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables(monkeypatch, tmp_path)

    sandbox = istmo("serve", "--public-sandbox", "--port", "0")
    issuer = istmo("idp", "--port", "0")

    assert (sandbox.code, issuer.code) == (2, 2)
    assert "error unsafe-settings: production has no sandbox" in sandbox.err
    assert "error development-issuer" in issuer.err


def test_production_is_announced_by_the_address_that_people_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from istmo.cli.serve import announce
    from istmo.runtime.settings import load

    announce([SLUG], "http://127.0.0.1:8000", load(**production.safe(tmp_path)))

    said = capsys.readouterr().out
    assert "warning: production keeps its records in SQLite" in said
    assert "http://127.0.0.1:8000/civil-certificates/v1" in said
    assert f"istmo check https://{production.HOST} --service {SLUG}" in said
