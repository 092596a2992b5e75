"""Serving on this machine: a real process, a real socket."""

from __future__ import annotations

import json
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

from .conftest import Done

Run = Callable[..., Done]
SLUG = "civil_certificates"


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A serving command and the address that it announces."""
    command = [sys.executable, "-m", "istmo", *words, "--port", "0", "--lang", "en"]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
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


def get(url: str) -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
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
