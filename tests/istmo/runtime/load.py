"""Many clients at once, each writing with keys over a connection of its own and repeating what was refused."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import time
import uuid
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from tests.istmo.runtime.served import BASE, SLUG

from istmo.spec import spec

CASE = spec(SLUG).cases[0]
EXAMPLE = next(iter(spec(SLUG).request_examples(CASE.create.id).values()))
PATIENCE = 90.0  # seconds after which a client gives up
AGAIN = frozenset({429, 503})


@dataclass
class Load:
    """What happened: every attempt with its status and its time, every key with what was acknowledged under it."""

    attempts: list[tuple[int, float]] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    broken: int = 0  # connections that ended without an answer
    seconds: float = 0.0

    def share(self, status: int) -> float:
        return sum(1 for one, _ in self.attempts if one == status) / len(self.attempts)

    def percentile(self, of: int) -> float:
        """Seconds in which so many of a hundred attempts that were taken had their answer."""
        return quantiles([seconds for status, seconds in self.attempts if status == 201], n=100)[of - 1]


class Client:
    """One keep-alive connection that is opened again when it is gone."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: Any = None, key: str | None = None
    ) -> tuple[int, dict[str, str], Any]:
        if self._line is None:
            self._line = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._line
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {self.token}"]
        lines += [f"Content-Length: {len(data)}", "Content-Type: application/json"] if data else []
        lines += [f"Idempotency-Key: {key}"] if key else []
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + data)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (one.partition(":") for one in head[1:] if one)
            }
            answer = await reader.readexactly(int(headers.get("content-length", "0")))
        except BaseException:
            await self.close()
            raise
        if headers.get("connection") == "close":
            await self.close()
        return int(head[0].split(" ")[1]), headers, json.loads(answer or b"null")

    async def close(self) -> None:
        if self._line is not None:
            self._line[1].close()
            with contextlib.suppress(OSError):
                await self._line[1].wait_closed()
        self._line = None


async def token(port: int, persona: str = "ana") -> str:
    client = Client(port, "")
    _, _, told = await client.ask("POST", "/_sandbox/tokens", {"persona": persona})
    await client.close()
    return str(told["accessToken"])


async def write(client: Client, load: Load, key: str) -> None:
    """Create one record, however often that takes, always under the same key."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        started = time.monotonic()
        try:
            status, headers, told = await client.ask("POST", BASE + CASE.create.path, EXAMPLE, key)
        except (OSError, asyncio.IncompleteReadError):
            load.broken += 1
            await asyncio.sleep(0.2)
            continue
        load.attempts.append((status, time.monotonic() - started))
        if status == 201:
            load.acknowledged[key] = told["id"]
            return
        if status not in AGAIN or "retry-after" not in headers or headers["content-type"] != "application/problem+json":
            load.faults.append(f"{status} {headers} {told}")
            return
        await asyncio.sleep(float(headers["retry-after"]))
    load.faults.append("nobody answered in time")


async def storm(port: int, clients: int, writes: int) -> Load:
    """Let so many clients write at once; each repeats its first write at the end, as if it had missed the answer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * clients + 256)), hard))
    load, told = Load(), await token(port)

    async def one() -> None:
        client, keys = Client(port, told), [str(uuid.uuid4()) for _ in range(writes)]
        try:
            for key in keys:
                await write(client, load, key)
            first = load.acknowledged.get(keys[0])
            await write(client, load, keys[0])
            if load.acknowledged.get(keys[0]) != first:
                load.faults.append("another record under the same key")
        finally:
            await client.close()

    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(one())
    load.seconds = time.monotonic() - started
    return load


async def recovery(port: int) -> float:
    """Seconds until an ordinary write is taken again."""
    started, client, load = time.monotonic(), Client(port, await token(port, "bruno")), Load()
    await write(client, load, str(uuid.uuid4()))
    await client.close()
    assert load.faults == []
    return time.monotonic() - started


async def stored(port: int) -> list[str]:
    """The identifiers of every record that the writer of the storm finds."""
    client, found = Client(port, await token(port)), list[str]()
    assert CASE.list is not None
    path = f"{BASE}{CASE.list.path}?limit=100"
    while path:
        status, headers, told = await client.ask("GET", path)
        if status in AGAIN:
            await asyncio.sleep(float(headers["retry-after"]))
            continue
        assert status == 200, told
        found += [one["id"] for one in told["items"]]
        following = told["page"].get("nextCursor")
        path = f"{BASE}{CASE.list.path}?limit=100&cursor={following}" if following else ""
    await client.close()
    return found
