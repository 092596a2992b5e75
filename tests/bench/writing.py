"""How many creates a second become durable: with one synchronous commit each, with ours, and beside pgbench."""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.databases import Server

from ._applications import EXAMPLE
from ._figures import Figure, measure
from ._running import Side, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS, SECONDS = 5, 2.0
CLIENTS = 16
# No colon stands before a letter or a digit: the tool would take the word for one of its variables.
DOC = json.dumps({**EXAMPLE, "consentAt": "2026-02-03"}, ensure_ascii=False)
# What a create of ours writes, with the rows of our tables, by a client that does nothing else.
SCRIPT = f"""\\set number random(1, 1000000000000)
BEGIN;
SELECT fingerprint FROM idempotency WHERE service = 'a' AND client = 'b' AND path = 'p' AND key = :number::text;
INSERT INTO record (service, kind, id, owner, version, doc, hidden, keys)
VALUES ('a', 'applications', gen_random_uuid()::text, 'ana', 1, $doc${DOC}$doc$, '{{}}', '{{}}');
INSERT INTO idempotency (service, client, path, key, fingerprint, status, headers, body, at)
VALUES ('a', 'b', 'p', gen_random_uuid()::text, repeat('f', 64), 201, '[]', convert_to($doc${DOC}$doc$, 'UTF8'), 0);
INSERT INTO access_log (service, subject, entry) VALUES ('a', gen_random_uuid()::text, to_json(repeat('x', 300)));
COMMIT;
"""


def rates(sides: list[Side], rounds: int = ROUNDS) -> dict[str, float]:
    """Creates a second of each side, which take turns; after a round that only warms up."""
    found: dict[str, list[float]] = {side.name: [] for side in sides}
    for side in sides:
        side.press("create", side.check(), 0.5)
    for _ in range(rounds):
        for side in sides:
            found[side.name].append(side.press("create", side.check(), SECONDS).rate)
    return {name: statistics.median(values) for name, values in found.items()}


@measure("durable")
def durable() -> Iterator[Figure]:
    """SQLite at `synchronous=FULL`, 32 connections: units in one commit beside one commit each."""
    with ExitStack() as stack:
        sides = [
            stack.enter_context(running("idiomatic", synchronous="FULL")),
            stack.enter_context(running("ours", label="one-each", together="no")),
            stack.enter_context(running("ours")),
        ]
        found = rates(sides)
    for name, rate in found.items():
        yield Figure(f"durable.{name}", rate, "creates/s")
    yield Figure("durable.ours-over-one-each", found["ours"] / found["one-each"], "ratio", least=1.5)
    yield Figure("durable.ours-over-idiomatic", found["ours"] / found["idiomatic"], "ratio")


def pgbench(server: Server, url: str) -> float:
    """Equal writes a second by the database's own tool, with as many clients as performs best on two cores."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        script = Path(folder, "create.sql")
        script.write_text(SCRIPT, encoding="utf-8")
        database = url.partition("@/")[2].partition("?")[0]
        command = [str(server.tool("pgbench")), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2"]
        command += ["-T", str(int(SECONDS)), "-f", str(script), "-h", str(server.folder), "-U", "postgres", database]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"tps = ([0-9.]+)", told)
    assert found is not None, told
    return float(found[1])


@measure("postgresql")
def postgresql() -> Iterator[Figure]:
    """Creates through HTTP beside equal writes by pgbench, with server, load and database on the same cores."""
    server = Server(None)
    url, other = asyncio.run(server.create()), asyncio.run(server.create())
    equal: list[float] = []
    with running("ours", database=url) as side:
        pgbench(server, other)
        for _ in range(ROUNDS):
            equal.append(pgbench(server, other))
            rates([side], 1)
        ours = statistics.median(one.rate for one in side.rounds["create"][1::2])
        cpu = statistics.median(one.cpu for one in side.rounds["create"][1::2])
    bare = statistics.median(equal)
    yield Figure("postgresql.pgbench", bare, "writes/s")
    yield Figure("postgresql.ours", ours, "creates/s")
    yield Figure("postgresql.ours.cpu", cpu, "us/request")
    yield Figure("postgresql.ours-over-pgbench", 100 * ours / bare, "%", least=45)


@measure("workers")
def workers() -> Iterator[Figure]:
    """Two worker processes beside one on PostgreSQL; judged where the load and the database have cores of their own."""
    cores = len(os.sched_getaffinity(0))
    server = Server(None)
    with ExitStack() as stack:
        sides = [
            stack.enter_context(
                running(
                    "ours", pinned=False, label=f"{count}", workers=str(count), database=asyncio.run(server.create())
                )
            )
            for count in (1, 2)
        ]
        busy = os.getloadavg()[0]
        found = rates(sides)
        cpu = {side.name: statistics.median(one.cpu for one in side.rounds["create"]) for side in sides}
    yield Figure("workers.cores", cores, "cores")
    yield Figure("workers.load-before", busy, "processes")
    for name, rate in found.items():
        yield Figure(f"workers.{name}", rate, "creates/s")
        yield Figure(f"workers.{name}.cpu", cpu[name], "us/request")
    free = cores >= 6 and busy < 1  # two workers, two for the database, one for the load, one for everything else
    yield Figure("workers.two-over-one", found["2"] / found["1"], "ratio", least=1.6 if free else None)
