"""Deaths under load: clients that write, workers and whole crews that are killed, and what is stored afterwards."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from istmo.runtime.store import connect
from istmo.runtime.store.chain import verify
from tests.cli.crew import BODY, LONG, REQUESTS, SLUG, Crew, crew
from tests.databases import reach, server
from tests.istmo.runtime.load import Client

WRITERS = 16
TABLES = ("record", "journal", "outbox", "idempotency")
UNBOUND = {"ISTMO_LIMIT_REQUESTS_PER_MINUTE": "100000000"}  # one person stands for many here
LEISURE = 6.0  # seconds between deaths once there were enough of them, at most
SAMPLE = 100  # keys that are sent again at the end


@dataclass
class Toll:
    """What a row of deaths cost; everything but the first three should be nothing."""

    kills: int = 0
    servers: int = 0  # times that the database server itself was crashed
    acknowledged: int = 0
    lost: int = 0  # acknowledged and not stored, or answered differently when asked again
    doubled: int = 0  # stored twice for one key, or told under two
    halves: int = 0  # tables in which a part of what a unit writes is missing
    broken: int = 0  # times that the chain of the journal did not verify
    odd: int = 0  # answers that were neither success nor a reason to come back

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.halves or self.broken or self.odd)


class Writers:
    """Clients that submit one key after the other, each over a connection of its own, and what they were told."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}
        self.odd: list[tuple[str, int]] = []
        self._place: tuple[int, str] | None = None  # port and token of whoever serves
        self._over = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._write_all()))

    def serve(self, serving: Crew | None) -> None:
        """Turn to a crew that has just started, or wait for one."""
        self._place = None if serving is None else (urlsplit(serving.url).port or 0, serving.token())

    async def _write_all(self) -> None:
        await asyncio.gather(*(self._write(number) for number in range(WRITERS)))

    async def _write(self, number: int) -> None:
        count, client = 0, None
        while not self._over:
            place = self._place
            if client is not None and place != (client.port, client.token):
                await client.close()
                client = None
            if place is None:
                await asyncio.sleep(0.02)
                continue
            client = client or Client(*place)
            count += await self._try(client, f"killing-key-{number}-{count:06}")
        if client is not None:
            await client.close()

    async def _try(self, client: Client, key: str) -> bool:
        """Submit once; False when the same key is to be sent again."""
        try:
            async with asyncio.timeout(LONG):
                status, _, told = await client.ask("POST", REQUESTS, BODY, key)
        except (OSError, EOFError, TimeoutError):
            status, told = 503, None
        if status in {409, 503}:
            await asyncio.sleep(0.05)
            return False
        if status == 201:
            self.told[key] = told["id"]
        else:
            self.odd.append((key, status))
        return True

    @contextmanager
    def writing(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._over = True
            self._thread.join(2 * LONG)


class Massacre:
    """Kills workers, crews and, where there is one, the database server, until there were enough deaths and writes.

    Between two deaths pass at most `pause` seconds; the first fault that is found ends it.
    """

    def __init__(self, folder: Path, url: str, *, pause: float = 2.0, seed: int = 20270315) -> None:
        self.toll = Toll()
        self.writers = Writers()
        self._folder, self._url, self._pause = folder, url, pause
        self._chance = random.Random(seed)

    def run(self, kills: int, acknowledged: int) -> Toll:
        with crew(self._folder, self._url):
            pass  # seeded once: what follows is counted from here
        seeded, before, _ = asyncio.run(looked_at(self._url))
        rounds = 0
        with self.writers.writing():
            while self.toll.clean and (self.toll.kills < kills or self.toll.acknowledged < acknowledged):
                self._round(points=rounds % 3 == 2, crash=rounds % 4 == 1)
                if self.toll.kills >= kills:
                    self._pause = LEISURE  # enough deaths: what is still missing is writes
                rounds += 1
                self._look(seeded, before)
        self._ask_again()
        return self.toll

    def _round(self, *, points: bool, crash: bool) -> None:
        """One crew from its start to its end; with fail-points its workers die around a commit of their own."""
        chance, variables = self._chance, dict(UNBOUND)
        if points:
            before, after = chance.sample(range(50, 400), 2)
            variables["ISTMO_FAIL_POINTS"] = f"before-commit=die@{before},after-commit=die@{after}"
        with crew(self._folder, self._url, **variables) as serving:
            self.writers.serve(serving)
            seen = serving.workers()
            for turn in range(chance.randint(6, 14)):
                until = time.monotonic() + chance.uniform(0.1, self._pause)
                while time.monotonic() < until:
                    time.sleep(0.05)
                    seen |= serving.workers()
                if crash and turn == 2 and self._url.startswith("postgresql"):
                    server().control("restart")
                    self.toll.servers += 1
                elif not points and serving.workers():
                    with suppress(ProcessLookupError):  # it was being replaced
                        os.kill(chance.choice(sorted(serving.workers())), signal.SIGKILL)
            seen |= serving.workers()
            os.killpg(serving.process.pid, signal.SIGKILL)
            self.toll.kills += len(seen) + 1
            self.writers.serve(None)

    def _look(self, seeded: set[str], before: list[int]) -> None:
        """Compare what is stored, now that nobody serves, with what was told."""
        ids, counts, links = asyncio.run(looked_at(self._url))
        told = list(dict(self.writers.told).values())
        records, *others = (now - then for now, then in zip(counts, before, strict=True))
        self.toll.acknowledged, self.toll.odd = len(told), len(self.writers.odd)
        self.toll.lost += len(set(told) - ids)
        self.toll.doubled += len(told) - len(set(told)) + max(records - others[-1], 0)
        self.toll.halves += sum(count != len(ids - seeded) for count in (records, *others))
        self.toll.broken += verify(links) is not None

    def _ask_again(self) -> None:
        told = self.writers.told
        with crew(self._folder, self._url) as serving:
            for key in self._chance.sample(sorted(told), min(SAMPLE, len(told))):
                self.toll.lost += serving.settled(key).body["id"] != told[key]


async def looked_at(url: str) -> tuple[set[str], list[int], list[Any]]:
    """Open a store that nobody serves: ids, counts of the four tables, and the chain."""
    store = connect(url)
    await store.open()
    try:
        ids = {str(row[0]) for row in await reach(store, "SELECT id FROM record WHERE kind = 'requests'")}
        counts = [int((await reach(store, f"SELECT count(*) FROM {table}"))[0][0]) for table in TABLES]
        return ids, counts, list(await store.reader(SLUG).journal(limit=1_000_000))
    finally:
        await store.close()
