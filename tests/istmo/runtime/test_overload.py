"""More clients than can be served: each is served or told when to come back; nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from tests.istmo.runtime import load
from tests.istmo.runtime.served import BASE, Served, served

LIST = f"{BASE}{load.CASE.create.path}"


def withstands(server: Served, clients: int, writes: int) -> load.Load:
    found = asyncio.run(load.storm(server.port, clients, writes))
    recovered = asyncio.run(load.recovery(server.port))
    kept = asyncio.run(load.stored(server.port))

    assert found.faults[:3] == []
    assert {status for status, _ in found.attempts} <= {201, 429, 503}
    assert len(found.acknowledged) == clients * writes
    assert sorted(found.acknowledged.values()) == sorted(kept)  # nothing missing, nothing twice
    assert recovered < 5
    return found


def test_a_hundred_clients_are_served_or_told_to_come_back(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        found = withstands(server, 100, 4)

    assert found.broken == 0


def test_a_server_far_too_small_for_them_refuses_and_forgets_nothing(tmp_path: Path) -> None:
    with served(tmp_path, in_flight=4, waiting=4, wait_seconds=0.05) as server:
        found = withstands(server, 40, 2)

    assert found.share(503) > 0
    assert found.broken == 0


def test_a_client_that_asks_too_often_does_not_slow_down_another(tmp_path: Path) -> None:
    async def scene(port: int) -> tuple[set[int], set[int]]:
        busy, calm = load.Client(port, await load.token(port)), load.Client(port, await load.token(port, "bruno"))
        loud = {(await busy.ask("GET", LIST))[0] for _ in range(200)}
        quiet = {(await calm.ask("GET", LIST))[0] for _ in range(20)}
        await busy.close()
        await calm.close()
        return loud, quiet

    with served(tmp_path, requests_per_minute=240) as server:
        loud, quiet = asyncio.run(scene(server.port))
    assert (loud, quiet) == ({200, 429}, {200})


def test_light_reads_are_served_while_fifty_heavy_ones_run(tmp_path: Path) -> None:
    async def scene(port: int) -> tuple[set[int], set[int]]:
        told = await load.token(port)
        clients = [load.Client(port, told) for _ in range(60)]
        until = time.monotonic() + 2

        async def ask(client: load.Client, path: str) -> set[int]:
            found = set()
            while time.monotonic() < until:
                status, headers, _ = await client.ask("GET", path)
                assert status == 200 or "retry-after" in headers
                found.add(status)
            await client.close()
            return found

        heavy = [ask(one, f"{LIST}?limit=100") for one in clients[:50]]
        light = [ask(one, f"{BASE}/health") for one in clients[50:]]
        answers = await asyncio.gather(*heavy, *light)
        return set().union(*answers[:50]), set().union(*answers[50:])

    with served(tmp_path, requests_per_minute=1_000_000) as server:
        asyncio.run(load.storm(server.port, 20, 10))
        heavy, light = asyncio.run(scene(server.port))
    assert light == {200}
    assert heavy <= {200, 429, 503}


@pytest.mark.slow
def test_a_thousand_clients_are_served_or_told_to_come_back(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        withstands(server, 1000, 5)
