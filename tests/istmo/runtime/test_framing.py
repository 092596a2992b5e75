"""Requests with unclear boundaries, over a real socket: one reading or none, and every refusal is a problem.

Uvicorn's own bare 400 for what cannot be parsed would be allowed here; Istmo's protocol shapes that one too.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.istmo.runtime.served import BASE, SLUG, Served, closed_within, get, read, replies, served

from istmo.spec import spec

HOST = "Host: 127.0.0.1\r\n"
POST = next(o for o in spec(SLUG).operations.values() if o.public and o.method == "POST" and not o.failure_limit)
JSON = "Content-Type: application/json\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("framing")) as found:
        yield found


def request(*lines: str, target: str = f"{BASE}/health", method: str = "GET", body: str = "") -> bytes:
    return (f"{method} {target} HTTP/1.1\r\n" + "".join(lines) + "\r\n" + body).encode("latin-1")


def post(*lines: str, body: str = "") -> bytes:
    return request(HOST, JSON, *lines, target=BASE + POST.path, method="POST", body=body)


UNPARSABLE = {
    "two readings of the length": post("Content-Length: 4\r\n", "Transfer-Encoding: chunked\r\n", body="0\r\n\r\n"),
    "the same the other way": post("Transfer-Encoding: chunked\r\n", "Content-Length: 4\r\n", body="0\r\n\r\n"),
    "two lengths": post("Content-Length: 2\r\n", "Content-Length: 3\r\n", body="{}"),
    "two equal lengths": post("Content-Length: 2\r\n", "Content-Length: 2\r\n", body="{}"),
    "a list of lengths": post("Content-Length: 2, 2\r\n", body="{}"),
    "a negative length": post("Content-Length: -2\r\n", body="{}"),
    "a length with a sign": post("Content-Length: +2\r\n", body="{}"),
    "a length in words": post("Content-Length: two\r\n", body="{}"),
    "a length beyond counting": post("Content-Length: " + "9" * 30 + "\r\n", body="{}"),
    "an encoding that is not chunked": post("Transfer-Encoding: chunked, identity\r\n", body="{}"),
    "a bad size of a chunk": post("Transfer-Encoding: chunked\r\n", body="xyz\r\n{}\r\n0\r\n\r\n"),
    "a chunk longer than it says": post("Transfer-Encoding: chunked\r\n", body="1\r\n{}\r\n0\r\n\r\n"),
    "a blank before the colon": request(HOST, "X-Name : 1\r\n"),
    "a folded header": request(HOST, "X-Name: 1\r\n", " 2\r\n"),
    "a header without a name": request(HOST, ": 1\r\n"),
    "a nul in a header": request(HOST, "X-Name: a\x00b\r\n"),
    "a lone carriage return": request(HOST, "X-Name: a\rb\r\n"),
    "bare line feeds": f"GET {BASE}/health HTTP/1.1\nHost: 127.0.0.1\n\n".encode(),
    "an unknown method": request(HOST, method="BREW"),
    "a method in small letters": request(HOST, method="get"),
    "no target": b"GET HTTP/1.1\r\n" + HOST.encode() + b"\r\n",
    "two targets": request(HOST, target="/a /b"),
    "another protocol": f"GET {BASE}/health HTTP/3.7\r\n{HOST}\r\n".encode(),
    "no protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a tunnel": request(HOST, method="CONNECT", target="127.0.0.1:80"),
    "garbage": b"\xff\xfe canary \r\n\r\n",
}


@pytest.mark.parametrize("data", UNPARSABLE.values(), ids=UNPARSABLE)
def test_what_can_be_read_in_two_ways_is_refused_and_the_connection_closed(server: Served, data: bytes) -> None:
    with server.connect() as line:
        line.sendall(data)
        found = replies(read(line, 5.0))

    assert len(found) == 1
    assert found[0].status in {400, 405, 505}, found[0].body
    found[0].problem(found[0].status, {405: "method-not-allowed"}.get(found[0].status, "invalid-parameter"))
    assert b"canary" not in found[0].body
    assert server.well()


def test_the_problem_of_the_protocol_speaks_the_language_asked_for(server: Served) -> None:
    english = server.say(request(HOST, "Accept-Language: en\r\n", "X-Good: 1\r\n", "X-Bad : 1\r\n"))[0]
    spanish = server.say(request(HOST, "X-Bad : 1\r\n"))[0]

    assert english.problem(400, "invalid-parameter")["title"] == "A parameter is malformed"
    assert spanish.problem(400, "invalid-parameter")["title"] == "Un parámetro está mal formado"


def test_no_host_and_two_hosts_are_refused_where_hosts_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISTMO_HOSTS", "service.example")
    with served(tmp_path) as server:
        for lines in ([], ["Host: other.example\r\n"], ["Host: service.example\r\n", "Host: other.example\r\n"]):
            server.say(request(*lines, "Connection: close\r\n"))[0].problem(400, "invalid-parameter")
        assert server.say(request("Host: service.example\r\n", "Connection: close\r\n"))[0].status == 200


def test_two_hosts_are_refused_also_where_none_is_named(server: Served) -> None:
    found = server.say(request("Host: a.example\r\n", "Host: b.example\r\n", "Connection: close\r\n"))

    found[0].problem(400, "invalid-parameter")


@pytest.mark.parametrize(
    "lines",
    [["X-Long: " + "c" * 100_000], [f"X-{n}: 1" for n in range(3000)], ["c" * 100_000 + ": 1"]],
    ids=["long", "many", "name"],
)
def test_headers_of_100_kilobytes_are_refused(server: Served, lines: list[str]) -> None:
    server.say(get("/health", *lines))[0].problem(431, "headers-too-large")


def test_headers_without_an_end_are_not_collected(server: Served) -> None:
    before = server.resident()
    with server.connect() as line:
        line.sendall(get("/health", close=False)[:-2])
        sent = 0
        try:
            while sent < 50_000_000:
                sent += line.send(b"X-More: " + b"c" * 8000 + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        found = replies(read(line, 3.0))

    assert sent < 50_000_000
    assert [one.status for one in found] in ([431], [])  # the reset may overtake the answer
    assert server.resident() - before < 20_000_000
    assert server.well()


def test_an_absolute_target_is_the_same_request(server: Served) -> None:
    found = server.say(request(HOST, "Connection: close\r\n", target=f"http://127.0.0.1{BASE}/health"))

    assert [one.status for one in found] == [200]


def test_a_question_about_the_whole_server_has_no_answer(server: Served) -> None:
    found = server.say(request(HOST, "Connection: close\r\n", method="OPTIONS", target="*"))

    assert [one.status in {400, 404, 405} for one in found] == [True]
    assert found[0].headers["content-type"] == "application/problem+json"


def test_trace_is_not_possible_and_allow_says_what_is(server: Served) -> None:
    found = server.say(request(HOST, "Connection: close\r\n", method="TRACE"))[0]

    found.problem(405, "method-not-allowed")
    assert found.headers["allow"] == "GET, HEAD"


def test_a_gigabyte_that_is_announced_is_refused_before_it_is_sent(server: Served) -> None:
    for more in ("", "Expect: 100-continue\r\n"):
        with server.connect() as line:
            line.sendall(post("Content-Length: 1000000000\r\n", more))
            found = replies(read(line, 5.0))
            assert closed_within(line, 5.0) is not None
        found[0].problem(413, "payload-too-large")
        assert found[0].headers["connection"] == "close"


def test_a_gigabyte_for_an_operation_without_a_body_is_not_taken_either(server: Served) -> None:
    before = server.resident()
    with server.connect() as line:
        line.sendall(get("/health", "Content-Length: 1000000000", close=False))
        sent = 0
        try:
            while sent < 100_000_000:
                sent += line.send(b"c" * 65536)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 100_000_000
    assert server.resident() - before < 20_000_000
    assert server.well()


def test_chunks_beyond_the_cap_are_refused_while_they_come(server: Served) -> None:
    chunk = b"10000\r\n" + b"c" * 0x10000 + b"\r\n"
    with server.connect() as line:
        line.sendall(post("Transfer-Encoding: chunked\r\n"))
        sent = 0
        try:
            while sent < 50_000_000:
                sent += line.send(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
        found = replies(read(line, 3.0))

    assert sent < 50_000_000
    found[0].problem(413, "payload-too-large")
    assert server.well()


def test_a_connection_stays_usable_after_an_ordinary_refusal(server: Served) -> None:
    with server.connect() as line:
        for path, status in (("/nothing", 404), ("/health", 200), ("/health?limt=1", 400), ("/health", 200)):
            line.sendall(get(path, close=False))
            assert [one.status for one in replies(_one(line))] == [status]


def test_a_body_that_comes_after_the_refusal_is_thrown_away(server: Served) -> None:
    protected = next(
        o for o in spec(SLUG).operations.values() if not o.public and o.method == "POST" and "{" not in o.path
    )
    with server.connect() as line:
        line.sendall(request(HOST, JSON, "Content-Length: 9\r\n", target=BASE + protected.path, method="POST"))
        assert [one.status for one in replies(_one(line))] == [401]
        line.sendall(b'{"a": 12}' + get("/health", close=False))
        assert [one.status for one in replies(_one(line))] == [200]


def test_requests_in_one_packet_are_answered_in_order(server: Served) -> None:
    found = server.say(get("/nothing", close=False) + get("/health", close=False) + get("/health"))

    assert [one.status for one in found] == [404, 200, 200]


def test_garbage_behind_a_request_does_not_take_its_answer(server: Served) -> None:
    with server.connect() as line:
        line.sendall(get("/health", close=False) + b"\x00canary\r\n\r\n" * 10)
        found = replies(read(line, 5.0))
        assert closed_within(line, 5.0) is not None

    assert [one.status for one in found] == [200]
    assert server.well()


def test_a_wish_for_another_protocol_is_not_granted(server: Served) -> None:
    for wish in ("websocket", "h2c"):
        upgrade = ("Connection: Upgrade", f"Upgrade: {wish}", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")
        with server.connect() as line:
            line.sendall(get("/health", *upgrade, close=False))
            assert [one.status for one in replies(read(line, 5.0))] == [200]
            assert closed_within(line, 5.0) is not None


def _one(line: socket.socket) -> bytes:
    """The bytes of one reply on a connection that stays open."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    size = next((int(one[15:]) for one in head.split(b"\r\n") if one.lower().startswith(b"content-length:")), 0)
    while len(body) < size:
        part = line.recv(65536)
        data, body = data + part, body + part
    return data
