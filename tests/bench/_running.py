"""A side that runs, what it must answer before it is measured, and what a second of load costs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from ._applications import BASE, EXAMPLE, INVALID
from ._spending import TICK, ticks

CONNECTIONS = 32
PATH = f"{BASE}/applications"
BODY = json.dumps(EXAMPLE, ensure_ascii=False, separators=(",", ":"))


def cores() -> tuple[int | None, int | None]:
    """The core of the server and that of the load, where there are two."""
    found = sorted(os.sched_getaffinity(0))
    return (found[0], found[1]) if len(found) > 1 else (None, None)


@dataclass
class Round:
    """One round of load: requests a second, microseconds of the server's processor for each, milliseconds."""

    rate: float
    cpu: float
    p50: float
    p99: float


@dataclass
class Side:
    """One service that answers."""

    name: str
    port: int
    headers: dict[str, str]
    process: subprocess.Popen[str]
    folder: Path
    rounds: dict[str, list[Round]] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **more: str) -> tuple[int, Any]:
        """One call over a connection of its own."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=30)
        data = None if body is None else json.dumps(body).encode()
        line.request(method, path, data, self.headers | {"Content-Type": "application/json"} | more)
        answer = line.getresponse()
        told = answer.read()
        line.close()
        return answer.status, json.loads(told) if told else None

    def check(self) -> str:
        """See that what is invalid is refused and that what was stored comes back, alone and in a list; its id."""
        key = {"Idempotency-Key": f"check-{uuid.uuid4()}"}
        status, _ = self.call("POST", PATH, INVALID, **key)
        assert status == 422, f"{self.name}: an invalid body was answered {status}"
        status, made = self.call("POST", PATH, EXAMPLE, **key)
        assert status == 201, f"{self.name}: {status} {made}"
        assert self.call("POST", PATH, EXAMPLE, **key) == (201, made), f"{self.name}: no replay"
        stored = {name: made[name] for name in EXAMPLE}
        assert stored == EXAMPLE, f"{self.name}: stored {stored}"
        assert self.call("GET", f"{PATH}/{made['id']}") == (200, made), f"{self.name}: GET"
        status, first = self.call("GET", f"{PATH}?limit=1")
        assert (status, len(first["items"])) == (200, 1), f"{self.name}: list"
        one = first["items"][0]
        assert self.call("GET", f"{PATH}/{one['id']}") == (200, one), f"{self.name}: list and GET"
        return str(made["id"])

    def fill(self, records: int = 40) -> None:
        """Store enough for whole pages."""
        for _ in range(records):
            status, _ = self.call("POST", PATH, EXAMPLE, **{"Idempotency-Key": f"fill-{uuid.uuid4()}"})
            assert status == 201, status

    def request(self, kind: str, record: str) -> str:
        """The bytes of a request, as text in Latin-1."""
        path = {"create": PATH, "read": f"{PATH}/{record}", "list": f"{PATH}?limit=20"}[kind]
        lines = [f"{'POST' if kind == 'create' else 'GET'} {path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        body = BODY.encode() if kind == "create" else b""
        if body:
            lines += ["Idempotency-Key: {key}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]) + body.decode("latin-1")

    def press(self, kind: str, record: str, seconds: float, *, connections: int = CONNECTIONS) -> Round:
        """One round of load; anything but success ends the measurement."""
        order = {
            "port": self.port, "request": self.request(kind, record), "connections": connections,
            "seconds": seconds, "prefix": uuid.uuid4().hex[:12], "core": cores()[1],
        }  # fmt: skip
        before = self.ticks()
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench._load"], input=json.dumps(order), capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        spent = (self.ticks() - before) / TICK
        found = json.loads(done.stdout)
        assert not found["strange"], f"{self.name}: {found['strange']}"
        one = Round(
            found["requests"] / found["seconds"], 1e6 * spent / found["requests"],
            1000 * found["p50"], 1000 * found["p99"],
        )  # fmt: skip
        self.rounds.setdefault(kind, []).append(one)
        return one

    def ticks(self) -> int:
        """Processor time of the process and of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return sum(ticks(process) for process in (self.process.pid, *map(int, children.split())))


@contextmanager
def running(name: str, *, pinned: bool = True, label: str = "", **words: str) -> Iterator[Side]:
    """A side in a process and a folder of its own."""
    if pinned and cores()[0] is not None:
        words["core"] = str(cores()[0])
    with tempfile.TemporaryDirectory() as folder, Path(folder, "errors.txt").open("w+", encoding="utf-8") as errors:
        command = [sys.executable, "-m", "tests.bench._sides", name, folder]
        command += [f"{word}={value}" for word, value in words.items()]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        with process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                if not line:
                    errors.seek(0)
                    raise RuntimeError(errors.read())
                told = json.loads(line)
                yield Side(label or name, told["port"], told["headers"], process, Path(folder))
            finally:
                process.terminate()
