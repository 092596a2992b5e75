"""The same call under the same key, many times at once, against two workers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.cli.crew import BODY, LONG, REQUESTS, Crew
from tests.istmo.runtime.load import Client

ALLOWED = {409: "idempotency-in-progress", 503: "unavailable"}
FEWEST = 5  # connections of each worker: twins that all meet in one process prove little
ROUNDS = 20


@dataclass
class Twins:
    """What twins were told."""

    submits: int = 0
    workers: int = 0  # that held connections over which twins came
    told: dict[str, set[str]] = field(default_factory=dict)  # by key, the records that anybody was told of
    waiting: int = 0  # answers that say to come back
    odd: list[str] = field(default_factory=list)  # answers outside the allowed set


async def _twin(client: Client, key: str, found: Twins) -> None:
    status, headers, told = await client.ask("POST", REQUESTS, BODY, key)
    found.submits += 1
    if status == 201:
        found.told.setdefault(key, set()).add(told["id"])
    elif ALLOWED.get(status) == told["code"] and int(headers.get("retry-after", "0")) >= 1:
        found.waiting += 1
    else:
        found.odd.append(f"{status} {told}")


def _held(port: int, pids: Iterable[int]) -> dict[int, int]:
    """How many connections to a port each process holds."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"}
    held = {}
    for pid in pids:
        with contextlib.suppress(OSError):  # it ended meanwhile
            held[pid] = sum(str(fd.readlink()) in sockets for fd in Path(f"/proc/{pid}/fd").iterdir())
    return held


async def _spread(clients: Sequence[Client], port: int, pids: Iterable[int]) -> int:
    """Connect so that each worker holds some of the connections; return how many workers do."""
    for turn in range(ROUNDS):
        for client in clients[turn % 2 :: 2] if turn else clients:
            await client.close()
            await client.ask("GET", "/livez")  # one after the other: who is idle takes it
        held = _held(port, pids)
        if min(held.values()) >= FEWEST:
            break
    return sum(count >= FEWEST for count in held.values())


async def _submit(serving: Crew, token: str, keys: Sequence[str], times: int) -> Twins:
    port = urlsplit(serving.url).port or 0
    found, clients = Twins(), [Client(port, token) for _ in range(times)]
    async with contextlib.AsyncExitStack() as stack:
        for client in clients:
            stack.push_async_callback(client.close)
        found.workers = await _spread(clients, port, serving.workers())
        for key in keys:
            async with asyncio.timeout(LONG):
                await asyncio.gather(*(_twin(client, key, found) for client in clients))
    return found


def submit(serving: Crew, keys: Sequence[str], times: int) -> Twins:
    """Send each key so many times at once, each time over a connection of its own; then settle each once more."""
    found = asyncio.run(_submit(serving, serving.token(), keys, times))
    for key in keys:
        if key not in found.told:  # all were told to come back
            found.told[key] = {_id(serving.settled(key).body)}
    return found


def _id(body: Any) -> str:
    return str(body["id"])
