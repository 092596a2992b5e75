"""A target is hostile until proven otherwise: what a run survives, and what it says then."""

from __future__ import annotations

import contextlib
import gzip
import json
import resource
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from istmo import spec as specs
from istmo.errors import Finding, KitError, Undecided
from istmo_conformance import _network, runner
from istmo_conformance.client import HttpClient
from istmo_conformance.report import Report
from istmo_conformance.target import Target
from istmo_conformance.verdict import Overall
from tests.conformance.conftest import FEATURES
from tests.conformance.servers import GET, Speak, drip, says, send, speaking
from tests.conformance.standin import SLUG, Standin

MANIFEST = {
    "country": "HN", "operator": "o", "environment": "sandbox", "languages": ["es", "en"],
    "services": [{"slug": "civil-certificates", "specVersion": "1.0.0", "baseUrl": "/civil-certificates/v1",
                  "claimedStage": 5}],
}  # fmt: skip
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MIB = 1024 * 1024


HUGE = b"a" * 10 * MIB
MANY = b"X-A: b\r\n" * 100_000
BOMB = gzip.compress(bytes(64 * MIB))


def whole(head: bytes, body: bytes) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def endless(connection: socket.socket) -> None:
    connection.sendall(OK + b"\r\n[")
    while True:
        connection.sendall(b"0," * 32768)


def huge_header(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
    connection.sendall(HUGE)


HOSTILE: dict[str, Callable[[socket.socket], Any]] = {
    "hang": lambda _: time.sleep(30),
    "drip": lambda connection: drip(connection, OK + b"Content-Length: 100000\r\n\r\n"),
    "endless": endless,
    "gzip-bomb": lambda c: c.sendall(whole(OK + b"Content-Encoding: gzip\r\n", BOMB)),
    "claims-gigabytes": lambda c: c.sendall(OK + b"Content-Length: 99999999999\r\n\r\n{}"),
    "many-headers": lambda c: c.sendall(b"HTTP/1.1 200 OK\r\n" + MANY),
    "huge-header": huge_header,
    "brackets": lambda c: c.sendall(whole(OK, b"[" * 500_000)),
    "no-utf8": lambda c: c.sendall(whole(OK, b'{"a":"\xff\xfe"}')),
    "surrogate": lambda c: c.sendall(whole(OK, b'{"a":"\\ud800","b":"\xed\xa0\x80"}')),
    "nan": lambda c: c.sendall(whole(OK, b'{"a":NaN,"a":Infinity}')),
    "big-number": lambda c: c.sendall(whole(OK, b'{"a":' + b"9" * 100_000 + b"}")),
    "terminal": lambda c: c.sendall(whole(OK, json.dumps({"title": "\x1b[2J<script>alert(1)</script>]]>"}).encode())),
    "continues": lambda c: c.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 200 + whole(OK, b"{}")),
    "two-lengths": lambda c: c.sendall(OK + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}"),
    "switches": lambda c: c.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "status-999": lambda c: c.sendall(whole(b"HTTP/1.1 999 ?\r\nContent-Type: application/json\r\n", b"{}")),
    "closes": lambda c: c.close(),
}


def behind_a_manifest(manner: Speak) -> Speak:
    """A server that says who it is, as any service, and is hostile from then on."""
    seen: set[str] = set()

    def speak(connection: socket.socket) -> None:
        if not seen:
            seen.add("manifest")
            head = OK + b"Connection: close\r\n"
            connection.sendall(whole(head, json.dumps(MANIFEST).encode()))
            return
        manner(connection)

    return speak


def judged(origin: str, folder: Path, **options: Any) -> Report:
    options.setdefault("features", FEATURES)
    return runner.run(Target.url(origin, SLUG), folder, **options)


@pytest.fixture(scope="module")
def warm() -> None:
    """Load what a run needs, so that the memory of the next one is its own."""
    with speaking() as serve, tempfile.TemporaryDirectory() as folder:
        judged(serve(behind_a_manifest(says("HTTP/1.1 404 No\nContent-Length: 0\n\n"))), Path(folder))


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("manner", HOSTILE)
def test_a_whole_run_ends_in_time_and_within_bounds_and_is_never_conformant(
    manner: str, server: Callable[[Speak], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "istmo_conformance.client.HttpClient.__init__.__kwdefaults__", {"deadline": 0.3, "private": False}
    )
    origin = server(behind_a_manifest(HOSTILE[manner]))
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    report = judged(origin, tmp_path)

    assert time.monotonic() - started < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024  # KiB
    assert report.verdict in {Overall.NOT_CONFORMANT, Overall.UNDECIDED, Overall.INTERRUPTED}
    assert not [one for one in report.document["scenarios"] if one["verdict"] in {"pass", "error"}]
    assert "\x1b" not in (tmp_path / "report.json").read_text()


def test_a_target_that_hangs_is_left_after_three_scenarios(
    server: Callable[[Speak], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "istmo_conformance.client.HttpClient.__init__.__kwdefaults__", {"deadline": 0.3, "private": False}
    )
    report = judged(server(behind_a_manifest(HOSTILE["hang"])), tmp_path)

    assert report.verdict is Overall.INTERRUPTED
    reached = [one for one in report.document["scenarios"] if one["reason"] != "not-reached"]
    assert len(reached) == 3


def test_a_run_lasts_no_longer_than_it_may(judge: Callable[..., Report]) -> None:
    report = judge(Standin(), longest=0.0)

    assert report.verdict is Overall.INTERRUPTED
    assert sum(one["reason"] != "not-reached" for one in report.document["scenarios"]) == 1


# Where a call goes


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "2002:0a00:0001::", "ff02::1"],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused_unless_that_is_meant(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(family, socket.SOCK_STREAM, 6, "", (address, 443))])

    with pytest.raises(Undecided) as caught:
        _network.resolve("services.example.org", 443, private=False)

    assert caught.value.code == "target-private"
    assert "--private" in caught.value.hint
    assert _network.resolve("services.example.org", 443, private=True) == address


