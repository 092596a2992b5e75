"""Where tokens come from: each source against a small server or program, and no secret in anything that is said."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from istmo.spec import personas
from istmo_conformance.causes import Blocked
from istmo_conformance.subject_file import (
    PersonaSettings,
    SubjectFile,
    TokenSettings,
    outside_source,
    token_source,
)
from istmo_conformance.tokens import (
    ClientCredentials,
    CommandTokens,
    Credential,
    StaticTokens,
    TokenSource,
    read_token,
    secret_url,
)
from tests.conformance.conftest import Judge
from tests.conformance.standin import SLUG, Standin

SECRET = "hunter2-hunter2-hunter2"  # of nobody
Answering = Callable[[dict[str, str], dict[str, list[str]]], tuple[int, bytes]]


@contextmanager
def issuer(answer: Answering) -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """An authorization server, and the forms that it was sent."""
    sent: list[dict[str, list[str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent.append(parse_qs(body))
            status, content = answer({name.lower(): value for name, value in self.headers.items()}, sent[-1])
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/oauth2/token?realm=x", sent
    finally:
        server.shutdown()
        server.server_close()


def credentials(url: str, environ: dict[str, str] | None = None) -> ClientCredentials:
    known = {alias: Credential("istmo suite", "SECRET_OF_SUITE", f"{alias}-scope") for alias in ("ana", "eva")}
    return ClientCredentials(url, known, "aud", {"SECRET_OF_SUITE": SECRET} if environ is None else environ)


def blocked(source: TokenSource, alias: str = "ana", **asked: Any) -> Blocked:
    with pytest.raises(Blocked) as caught:
        source.issue(alias, asked)
    assert caught.value.anywhere
    for secret in source.secrets:
        assert secret not in caught.value.message + json.dumps(caught.value.cause.told)
    return caught.value


def test_client_credentials_are_asked_for_once_a_persona_with_basic_authentication() -> None:
    def answer(headers: dict[str, str], form: dict[str, list[str]]) -> tuple[int, bytes]:
        pair = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode()
        assert pair == f"istmo+suite:{SECRET}"
        token = {"access_token": f"t-{form['scope'][0]}", "token_type": "bearer", "expires_in": 600}
        return 200, json.dumps(token).encode()

    with issuer(answer) as (url, sent):
        source = credentials(url)

        assert [source.issue(alias, {}) for alias in ("ana", "ana", "eva")] == [
            "t-ana-scope",
            "t-ana-scope",
            "t-eva-scope",
        ]
        assert sent == [
            {"grant_type": ["client_credentials"], "scope": [f"{alias}-scope"], "audience": ["aud"]}
            for alias in ("ana", "eva")
        ]  # fmt: skip
        assert SECRET in source.secrets
        assert base64.b64encode(f"istmo+suite:{SECRET}".encode()).decode() in source.secrets


def test_a_token_is_asked_for_anew_when_its_time_is_over() -> None:
    def answer(_: dict[str, str], __: dict[str, list[str]]) -> tuple[int, bytes]:
        return 200, b'{"access_token": "abc", "token_type": "Bearer", "expires_in": 0.000001}'

    with issuer(answer) as (url, sent):
        source = credentials(url)

        assert [source.issue("ana", {}) for _ in range(2)] == ["abc", "abc"]
        assert len(sent) == 2


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b'{"error": "invalid_client", "error_description": "hunter2"}', "401 invalid_client"),
        (400, b'{"error": "Hunter2-hunter2"}', "400"),
        (500, b"hunter2", "500"),
        (200, b'{"access_token": 5}', "no bearer token"),
        (200, b'{"access_token": "abc", "token_type": "mac"}', "no bearer token"),
        (200, b"<html>hunter2</html>", "no token"),
        (200, b"{", "not JSON"),
        (302, b"", "302"),
    ],
)
def test_an_issuer_that_gives_nothing_is_a_cause_asked_once_and_never_quoted(
    status: int, body: bytes, said: str
) -> None:
    with issuer(lambda *_: (status, body)) as (url, sent):
        source = credentials(url)
        first, second = blocked(source), blocked(source)

    assert len(sent) == 1
    assert said in first.message
    assert "unter2" not in first.message
    assert (first.cause.kind, first.cause.name) == ("token", "ana")
    assert first.message == second.message


def test_an_issuer_that_is_not_there_is_a_cause() -> None:
    with issuer(lambda *_: (200, b"")) as (url, _):
        pass

    assert "does not accept connections" in blocked(credentials(url)).message


def test_what_is_not_given_is_named() -> None:
    source = credentials("http://127.0.0.1:9", {})

    assert source.lacking("ana") == "$SECRET_OF_SUITE"
    assert source.lacking("gov") == "personas.gov"
    assert blocked(source).cause.kind == "subject"
    assert StaticTokens({"ana": "TOKEN_A"}, {"TOKEN_A": " "}).lacking("ana") == "$TOKEN_A"
    assert StaticTokens({}, {}).lacking("ana") == "personas.ana.token_env"
    assert CommandTokens(("x",), {}, environ={}).lacking("ana") == "personas.ana"


def test_static_tokens_stand_in_variables() -> None:
    source = StaticTokens({"ana": "TOKEN_A"}, {"TOKEN_A": "abc.def.ghi\n"})

    assert source.issue("ana", {}) == "abc.def.ghi"
    assert "plain" in blocked(source, acr="low").message


def program(folder: Path, body: str) -> tuple[str, ...]:
    path = folder / "token.py"
    path.write_text("import json, os, sys, time\n" + body, encoding="utf-8")
    return (sys.executable, str(path), "{persona}", "{scope}")


@pytest.mark.parametrize(
    "body",
    [
        "print(sys.argv[1] + '-' + sys.argv[2])",
        "print(json.dumps({'access_token': sys.argv[1] + '-' + sys.argv[2], 'token_type': 'Bearer'}))",
        "print(json.dumps({'accessToken': sys.argv[1] + '-' + sys.argv[2]}))",
    ],
)
def test_a_command_prints_a_token_bare_or_as_json(tmp_path: Path, body: str) -> None:
    source = CommandTokens(program(tmp_path, body), {"ana": "a.b"}, environ={})

    assert source.issue("ana", {}) == "ana-a.b"


def test_the_words_of_a_command_reach_no_shell(tmp_path: Path) -> None:
    source = CommandTokens(
        (*program(tmp_path, "print(len(sys.argv), end='')"), "; touch x", "$(id)"), {"ana": "a; b"}, environ={}
    )

    assert source.issue("ana", {}) == "5"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sys.stderr.write('no user ' + os.environ['MY_SECRET']); sys.exit(3)", "ended with 3: no user [redacted:1]"),
        ("sys.stderr.write('got eyJhbGciOiJIUzI1NiJ9.e30.abc'); sys.exit(1)", "got [redacted]"),
        ("sys.stderr.write('key 9f8a7b6c5d4e3f2a1b0c9d8e'); sys.exit(1)", "key [redacted]"),
        ("time.sleep(30)", "did not end within 0.5 s"),
        ("pass", "no token"),
        ("print('two words')", "no token"),
        ("print('x' * 70000)", "larger than any token"),
        ("print('{\"access_token\": 1}')", "no bearer token"),
    ],
)
def test_a_command_that_fails_is_a_cause_without_secrets(tmp_path: Path, body: str, said: str) -> None:
    seconds = 0.5 if "sleep" in body else 30.0
    source = CommandTokens(program(tmp_path, body), {"ana": "x"}, seconds, {"MY_SECRET": SECRET})

    found = blocked(source)

    assert said in found.message
    assert SECRET not in found.message


def test_a_command_that_is_not_there_is_a_cause() -> None:
    assert "cannot be started" in blocked(CommandTokens(("/no/such/program",), {"ana": "x"}, environ={})).message


def test_a_token_response_is_read_strictly() -> None:
    assert read_token(b'{"access_token": "a", "token_type": "BEARER", "expires_in": 60}') == ("a", 60.0)
    assert read_token(b'{"access_token": "a", "expires_in": "soon"}')[1] == 300.0
    assert read_token(b"  a.b.c \n")[0] == "a.b.c"


def test_secrets_travel_over_tls_or_not_at_all() -> None:
    assert secret_url("https://a.example/t")
    assert secret_url("http://127.0.0.1:8100/tokens")
    assert not secret_url("http://a.example/t")


@pytest.mark.parametrize("kind", ["sandbox", "static", "client-credentials", "command"])
def test_the_subject_file_chooses_the_source(kind: str) -> None:
    own = PersonaSettings(token_env="T", client_id="c", client_secret_env="S")  # names of variables
    settings = SubjectFile(
        SLUG, tokens=TokenSettings(kind, "http://127.0.0.1:9", command=("x",)), personas={"ana": own}
    )

    found = outside_source(settings, SLUG, personas(), {"T": "t", "S": "s"})

    assert (found.kind if found is not None else "sandbox") == kind
    assert found is None or (found.lacking("ana"), bool(found.lacking("eva"))) == ("", True)


def test_the_standard_says_which_scopes_a_persona_asks_for() -> None:
    settings = SubjectFile(SLUG, tokens=TokenSettings("command", command=("x",)), personas={"ana": PersonaSettings()})

    found = outside_source(settings, SLUG, personas(), {})

    assert isinstance(found, CommandTokens)
    assert found.scopes == {"ana": "civil-certificates:read civil-certificates:write"}


def test_a_run_with_tokens_from_outside_says_once_what_is_not_given(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Standin()
    people = {alias: PersonaSettings(token_env=f"ISTMO_TEST_{alias.upper()}") for alias in ("ana", "bruno", "eva")}
    for alias in ("ana", "bruno"):
        token = service.token({"persona": personas()[alias].persona})
        monkeypatch.setenv(f"ISTMO_TEST_{alias.upper()}", token)
    settings = SubjectFile(SLUG, tokens=TokenSettings("static"), personas=people)

    report = judge(service, settings=settings)

    (cause,) = [one for one in report.document["causes"] if one["what"] == "$ISTMO_TEST_EVA"]
    assert (cause["kind"], cause["name"]) == ("subject", "personas.eva")
    assert cause["scenarios"]
    assert report.document["subject"]["tokens"] == "static"
    written = "".join(path.read_text(encoding="utf-8") for path in Path(report.path or "").parent.iterdir())
    assert service.token({"persona": personas()["ana"].persona}) not in written


def test_without_a_subject_file_the_sandbox_issues_the_tokens(judge: Judge) -> None:
    report = judge(Standin())

    assert report.document["subject"] == {}
    assert report.document["counts"]["scenarios"]["pass"] == 14


def test_the_sandbox_of_production_issues_none() -> None:
    from istmo_conformance.asgi import AsgiClient
    from istmo_conformance.sandbox import Sandbox

    source = token_source(None, SLUG, personas(), Sandbox(AsgiClient(Standin())), there=False)

    assert source.lacking("ana")
    assert blocked(source).cause.kind == "subject"
