"""`istmo serve --workers 2` as a real parent with real children, and a client that repeats what was not answered."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from istmo.spec import spec
from tests.cli.test_serve import serving

SLUG = "civil_certificates"
REQUESTS = "/civil-certificates/v1/requests"
VERIFICATIONS = "/civil-certificates/v1/verifications"
BODY = spec(SLUG).example("createRequest", "birth-self")
BROKEN = (http.client.HTTPException, OSError)  # a connection that ends without an answer
LONG = 30.0  # seconds: a bound on waits that are over much sooner


class Answer(NamedTuple):
    """What came back for a call."""

    status: int
    headers: dict[str, str]
    body: Any


class Crew:
    """A parent process, its workers, and the calls of a client."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url
        self._token = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=LONG) as answer:
                return Answer(answer.status, _lower(answer.headers), json.loads(answer.read() or b"null"))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _lower(error.headers), json.loads(error.read() or b"null"))

    def token(self) -> str:
        if not self._token:
            given = self.ask("POST", "/_sandbox/tokens", {"persona": "ana-citizen"})
            self._token = given.body["accessToken"]
        return self._token

    def submit(self, key: str) -> Answer:
        return self.ask("POST", REQUESTS, BODY, Authorization=f"Bearer {self.token()}", Idempotency_Key=key)

    def settled(self, key: str) -> Answer:
        """Submit until there is an answer that is neither an outage nor a twin that still runs."""
        until = time.monotonic() + LONG
        while True:
            try:
                answer = self.submit(key)
            except BROKEN:
                answer = None
            if answer is not None and answer.status not in {409, 503}:
                return answer
            assert answer is None or int(answer.headers["retry-after"]) >= 1
            assert time.monotonic() < until, answer
            time.sleep(0.05)

    def workers(self) -> set[int]:
        return children(self.process.pid)

    def replaced(self, before: set[int], seconds: float) -> set[int]:
        """Wait until as many others as before serve; return who is new."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            now = self.workers()
            if len(now) == len(before) and now != before:
                return now - before
            time.sleep(0.05)
        raise AssertionError(f"workers before {before}, now {self.workers()}")


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def children(parent: int) -> set[int]:
    """The living children of a process."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, ppid = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it ended meanwhile
            continue
        if int(ppid) == parent and state != "Z":
            found.add(int(path.parent.name))
    return found


def gone(pids: set[int], seconds: float = LONG) -> bool:
    """Whether processes end in time."""
    until = time.monotonic() + seconds
    while any(_lives(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def crew(folder: Path, database: str, **variables: str) -> Iterator[Crew]:
    """Two workers on a database; none is left when the block ends."""
    words = ("serve", SLUG, "--workers", "2", "--database", database)
    with serving(folder, *words, ISTMO_LOG="false", **variables) as (process, url):
        found = Crew(process, url)
        born = found.workers()
        try:
            yield found
        finally:
            for pid in born | found.workers():
                if _lives(pid):
                    os.kill(pid, signal.SIGKILL)
