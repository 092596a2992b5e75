"""What log lines and metrics cost: the same requests, with and without them, by turns in one process."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import statistics
import time
import uuid
from typing import TYPE_CHECKING, Any

from ._figures import Figure, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

SLUG = "civil_certificates"
BASE = "/civil-certificates/v1"
ROUNDS, REQUESTS = 9, 300
KINDS: dict[str, dict[str, Any]] = {
    "without": {"log": False, "metrics": False},
    "log": {"log": True, "metrics": False},
    "metrics": {"log": False, "metrics": True},
    "both": {"log": True, "metrics": True},
}


async def _call(app: Any, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Call without a client library, which would cost more than what is measured."""
    sent: list[Any] = []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80), "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return int(sent[0]["status"]), sent[1]["body"]


async def _round(app: Any, token: str, method: str, path: str, body: bytes, wanted: int) -> float:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "content-length": str(len(body))}
    started = time.perf_counter()
    for _ in range(REQUESTS):
        if method == "POST":
            headers["idempotency-key"] = uuid.uuid4().hex
        status, _ = await _call(app, method, path, body, headers)
        if status != wanted:
            raise RuntimeError(f"the service answered {status}")
    return REQUESTS / (time.perf_counter() - started)


async def _measure() -> dict[str, dict[str, float]]:
    """Requests a second by what was called and by what was told of it: the median of rounds by turns."""
    from istmo.runtime import reference
    from istmo.spec import spec

    limits = {"requests_per_minute": 10**9}
    apps = {name: reference.build(SLUG, limits=limits, **chosen) for name, chosen in KINDS.items()}
    tokens = {}
    for name, app in apps.items():
        order = json.dumps({"persona": "ana-citizen"}).encode()
        _, answer = await _call(app, "POST", "/_sandbox/tokens", order, {"content-type": "application/json"})
        tokens[name] = json.loads(answer)["accessToken"]
    filing = json.dumps(spec(SLUG).example("createRequest", "birth-self")).encode()
    calls = {"read": ("GET", f"{BASE}/certificate-types", b"", 200), "write": ("POST", f"{BASE}/requests", filing, 201)}
    found: dict[str, dict[str, float]] = {}
    for call, (method, path, body, wanted) in calls.items():
        rates: dict[str, list[float]] = {name: [] for name in apps}
        for _ in range(ROUNDS):
            for name, app in apps.items():
                rates[name].append(await _round(app, tokens[name], method, path, body, wanted))
        found[call] = {name: statistics.median(values) for name, values in rates.items()}
    for app in apps.values():
        await app.state.istmo.store.close()
    return found


@measure("observing")
def observing() -> Iterator[Figure]:
    """Log lines go where they are thrown away, but are made and written like any other."""
    from istmo.runtime import logs

    with open(os.devnull, "w", encoding="ascii") as nowhere:  # noqa: PTH123 - a device, not a file
        handler = logs.Lines(nowhere)
        handler.setFormatter(logs.Formatter())
        logger = logging.getLogger("istmo")
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            found = asyncio.run(_measure())
        finally:
            logger.removeHandler(handler)
    for call, rates in found.items():
        for name, rate in rates.items():
            yield Figure(f"observing.{call}-{name}", rate, "requests/s")
        yield Figure(f"observing.{call}-without-over-both", rates["without"] / rates["both"], "ratio", 1.25)
