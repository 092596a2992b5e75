"""Hostile servers: each ends in a named finding, in time, and never in a traceback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from istmo.errors import Finding, KitError, Undecided
from istmo_conformance import client, target
from istmo_conformance.asgi import AsgiClient
from istmo_conformance.client import Answer, Gone, HttpClient, Request
from istmo_conformance.target import Target
from istmo_conformance.transcript import Recorder
from tests.conformance.servers import GET, Speak, drip, says, send


@pytest.mark.parametrize(
    "speak",
    [
        lambda _: time.sleep(5),
        lambda connection: drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: "),
        lambda connection: drip(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        lambda connection: drip(connection, b"HTTP/1.1 200 OK\r\n\r\n"),
    ],
    ids=["hang", "drip-headers", "drip-body", "drip-without-length"],
)
def test_one_clock_covers_the_whole_call(server: Callable[[Speak], str], speak: Speak) -> None:
    started = time.monotonic()

    with pytest.raises(Finding, match="within 1 s"):
        send(server(speak))

    assert time.monotonic() - started < 2.5


def test_an_endless_body_ends_at_the_cap(server: Callable[[Speak], str]) -> None:
    def speak(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with pytest.raises(Finding, match="larger than"):
        send(server(speak), 5.0)


def test_a_compressed_body_is_refused_unread(server: Callable[[Speak], str]) -> None:
    origin = server(says("HTTP/1.1 200 OK\nContent-Encoding: br\nContent-Length: 4\n\n", b"bomb"))

    with pytest.raises(Finding, match="compressed"):
        send(origin)


def test_a_redirect_is_an_answer_and_not_followed(server: Callable[[Speak], str]) -> None:
    visited: list[int] = []
    canary = server(lambda _: visited.append(1))

    answer = send(server(says(f"HTTP/1.1 307 Go\nLocation: {canary}/\nContent-Length: 0\n\n")))

    assert answer.status == 307
    assert visited == []


@pytest.mark.parametrize(
    "speak",
    [
        says("SSH-2.0-OpenSSH\n"),
        says("HTTP/1.1 200 OK\nContent-Length: 10\n\n", b"half"),
        says("HTTP/1.1 200 OK\n" + "".join(f"X-{number}: {'y' * 1000}\n" for number in range(500)) + "\n"),
        says(""),
    ],
    ids=["other-protocol", "half-body", "huge-headers", "nothing"],
)
def test_a_broken_answer_is_a_finding(server: Callable[[Speak], str], speak: Speak) -> None:
    with pytest.raises(Finding):
        send(server(speak))


def test_headers_that_are_no_text_are_read_lossily(server: Callable[[Speak], str]) -> None:
    def speak(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Odd: \xff\xfe\r\nContent-Length: 0\r\n\r\n")

    assert send(server(speak)).header("x-odd") == "\xff\xfe"


def test_nobody_is_judged_for_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(Gone):
        send(f"http://127.0.0.1:{port}")


def test_a_connection_closed_after_a_failure_does_not_harm_the_next_call(server: Callable[[Speak], str]) -> None:
    found = HttpClient(server(says("HTTP/1.1 500 No\nContent-Length: 0\n\n")))

    assert [found.send(GET).status for _ in range(5)] == [500] * 5
    found.close()


def test_calls_at_once_are_at_once(server: Callable[[Speak], str]) -> None:
    def speak(connection: socket.socket) -> None:
        time.sleep(0.3)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    found = HttpClient(server(speak))
    started = time.monotonic()

    assert [one.status for one in found.send_many([GET] * 10)] == [200] * 10
    assert time.monotonic() - started < 1.5
    found.close()


def test_work_is_done_while_an_answer_is_awaited(server: Callable[[Speak], str]) -> None:
    done, seen = threading.Event(), list[bool]()

    def speak(connection: socket.socket) -> None:
        if done.wait(5):  # an answer comes only when the work was done before it
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def work(has_come: Callable[[], bool]) -> None:
        if done.is_set():
            time.sleep(0.3)
        seen.append(has_come())
        done.set()

    recorder = Recorder(HttpClient(server(speak)))
    recorder.attend(work)

    assert [recorder.send(GET).status for _ in range(2)] == [200, 200]
    assert seen == [False, True]
    recorder.close()


def test_work_is_done_first_where_nobody_can_wait() -> None:
    order: list[str] = []

    class Quick:
        origin = "http://quick.example"

        def send(self, request: Request) -> Answer:
            order.append("sent")
            return Answer(204, (), b"", 0.0, request)

        def send_many(self, requests: Sequence[Request]) -> list[Answer]:
            return [self.send(one) for one in requests]

        def close(self) -> None:
            pass

    recorder = Recorder(Quick())
    recorder.attend(lambda has_come: order.append(f"work {has_come()}"))
    recorder.send(GET)
    recorder.send_many([GET, GET])

    assert order == ["work False", "sent", "work False", "sent", "sent"]


def test_the_time_of_the_work_is_not_the_time_of_the_service(server: Callable[[Speak], str]) -> None:
    recorder = Recorder(HttpClient(server(says("HTTP/1.1 200 OK\nContent-Length: 0\n\n")), deadline=0.2))
    recorder.attend(lambda _: time.sleep(0.5))

    assert recorder.send(GET).status == 200
    recorder.close()


def test_a_fault_in_the_work_is_not_lost(server: Callable[[Speak], str]) -> None:
    recorder = Recorder(HttpClient(server(says("HTTP/1.1 200 OK\nContent-Length: 0\n\n"))))

    def work(_: Callable[[], bool]) -> None:
        raise ZeroDivisionError

    recorder.attend(work)
    with pytest.raises(ZeroDivisionError):
        recorder.send(GET)
    recorder.close()


@pytest.mark.parametrize(
    "body",
    [b"\xff", b'"\xed\xa0\x80"', b'{"a":1,"a":2}', b"[NaN]", b"[1", b"", b"[" * 100_000,
     b'{"a":' * 65 + b"1" + b"}" * 65],
    ids=["no-utf8", "surrogate", "twins", "nan", "cut", "empty", "brackets", "deep"],
)  # fmt: skip
def test_json_is_read_strictly(body: bytes) -> None:
    with pytest.raises(Finding):
        client.decode(body)


def test_many_objects_are_not_deep() -> None:
    assert len(client.decode(b"[" + b"{}," * 5000 + b"{}]")) == 5001


def test_a_body_of_quotes_is_read_in_time() -> None:
    started = time.monotonic()

    with pytest.raises(Finding):
        client.decode(b"{" * 65 + b'"' + b'\\"' * 500_000)

    assert time.monotonic() - started < 5


# The application in this process


def test_an_application_that_raises_did_not_answer() -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    found = AsgiClient(broken)
    with pytest.raises(Finding, match="RuntimeError"):
        found.send(GET)
    found.close()


def test_an_application_that_hangs_is_left() -> None:
    import asyncio

    async def hanging(*_: object) -> None:
        await asyncio.sleep(60)

    found = AsgiClient(hanging, deadline=0.3)
    with pytest.raises(Finding, match="within"):
        found.send(GET)
    found.close()


# Looking at a target before judging it


@pytest.mark.parametrize(
    ("speak", "code"),
    [
        (says("HTTP/1.1 301 Go\nLocation: https://elsewhere.example/\nContent-Length: 0\n\n"), "target-redirects"),
        (says("HTTP/1.1 404 No\nContent-Length: 0\n\n"), "no-manifest"),
        (says("HTTP/1.1 200 OK\nContent-Length: 2\n\n", b"[]"), "no-manifest"),
        (says("HTTP/1.1 200 OK\nContent-Length: 15\n\n", b'{"services":[]}'), "service-not-listed"),
        (says("SSH-2.0-OpenSSH\n"), "target-not-http"),
    ],
)
def test_what_cannot_be_judged_says_why(server: Callable[[Speak], str], speak: Speak, code: str) -> None:
    found = Target.url(server(speak), "civil_certificates").open()

    with pytest.raises(Undecided) as caught:
        target.connect(found, "civil_certificates", "1.0.0")

    assert caught.value.code == code
    found.close()


def test_another_major_version_is_not_judged(server: Callable[[Speak], str]) -> None:
    body = b'{"services":[{"slug":"civil-certificates","specVersion":"2.0.0"}]}'
    found = HttpClient(server(says(f"HTTP/1.1 200 OK\nContent-Length: {len(body)}\n\n", body)))

    with pytest.raises(Undecided) as caught:
        target.connect(found, "civil_certificates", "1.0.0")

    assert caught.value.code == "spec-version"
    found.close()


@pytest.mark.parametrize("address", ["", "nonsense", "ftp://x", "https://user:secret@x", "https://x?y"])
def test_a_wrong_address_is_wrong_use(address: str) -> None:
    with pytest.raises(KitError) as caught:
        Target.url(address, "civil_certificates")

    assert caught.value.exit_code == 2
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "code"), [("x", "bad-app"), ("no_such_module:app", "app-import"), ("json:no_such", "app-attribute")]
)
def test_a_wrong_application_is_wrong_use(address: str, code: str) -> None:
    with pytest.raises(KitError) as caught:
        Target.app(address, "civil_certificates").open()

    assert caught.value.code == code
