"""The same call under the same key, many times at once, against two workers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.cli.crew import BODY, LONG, REQUESTS, Crew
from tests.istmo.runtime.load import Client

ALLOWED = {409: "idempotency-in-progress", 503: "unavailable"}


@dataclass
class Twins:
    """What twins were told."""

    submits: int = 0
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


async def _submit(port: int, token: str, keys: Sequence[str], times: int) -> Twins:
    found, clients = Twins(), [Client(port, token) for _ in range(times)]
    async with contextlib.AsyncExitStack() as stack:
        for client in clients:
            stack.push_async_callback(client.close)
        for key in keys:
            async with asyncio.timeout(LONG):
                await asyncio.gather(*(_twin(client, key, found) for client in clients))
    return found


def submit(serving: Crew, keys: Sequence[str], times: int) -> Twins:
    """Send each key so many times at once, each time over a connection of its own; then settle each once more."""
    port, token = urlsplit(serving.url).port or 0, serving.token()
    found = asyncio.run(_submit(port, token, keys, times))
    for key in keys:
        if key not in found.told:  # all were told to come back
            found.told[key] = {_id(serving.settled(key).body)}
    return found


def _id(body: Any) -> str:
    return str(body["id"])
