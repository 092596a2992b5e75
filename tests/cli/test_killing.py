"""A hundred random deaths under load: what was acknowledged is stored once and whole, and its key tells it again."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from istmo.runtime.store import connect
from istmo.runtime.store.chain import verify
from tests.cli.crew import BROKEN, LONG, SLUG, Crew, crew
from tests.databases import ENGINES, database, reach

KILLS = 100
WRITERS = 8
TABLES = ("record", "journal", "outbox", "idempotency")


class Writers:
    """Clients that submit one key after the other, and what they were told."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}
        self.odd: list[tuple[str, int]] = []
        self._serving: Crew | None = None
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]
        self._sent = 0

    def serve(self, serving: Crew | None) -> None:
        self._serving = serving

    def _write(self, number: int) -> None:
        count = 0
        while not self._over.is_set():
            key = f"killing-key-{number}-{count:05}"
            serving = self._serving
            try:
                answer = serving.submit(key) if serving is not None else None
            except BROKEN:
                answer = None
            if answer is None or answer.status in {409, 503}:  # no answer, or come back: the same key again
                self._over.wait(0.05)
                continue
            if answer.status == 201:
                self.told[key] = answer.body["id"]
            else:
                self.odd.append((key, answer.status))
            count += 1

    @contextmanager
    def writing(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join(LONG)


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


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_a_hundred_deaths_lose_and_double_nothing(engine: str, tmp_path: Path) -> None:
    chance, writers, kills = random.Random(20270315), Writers(), 0
    with database(engine, tmp_path) as url:
        with crew(tmp_path, url):
            pass  # seeded once: what follows is counted from here
        seeded_ids, seeded, _ = asyncio.run(looked_at(url))
        with writers.writing():
            while kills < KILLS:
                with crew(tmp_path, url) as serving:
                    writers.serve(serving)
                    for _ in range(chance.randint(2, 8)):
                        time.sleep(chance.uniform(0.05, 0.8))
                        with suppress(ProcessLookupError):  # it was being replaced
                            os.kill(chance.choice(sorted(serving.workers() or {serving.process.pid})), signal.SIGKILL)
                            kills += 1
                    time.sleep(chance.uniform(0.05, 0.5))
                    serving.process.kill()
                    kills += 1
                    writers.serve(None)
        assert writers.odd == []
        assert len(writers.told) > KILLS
        assert len(set(writers.told.values())) == len(writers.told)
        ids, counts, links = asyncio.run(looked_at(url))
        assert set(writers.told.values()) <= ids
        made = [now - before for now, before in zip(counts, seeded, strict=True)]
        assert made == [len(ids - seeded_ids)] * 4
        assert verify(links) is None
        with crew(tmp_path, url) as serving:
            again = {key: serving.settled(key).body["id"] for key in chance.sample(sorted(writers.told), 100)}
        assert again == {key: writers.told[key] for key in again}