def test_one_bad_address_among_good_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with pytest.raises(Undecided):
        _network.resolve("services.example.org", 443, private=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "::1", "93.184.216.34"])
def test_an_address_that_is_written_out_is_meant(host: str) -> None:
    assert _network.resolve(host, 80, private=False) == host


def test_a_name_keeps_its_first_address_for_the_whole_run(
    server: Callable[[Speak], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(server(says("HTTP/1.1 204 No Content\nConnection: close\n\n")).rpartition(":")[2])
    asked: list[str] = []

    def lookup(host: str, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.9"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    client = HttpClient(f"http://rebinding.example:{port}", private=True)
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo",
        lambda host, *rest, **more: lookup(host) if host == "rebinding.example" else real(host, *rest, **more),
    )  # fmt: skip

    assert [client.send(GET).status for _ in range(3)] == [204] * 3
    assert asked == ["rebinding.example"]
    client.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_anywhere_in_a_run(status: int, server: Callable[[Speak], str], tmp_path: Path) -> None:
    visited: list[int] = []
    canary = server(lambda _: visited.append(1))
    links = f"Location: {canary}/latest/meta-data/\nLink: <{canary}/>; rel=next\n"
    head = f"HTTP/1.1 {status} Go\n{links}Content-Length: 0\n\n"

    report = judged(server(behind_a_manifest(says(head))), tmp_path)

    assert visited == []
    assert not [one for one in report.document["scenarios"] if one["verdict"] == "pass"]


# Encryption


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody vouches for, with its key."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-keyout", str(file), "-out", f"{file}.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(certificate: Path, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            context.wrap_socket(listener.accept()[0], server_side=True)
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with pytest.raises(Undecided) as caught:
        judged(f"https://localhost:{listener.getsockname()[1]}", tmp_path)
    listener.close()

    assert caught.value.code == "target-tls"


# What a stranger's specification may do


def served(document: Any, tmp_path: Path) -> list[str]:
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document))
    return specs.faults_of(file, seconds=3)


def shell(**schemas: Any) -> dict[str, Any]:
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}
    return {
        "openapi": "3.1.0", "info": {"title": "t", "version": "1.0.0"},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "d", "content": body}}}}},
        "components": {"schemas": {"A": {"type": "object"}, **schemas}},
    }  # fmt: skip


def test_a_right_document_has_no_faults_and_a_wrong_one_is_told_by_its_place(tmp_path: Path) -> None:
    assert served(shell(), tmp_path) == []
    wrong = shell()
    del wrong["paths"]["/a"]["get"]["responses"]["200"]["description"]
    assert any("/paths" in fault for fault in served(wrong, tmp_path))


@pytest.mark.parametrize(
    "schema",
    [
        {"A": {"$ref": "#/components/schemas/A"}},
        {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
        {"A": {"type": "string", "pattern": "^(a+)+$", "default": "a" * 40 + "!"}},
        {"A": {"type": "string", "pattern": "^(a+)+$", "examples": ["a" * 40 + "!"]}},
        {"A": {"allOf": [{"$ref": "#/components/schemas/A"}] * 40}},
        {"A": {"properties": {"next": {"$ref": "#/components/schemas/A"}}}},
    ],
    ids=["itself", "each-other", "pattern-default", "pattern-example", "doubles", "recursive"],
)
def test_a_document_that_winds_itself_up_is_left_in_time(schema: Any, tmp_path: Path) -> None:
    started = time.monotonic()
    with contextlib.suppress(KitError):
        served(shell(**schema), tmp_path)
    assert time.monotonic() - started < 12


@pytest.mark.parametrize("scheme", ["http", "file", "relative"])
def test_a_reference_that_leads_out_is_never_opened(
    scheme: str, server: Callable[[Speak], str], tmp_path: Path
) -> None:
    visited: list[int] = []
    (tmp_path / "secret.json").write_text('{"SECRETWORD": 1}')
    target = {
        "http": f"{server(lambda _: visited.append(1))}/x.json",
        "file": f"file://{tmp_path}/secret.json",
        "relative": "../secret.json",
    }[scheme]
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "openapi.json").write_text(json.dumps(shell(B={"$ref": target})))

    with pytest.raises(KitError) as caught:
        specs.faults_of(inner / "openapi.json")

    assert visited == []
    assert "SECRETWORD" not in str(caught.value)


def test_half_a_header_line_is_no_crash(server: Callable[[Speak], str]) -> None:
    with pytest.raises(Finding):
        send(server(lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nX\x00: \xff\r\n: y\r\n\r\n")))


def test_the_suite_starts_without_what_only_a_child_needs() -> None:
    code = "import istmo_conformance.steps, sys; print('openapi_spec_validator' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "False"
