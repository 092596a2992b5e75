"""What is read the short way is what h11 reads: the same answer, or the same complaint."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable

import pytest

from istmo_conformance import _wire
from istmo_conformance.client import HttpClient, Request
from tests.conformance.servers import GET, Speak

NEVER = re.compile(b"(?!)")
OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS: dict[str, list[bytes]] = {
    "plain": [OK + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"],
    "in-pieces": [b"HTT", b"P/1.1 200 OK\r\nContent-Le", b"ngth: 4\r\n\r", b"\nab", b"cd"],
    "no-reason": [b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"],
    "no-reason-nor-blank": [b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"],
    "no-content": [b"HTTP/1.1 204 No Content\r\n\r\n"],
    "no-content-with-length": [b"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n"],
    "not-modified": [b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'],
    "chunked": [OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"],
    "chunked-and-length": [OK + b"Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n2\r\nhi\r\n0\r\n\r\n"],
    "to-the-end": [OK + b"\r\nuntil it closes"],
    "closing": [OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi"],
    "keeping": [OK + b"Connection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi"],
    "old": [b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi"],
    "informed-before": [b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi"],
    "switching": [b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"],
    "two-lengths": [OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi"],
    "two-differing-lengths": [OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi!"],
    "length-twice-in-one": [OK + b"Content-Length: 2, 2\r\n\r\nhi"],
    "negative-length": [OK + b"Content-Length: -2\r\n\r\nhi"],
    "endless-length": [OK + b"Content-Length: 999999999999999999999999\r\n\r\nhi"],
    "length-of-nothing": [OK + b"Content-Length:\r\n\r\nhi"],
    "blank-before-colon": [OK + b"Content-Length : 2\r\n\r\nhi"],
    "no-colon": [OK + b"nonsense\r\nContent-Length: 2\r\n\r\nhi"],
    "folded": [OK + b"X-Long: a\r\n b\r\nContent-Length: 2\r\n\r\nhi"],
    "tabs-and-blanks": [OK + b"X-Wide:\t  a  b \t\r\nContent-Length:   2  \r\n\r\nhi"],
    "trailing-blank": [OK + b"X-Wide: a   \r\nContent-Length: 2\r\n\r\nhi"],
    "no-value": [OK + b"X-None:\r\nContent-Length: 2\r\n\r\nhi"],
    "latin": [OK + b"X-Odd: \xff\xe9\r\nContent-Length: 2\r\n\r\nhi"],
    "zero-byte": [OK + b"X-Odd: a\x00b\r\nContent-Length: 2\r\n\r\nhi"],
    "return-alone": [OK + b"X-Odd: a\rX-Two: b\r\nContent-Length: 2\r\n\r\nhi"],
    "feeds-alone": [b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"],
    "feed-at-the-end": [OK + b"Content-Length: 2\r\n\nhi"],
    "lower-case": [b"http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"],
    "status-of-four": [b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nhi"],
    "status-of-600": [b"HTTP/1.1 600 Odd\r\nContent-Length: 2\r\n\r\nhi"],
    "more-than-said": [OK + b"Content-Length: 2\r\n\r\nhi, there"],
    "less-than-said": [OK + b"Content-Length: 9\r\n\r\nhi"],
    "half-a-head": [OK + b"Content-Le"],
    "nothing": [b""],
    "other-protocol": [b"SSH-2.0-OpenSSH\r\n"],
    "twice-encoded": [OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n"],
    "large-head": [OK + b"X-Large: " + b"y" * 90_000 + b"\r\nContent-Length: 2\r\n\r\nhi"],
    "huge-head": [OK + b"X-Huge: " + b"y" * 300_000 + b"\r\nContent-Length: 2\r\n\r\nhi"],
    "compressed": [OK + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\nhi"],
}  # fmt: skip
REQUESTS: dict[str, Request] = {
    "body": Request("POST", "/", (("Content-Type", "application/json"),), b"{}"),
    "no-body": Request("DELETE", "/a?b=c"),
    "head": Request("HEAD", "/"),
    "blank-in-value": Request("GET", "/", (("X-Odd", " a"),)),
    "letters-beyond-ascii": Request("GET", "/", (("X-Odd", "añil"),)),
    "zero-byte": Request("GET", "/", (("X-Odd", "a\0b"),)),
    "second-host": Request("GET", "/", (("Host", "elsewhere.example"),)),
    "second-length": Request("POST", "/", (("Content-Length", "7"),), b"{}"),
    "length-without-body": Request("GET", "/", (("Content-Length", "7"),)),
    "closing": Request("GET", "/", (("Connection", "close"),)),
    "blank-in-path": Request("GET", "/a b"),
    "small-letters": Request("get", "/"),
}


def outcome(origin: str, request: Request, calls: int = 1) -> object:
    """The answer to the last of some calls, or what is said of it."""
    client = HttpClient(origin, deadline=5.0)
    try:
        for _ in range(calls):
            answer = client.send(request)
    except Exception as error:  # noqa: BLE001 - whatever it is, both ways must say it
        return type(error).__name__, str(error)
    finally:
        client.close()
    return answer.status, answer.fields, answer.body


def both(monkeypatch: pytest.MonkeyPatch, origin: str, calls: int = 1) -> tuple[object, object]:
    """What the two ways of reading say."""
    short = outcome(origin, GET, calls)
    monkeypatch.setattr(_wire, "_ASKED", NEVER)
    monkeypatch.setattr(_wire, "_ANSWERED", NEVER)
    return short, outcome(origin, GET, calls)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_the_same_either_way(
    name: str, server: Callable[[Speak], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def speak(connection: socket.socket) -> None:
        for piece in ANSWERS[name]:
            connection.sendall(piece)

    short, long = both(monkeypatch, server(speak))

    assert short == long


@pytest.mark.parametrize("behind", [b"nonsense", OK + b"Content-Length: 4\r\n\r\nlate"], ids=["no-answer", "answer"])
def test_what_comes_behind_an_answer_is_read_as_the_next_one(
    behind: bytes, server: Callable[[Speak], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def speak(connection: socket.socket) -> None:
        connection.sendall(OK + b"Content-Length: 2\r\n\r\nhi" + behind)
        connection.recv(65536)

    short, long = both(monkeypatch, server(speak), calls=2)

    assert short == long
    assert short != (200, (("content-length", "2"),), b"hi")


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_the_same_either_way(
    name: str, server: Callable[[Speak], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []

    def speak(connection: socket.socket) -> None:
        connection.sendall(OK + b"Content-Length: 0\r\nConnection: close\r\n\r\n")

    sent = socket.socket.send

    def send(connection: socket.socket, data: bytes) -> int:
        seen.append(bytes(data))
        return sent(connection, data)

    monkeypatch.setattr(socket.socket, "send", send)
    origin = server(speak)
    short = (outcome(origin, REQUESTS[name]), b"".join(seen))
    seen.clear()
    monkeypatch.setattr(_wire, "_ASKED", NEVER)

    assert (outcome(origin, REQUESTS[name]), b"".join(seen)) == short


def test_a_connection_is_kept_for_the_next_call(server: Callable[[Speak], str]) -> None:
    opened: list[int] = []

    def speak(connection: socket.socket) -> None:
        opened.append(1)
        for _ in range(3):
            connection.sendall(OK + b"Content-Length: 2\r\n\r\nhi")
            connection.recv(65536)

    client = HttpClient(server(speak))
    assert [client.send(GET).body for _ in range(3)] == [b"hi"] * 3
    client.close()

    assert len(opened) == 1
