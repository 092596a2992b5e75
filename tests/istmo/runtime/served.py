"""`istmo serve` in a process of its own, and clients that speak to it in bytes."""

from __future__ import annotations

import json
import os
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from istmo.spec import catalogue, spec

SLUG = catalogue()[0].slug
BASE = spec(SLUG).base_path
SAFE = ("x-content-type-options", "cache-control", "content-security-policy", "correlation-id", "content-language")


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    def problem(self, status: int, code: str) -> dict[str, Any]:
        """The problem that the reply must be."""
        assert self.status == status, (self.status, self.body)
        assert self.headers["content-type"] == "application/problem+json", self.body
        document: dict[str, Any] = json.loads(self.body)
        assert (document["code"], document["status"]) == (code, status)
        assert [name for name in SAFE if name not in self.headers] == []
        return document


@dataclass
class Served:
    port: int
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        line = socket.socket()
        if receive_buffer:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        line.settimeout(20)
        line.connect(("127.0.0.1", self.port))
        return line

    def say(self, data: bytes) -> list[Reply]:
        """Send bytes on a connection of their own and return every reply until it is closed or falls silent."""
        with self.connect() as line:
            line.sendall(data)
            return replies(read(line, 3.0))

    def well(self) -> bool:
        """Whether another client is served as if nothing happened."""
        found = self.say(get("/health"))
        return [one.status for one in found] == [200]

    def resident(self) -> int:
        """Memory of the process in bytes."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmRSS:\s+([0-9]+) kB", text)[0]) * 1024


def get(path: str, *lines: str, method: str = "GET", close: bool = True) -> bytes:
    more = ["Host: 127.0.0.1", *(["Connection: close"] if close else []), *lines]
    return (f"{method} {BASE}{path} HTTP/1.1\r\n" + "\r\n".join(more) + "\r\n\r\n").encode("latin-1")


def read(line: socket.socket, seconds: float) -> bytes:
    """What comes until the other side closes or is silent for so long; a reset counts as closed."""
    parts = []
    try:
        while select.select([line], [], [], seconds)[0]:
            part = line.recv(65536)
            if not part:
                break
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def replies(data: bytes) -> list[Reply]:
    found = []
    while data:
        head, blank, rest = data.partition(b"\r\n\r\n")
        assert blank, data[:200]
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split(" ")[1])
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
        size = int(headers.get("content-length", "0"))
        if status != 100:
            found.append(Reply(status, headers, rest[:size]))
        data = rest[size:]
    return found


def closed_within(line: socket.socket, seconds: float) -> float | None:
    """How long the other side took to close, or None when it did not."""
    started = time.monotonic()
    while (left := seconds - (time.monotonic() - started)) > 0:
        if select.select([line], [], [], left)[0]:
            try:
                if not line.recv(65536):
                    return time.monotonic() - started
            except ConnectionResetError:
                return time.monotonic() - started
    return None


@contextmanager
def served(folder: Path, **limits: float) -> Iterator[Served]:
    """The first service of the catalogue behind `istmo serve`, with limits of one's own."""
    command = [sys.executable, "-m", "istmo", "serve", SLUG, "--port", "0", "--lang", "en"]
    environment = {**os.environ, "ISTMO_LOG": "false"} | {
        f"ISTMO_LIMIT_{name.upper()}": str(value) for name, value in limits.items()
    }
    with (folder / "errors.txt").open("w+", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [*command, "--database", f"sqlite:///{folder}/served.db"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        with process:
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    found = re.search(r"http://127\.0\.0\.1:([0-9]+)", line)
                    if found:
                        yield Served(int(found[1]), process)
                        break
                else:
                    errors.seek(0)
                    raise AssertionError(errors.read())
            finally:
                process.kill()
