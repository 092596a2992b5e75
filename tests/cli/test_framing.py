"""Bytes that no client library sends: the served process refuses what two readers could divide differently."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from .test_serve import SLUG, serving

QUOTES = b"/civil-certificates/v1/fee-quotes"
HOST = b"Host: 127.0.0.1\r\n"
SMUGGLED = b"GET /civil-certificates/v1/health HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
DOUBTFUL = {
    "two lengths": b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(SMUGGLED),
    "length and pieces": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "no length of its own": b"Content-Length: +0\r\n",
    "pieces of another kind": b"Transfer-Encoding: gzip\r\n",
}


def said(address: tuple[str, int], data: bytes) -> list[int]:
    """Send bytes and return the statuses of all that is answered until the connection ends or falls silent."""
    with socket.create_connection(address, timeout=2.0) as wire:
        wire.sendall(data)
        answered = b""
        try:
            while part := wire.recv(65536):
                answered += part
        except TimeoutError:
            answered += b""  # whoever keeps the connection has said what it has to say
    return [int(line.split()[1]) for line in answered.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def test_a_message_with_doubtful_boundaries_is_refused(tmp_path: Path) -> None:
    words = ["serve", SLUG, "--database", "sqlite:///:memory:"]
    with serving(tmp_path, *words) as (_, url):
        parts = urlsplit(url)
        address = (str(parts.hostname), int(parts.port or 0))
        start = b"POST " + QUOTES + b" HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
        found = {
            what: said(address, start + lengths + b"\r\n0\r\n\r\n" + SMUGGLED) for what, lengths in DOUBTFUL.items()
        }
        clear = said(address, SMUGGLED)

    assert clear == [200]
    assert found == {what: [400] for what in DOUBTFUL}


@pytest.mark.parametrize("hosts", [b"", HOST + b"Host: other.example\r\n"], ids=["none", "two"])
def test_a_message_for_no_clear_host_is_refused(tmp_path: Path, hosts: bytes) -> None:
    with serving(tmp_path, "serve", SLUG, "--database", "sqlite:///:memory:") as (_, url):
        parts = urlsplit(url)
        answered = said(
            (str(parts.hostname), int(parts.port or 0)),
            b"GET /civil-certificates/v1/health HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n",
        )

    assert answered == [400]
