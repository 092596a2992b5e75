"""Clients that hold a connection without using it are cut off, without a front proxy, while others are served."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from tests.istmo.runtime.served import BASE, SLUG, Served, closed_within, get, read, replies, served

from istmo.spec import spec

WITHIN = 8.0  # far beyond every limit below, far below what an unguarded server lets a client hold
LIMITS = {"header_seconds": 1, "body_seconds": 1, "write_seconds": 1, "idle_seconds": 1, "connections": 20}
POST = next(o for o in spec(SLUG).operations.values() if o.public and o.method == "POST" and not o.failure_limit)
HEAD = (
    f"POST {BASE}{POST.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    "Content-Length: 1000\r\n\r\n"
).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("slow"), **LIMITS) as found:
        yield found


@contextlib.contextmanager
def trickling(line: socket.socket, data: bytes, pause: float = 0.25) -> Iterator[None]:
    """Send a byte from time to time, until the block ends or the other side has enough."""
    done = threading.Event()

    def send() -> None:
        for byte in data:
            if done.wait(pause):
                return
            try:
                line.send(bytes([byte]))
            except OSError:
                return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("half", [b"GE", b"GET / HTTP/1.1\r\n", get("/health")[:-10], get("/health")[:-2]])
def test_half_a_head_and_nothing_more_is_cut_off(server: Served, half: bytes) -> None:
    with server.connect() as line:
        line.sendall(half)
        assert server.well()
        found = replies(read(line, WITHIN))
    found[0].problem(408, "request-timeout")
    assert found[0].headers["connection"] == "close"


def test_a_byte_of_the_head_from_time_to_time_does_not_help(server: Served) -> None:
    with server.connect() as line, trickling(line, get("/health", "X-Slow: " + "c" * 500)):
        found = replies(read(line, WITHIN))
    found[0].problem(408, "request-timeout")


def test_line_ends_before_a_request_do_not_help(server: Served) -> None:
    with server.connect() as line, trickling(line, b"\r\n" * 500):
        assert closed_within(line, WITHIN) is not None


def test_a_connection_on_which_nothing_is_said_is_closed(server: Served) -> None:
    with server.connect() as line:
        assert closed_within(line, WITHIN) is not None


def test_a_kept_connection_on_which_nothing_more_is_said_is_closed(server: Served) -> None:
    with server.connect() as line:
        line.sendall(get("/health", close=False))
        assert closed_within(line, WITHIN) is not None


def test_a_second_request_that_comes_slowly_is_cut_off_too(server: Served) -> None:
    with server.connect() as line:
        line.sendall(get("/health", close=False) + get("/health")[:20])
        found = replies(read(line, WITHIN))
    assert [one.status for one in found] == [200, 408]


def test_a_byte_of_the_body_from_time_to_time_is_cut_off(server: Served) -> None:
    with server.connect() as line:
        line.sendall(HEAD)
        with trickling(line, b" " * 1000):
            assert server.well()
            found = replies(read(line, WITHIN))
    found[0].problem(408, "request-timeout")


def test_a_body_that_nobody_waits_for_is_cut_off(server: Served) -> None:
    with server.connect() as line:
        line.sendall(get("/health", "Content-Length: 1000", close=False))
        with trickling(line, b" " * 1000):
            assert closed_within(line, WITHIN) is not None


def test_a_reader_who_takes_nothing_is_cut_off(server: Served) -> None:
    with server.connect(receive_buffer=4096) as line:
        line.sendall(get("/openapi.json", close=False) * 8)
        taken, started = 0, time.monotonic()
        while time.monotonic() - started < 4 * LIMITS["write_seconds"]:
            assert server.well()
            taken += len(line.recv(1))  # a byte a turn is no progress that a server could see
            time.sleep(0.5)
        rest = read(line, WITHIN)
    whole = len(server.say(get("/openapi.json"))[0].body)
    assert taken + len(rest) < 8 * whole


def test_a_reader_who_is_slow_but_reads_gets_everything(server: Served) -> None:
    whole = server.say(get("/openapi.json"))[0].body
    with server.connect(receive_buffer=4096) as line:
        line.sendall(get("/openapi.json"))
        data = b""
        while part := line.recv(20_000):
            data += part
            time.sleep(0.02)
    assert replies(data)[0].body == whole


def test_more_connections_than_the_limit_are_told_to_come_back(server: Served) -> None:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(server.connect()) for _ in range(LIMITS["connections"])]
        for line in held:
            line.sendall(b"GET")
        time.sleep(0.2)  # until the server has taken them
        refused = server.say(get("/health"))[0]
        surplus = [stack.enter_context(server.connect()) for _ in range(2 * LIMITS["connections"])]
        assert closed_within(surplus[-1], WITHIN) is not None
    refused.problem(503, "unavailable")
    assert int(refused.headers["retry-after"]) >= 1


def test_when_the_slow_ones_have_gone_everybody_is_served(server: Served) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(LIMITS["connections"] // 2):
            stack.enter_context(server.connect()).sendall(HEAD)
        assert server.well()
    deadline = time.monotonic() + WITHIN
    while not server.well():
        assert time.monotonic() < deadline
