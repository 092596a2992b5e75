"""The figures of a process: what is counted, by which labels, who may read it, and how workers add up."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests import production
from tests.istmo.runtime.host import ANA, Host
from tests.istmo.runtime.test_outbox import Receiver, subscribe

from istmo.errors import KitError
from istmo.runtime import health, metrics
from istmo.runtime.outbox import Relay
from istmo.runtime.settings import load
from istmo.runtime.store import StoreBusy, StoreUnavailable
from istmo.runtime.store.sqlite import SqliteStore

GUIDE = Path(__file__).parents[3] / "docs/guides/observe.md"
TOKEN = "a-token-of-thirty-two-characters!"


def shown(host: Host, **headers: str) -> str:
    answer = host.call("GET", "/_health/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels in the order of their names."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class Fickle(SqliteStore):
    """A database that does what the next word says."""

    mood = ""

    async def write(self, service: str, unit: Any) -> Any:
        mood, self.mood = (self.mood, "") if service == "notes" else ("", self.mood)
        if mood == "busy":
            raise StoreBusy("later")
        if mood == "slow":
            await asyncio.sleep(30)
        if mood == "away":
            raise StoreUnavailable("away")
        if mood != "again":
            return await super().write(service, unit)

        async def twice(writer: Any) -> Any:
            await unit(writer)  # as after a serialization failure: the first attempt does not count
            writer._do("DELETE FROM record", ())  # noqa: SLF001 - undone by hand, since SQLite never begins again
            writer._do("DELETE FROM idempotency", ())  # noqa: SLF001 - see above
            return await unit(writer)

        return await super().write(service, twice)


def test_requests_are_counted_by_what_they_called_and_how_they_ended() -> None:
    host = Host(metrics=True)
    host.create({"text": "a"})
    host.create({"text": ""})
    host.call("GET", "/nothing/ana-ficticia")
    host.call("GET", "/_nothing/ana-ficticia")
    host.call("BREW", "/notes")
    found = figures(shown(host))
    host.close()

    assert found["istmo_requests_total", "createNote", "notes", "201"] == 1
    assert found["istmo_requests_total", "createNote", "notes", "422"] == 1
    assert found["istmo_requests_total", "-", "notes", "404"] == 1
    assert found["istmo_requests_total", "-", "-", "404"] == 1
    assert found["istmo_requests_total", "-", "notes", "405"] == 1
    assert found["istmo_request_seconds_count", "createNote", "notes"] == 2
    assert found["istmo_requests_in_flight",] == 1, "the one that asks"
    assert found["istmo_build_info", *host.shared.store.engine(), health.kit_version()] == 1


def test_refusals_are_counted_by_their_reason() -> None:
    store = Fickle(":memory:")
    host = Host(store=store, metrics=True, limits={"requests_per_minute": 40, "request_seconds": 0.2})
    headers = host.auth()
    for _ in range(12):
        host.call("GET", "/notes", headers=headers)
    host.call("GET", "/notes", headers={f"x-{n}": "a" for n in range(80)})
    guard: Any = host.app.middleware_stack
    while not hasattr(guard, "gate"):
        guard = guard.app
    guard.gate.taken, guard.gate.waiting = 1000, 0
    host.call("GET", "/notes", headers=headers)
    guard.gate.taken = 0
    for store.mood in ("away", "slow"):
        host.create({"text": "a"}, "22222222-2222-4222-8222-222222222222")
    found = figures(shown(host))
    host.close()

    reasons = {name[1]: value for name, value in found.items() if name[0] == "istmo_refused_total"}
    assert reasons == {"rate": 2, "edge": 1, "overload": 1, "store": 1, "deadline": 1}


def test_units_of_work_are_counted_by_how_they_ended() -> None:
    store = Fickle(":memory:")
    host = Host(store=store, metrics=True)
    host.create({"text": "a"}, key="key-00000001")
    host.create({"text": "a"}, key="key-00000001")
    host.create({"text": "refuse me late"})
    host.create({"text": "break late"})
    for mood in ("busy", "away", "again"):
        store.mood = mood
        host.create({"text": mood})
    found = figures(shown(host))
    host.close()

    outcomes = {name[1]: value for name, value in found.items() if name[0] == "istmo_units_total"}
    assert outcomes == {"committed": 2, "replayed": 1, "refused": 1, "failed": 2, "busy": 1}
    assert found["istmo_unit_retries_total", "notes"] == 1
    assert found["istmo_idempotency_replays_total", "createNote", "notes"] == 1


def test_the_outbox_is_counted() -> None:
    host, receiver = Host(metrics=True), Receiver()
    host.do(host.app.relay.stop())
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(receiver))
    relay = Relay(host.shared.settings, host.shared.store, host.shared.services, client)
    subscribe(host, "notes.note.created")
    for text in "abc":
        host.create({"text": text})
    receiver.status = 500
    host.sql("UPDATE delivery SET first_at = first_at - 90000 WHERE id = 1")
    host.do(relay.deliver_once())
    receiver.status = 204
    host.sql("UPDATE delivery SET next_at = 0 WHERE id = 2")
    host.do(relay.deliver_once())
    found = figures(shown(host))
    host.do(client.aclose())
    host.close()

    assert {name[1]: value for name, value in found.items() if name[0] == "istmo_outbox"} == {"waiting": 1, "parked": 1}
    outcomes = {name[1]: value for name, value in found.items() if name[0] == "istmo_deliveries_total"}
    assert outcomes == {"parked": 1, "failed": 2, "delivered": 1}


def test_a_database_that_is_away_and_a_process_that_stops_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("istmo.runtime.health.FRESH", 0.0)
    host = Host(metrics=True)

    def states() -> tuple[float, float]:
        found = figures(shown(host))
        return found["istmo_database_ready",], found["istmo_ready",]

    async def not_ready() -> bool:
        return False

    assert states() == (1, 1)
    ready = host.shared.store.ready
    monkeypatch.setattr(host.shared.store, "ready", not_ready)
    assert states() == (0, 0)
    monkeypatch.setattr(host.shared.store, "ready", ready)
    host.app.drain()
    assert states() == (1, 0)
    host.close()


def test_exactly_the_documented_metrics_are_shown() -> None:
    host = Host(metrics=True)
    host.create({"text": "a"}, key="key-00000001")
    host.create({"text": "a"}, key="key-00000001")
    text = shown(host)
    host.close()

    families = {family.name: family for family in text_string_to_metric_families(text)}
    told = {one.name: one.kind for one in metrics.FAMILIES}
    own = {name: family.type for name, family in families.items()}
    assert own == told
    for one in metrics.FAMILIES:
        for sample in families[one.name].samples:
            assert set(sample.labels) - {"le"} == set(one.labels), one.name


def test_the_guide_lists_the_metrics_of_the_code() -> None:
    rows = [
        line.split(" | ") for line in GUIDE.read_text(encoding="utf-8").splitlines() if line.startswith("| `istmo_")
    ]
    listed = {
        (
            row[0].strip("| `"),
            row[1].strip(),
            tuple(word.strip(" `") for word in row[2].split(",") if word.strip(" `-")),
        )
        for row in rows
    }

    assert listed == {(one.name, one.kind, one.labels) for one in metrics.FAMILIES}


def test_metrics_that_nobody_asked_for_are_neither_served_nor_loaded(host: Host) -> None:
    assert host.call("GET", "/_health/metrics").status_code == 404
    code = "import sys; from istmo.runtime import reference; reference.build('civil_certificates');"
    code += "print([name for name in sys.modules if name.startswith(('prometheus', 'opentelemetry.sdk'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_holder_of_the_token_reads_them() -> None:
    host = Host(metrics=True, metrics_token=TOKEN, limits={"requests_per_minute": 40})
    assert "istmo_requests" in shown(host, Authorization=f"Bearer {TOKEN}")
    for given in ({}, {"Authorization": f"Bearer {TOKEN[:-1]}"}, host.auth(ANA)):
        refused = host.call("GET", "/_health/metrics", headers=given)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert "istmo_requests" not in refused.text
    statuses = {host.call("GET", "/_health/metrics").status_code for _ in range(12)}
    assert statuses == {401, 429}, "a token cannot be guessed at leisure"
    assert TOKEN not in repr(host.shared.settings)
    host.close()


def test_production_shows_nothing_by_accident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    safe = production.safe(tmp_path)
    monkeypatch.delenv(metrics.FOLDER, raising=False)
    assert load(**safe).metrics is False
    with pytest.raises(KitError, match="anybody"):
        load(**safe, metrics=True)
    with pytest.raises(KitError, match="METRICS_TOKEN"):
        load(**safe, metrics=True, metrics_token="short")
    assert load(**safe, metrics=True, metrics_token=TOKEN).metrics
    with pytest.raises(KitError, match="several workers"):
        load(**safe, metrics=True, metrics_token=TOKEN, workers=2)
    monkeypatch.setenv(metrics.FOLDER, "/tmp")
    assert load(**safe, metrics=True, metrics_token=TOKEN, workers=2).workers == 2


WORKER = """
import sys
from tests.istmo.runtime.host import Host
host = Host(database=sys.argv[1], metrics=True)
for _ in range(int(sys.argv[2])):
    assert host.create({"text": "a"}).status_code == 201
print(host.call("GET", "/_health/metrics").text)
host.close()
"""


def test_the_answer_of_one_worker_tells_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "counts").mkdir()
    monkeypatch.setenv(metrics.FOLDER, str(tmp_path / "counts"))
    command = [sys.executable, "-c", WORKER, f"sqlite:///{tmp_path}/notes.db"]
    subprocess.run([*command, "2"], capture_output=True, text=True, check=True)
    done = subprocess.run([*command, "3"], capture_output=True, text=True, check=True)

    found = figures(done.stdout)
    assert found["istmo_requests_total", "createNote", "notes", "201"] == 5
    assert found["istmo_units_total", "committed", "notes"] == 5
    assert found["istmo_request_seconds_count", "createNote", "notes"] == 5
    assert found["istmo_ready",] == 1
