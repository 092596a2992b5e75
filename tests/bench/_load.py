"""A client that costs little: bare sockets, kept connections, each sending as soon as it is answered.

It runs in a process of its own, `python -m tests.bench._load ORDER`, where ORDER is JSON; it prints what it saw.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
KEY = b"{key}"  # stands where each request has a key of its own


@dataclass
class Seen:
    """What came back."""

    until: float
    requests: int = 0
    strange: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    keys: count[int] = field(default_factory=count)


class Line(asyncio.Protocol):
    """One connection: a request, its answer, the next request, until the time is over."""

    def __init__(self, request: bytes, seen: Seen, prefix: str) -> None:
        self.before, self.key, self.after = request.partition(KEY)
        self.seen, self.prefix = seen, prefix
        self.got, self.wanted = bytearray(), 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.ask()

    def ask(self) -> None:
        key = f"{self.prefix}-{next(self.seen.keys)}".encode() if self.key else b""
        self.started = time.perf_counter()
        self.transport.write(self.before + key + self.after)

    def data_received(self, data: bytes) -> None:
        self.got += data
        if not self.wanted:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return
            found = LENGTH.search(self.got, 0, end + 2)
            self.wanted = end + 4 + (int(found[1]) if found else 0)
        if len(self.got) >= self.wanted:
            self.answered()

    def answered(self) -> None:
        now = time.perf_counter()
        self.seen.requests += 1
        self.seen.waits.append(now - self.started)
        if self.got[9:10] != b"2":
            self.seen.strange.append(bytes(self.got[:400]).decode("latin-1"))
        self.got, self.wanted = bytearray(), 0
        if now < self.seen.until:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None or time.perf_counter() < self.seen.until:
            self.seen.strange.append("a connection was closed")
        if not self.done.done():
            self.done.set_result(None)


async def press(order: dict[str, Any]) -> dict[str, Any]:
    """Send for so many seconds over so many connections."""
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    seen = Seen(started + order["seconds"])
    request = order["request"].encode("latin-1")
    lines = []
    for _ in range(order["connections"]):
        _, line = await loop.create_connection(lambda: Line(request, seen, order["prefix"]), "127.0.0.1", order["port"])
        lines.append(line)
    await asyncio.gather(*(line.done for line in lines))
    seconds = time.perf_counter() - started
    waits = sorted(seen.waits)
    return {
        "requests": seen.requests,
        "seconds": seconds,
        "strange": seen.strange[:3],
        "p50": waits[len(waits) // 2],
        "p99": waits[len(waits) * 99 // 100],
    }


def main(order: dict[str, Any]) -> None:
    """Do what is ordered, on the core that is named."""
    if order.get("core") is not None:
        os.sched_setaffinity(0, {order["core"]})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(press(order))))


if __name__ == "__main__":
    main(json.loads(sys.stdin.read()))
