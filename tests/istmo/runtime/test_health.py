"""Health tells the truth: alive while the loop runs, ready while requests can be served, and nothing else."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.istmo.runtime.host import Host

from istmo.runtime import health
from istmo.runtime.keys import new_private_key, public_part
from istmo.runtime.store import StoreUnavailable
from istmo.runtime.store.sqlite import SqliteStore


class Frail(SqliteStore):
    """A database that can be taken away, and one that can be asked how often it was asked."""

    down = False
    slow = False
    asked = 0

    async def write(self, service: str, unit: Any) -> Any:
        if self.down:
            raise StoreUnavailable("connection to 10.1.2.3 refused for user istmo")
        return await super().write(service, unit)

    async def ready(self) -> bool:
        self.asked += 1
        if self.slow:
            await asyncio.sleep(60)
        return await super().ready()


@pytest.fixture(autouse=True)
def _always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "FRESH", 0.0)


def states(host: Host) -> tuple[int, int]:
    return host.call("GET", "/_health/live").status_code, host.call("GET", "/_health/ready").status_code


def test_a_process_is_alive_and_not_ready_while_its_database_is_away() -> None:
    store = Frail(":memory:")
    host = Host(store=store)
    assert states(host) == (200, 200)

    store.down = True
    refused = host.call("GET", "/_health/ready")
    assert states(host) == (200, 503)
    assert refused.headers["retry-after"] == "5"
    assert refused.json().keys() == {"type", "title", "status", "code", "correlationId", "retryable"}
    assert host.create({"text": "a"}).status_code == 503

    store.down = False
    assert states(host) == (200, 200)
    assert host.create({"text": "a"}).status_code == 201
    host.close()


def test_a_database_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    store = Frail(":memory:")
    host = Host(store=store)
    store.slow = True
    assert states(host) == (200, 503)
    store.slow = False
    assert states(host) == (200, 200)
    host.close()


def test_probes_cannot_wear_out_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "FRESH", 60.0)
    store = Frail(":memory:")
    host = Host(store=store)
    answers = host.together(*(host.client.get("/_health/ready") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert store.asked == 1
    host.close()


def test_without_keys_of_the_issuer_nobody_is_sent_here_until_they_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("istmo.runtime.identity.RETRY", 0.0)
    keys = tmp_path / "jwks.json"
    host = Host(jwks=str(keys))
    assert states(host) == (200, 503)
    keys.write_text(json.dumps({"keys": [public_part(new_private_key())]}))
    assert states(host) == (200, 200)
    keys.unlink()
    assert states(host) == (200, 200), "keys that were read once serve on"
    host.close()


def test_a_process_that_was_told_to_stop_is_ready_for_nothing_new_and_serves_on() -> None:
    host = Host()
    host.app.drain()
    assert states(host) == (200, 503)
    assert host.create({"text": "a"}).status_code == 201
    host.close()


def test_probes_are_answered_when_everything_else_is_too_much_and_by_any_name() -> None:
    host = Host(limits={"in_flight": 1}, hosts=("istmo.example",))
    assert host.call("GET", "/_health/live").status_code == 200
    guard: Any = host.app.middleware_stack
    while not hasattr(guard, "gate"):
        guard = guard.app
    guard.gate.taken, guard.gate.waiting = 5, 0
    assert host.call("GET", "/health", headers={"Host": "istmo.example"}).status_code == 503
    assert states(host) == (200, 200)
    guard.gate.taken = 0
    assert host.call("GET", "/health").status_code == 400
    host.close()


def test_a_sandbox_says_what_runs_and_production_does_not() -> None:
    host = Host()
    told = host.call("GET", "/health").json()
    assert told["kitVersion"] == health.kit_version()
    assert told["database"] == dict(zip(("engine", "version"), host.shared.store.engine(), strict=True))
    assert told["warnings"] == host.shared.store.warnings()
    assert told["status"] == ("warn" if told["warnings"] else "pass")

    host.context.settings = host.shared.settings.model_copy(update={"environment": "production"})
    assert host.call("GET", "/health").json().keys() == {"status", "version", "time"}
    host.close()
