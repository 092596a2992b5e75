"""Behind a declared proxy two of its headers count; from anybody else, and of any other kind, none does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests import production
from tests.istmo.runtime.host import BASE, Host
from tests.istmo.runtime.test_refusing import is_problem

PROXY, STRANGER, CLIENT = "10.1.2.9", "198.18.0.7", "198.18.0.50"
FORGED = {
    "X-Forwarded-For": CLIENT,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "elsewhere.test",
    "X-Forwarded-Prefix": "/elsewhere",
    "X-Real-IP": CLIENT,
    "Forwarded": f"for={CLIENT};proto=https;host=elsewhere.test",
    "X-User-Id": "11111111-1111-4111-8111-111111111111",
    "X-Remote-User": "admin",
}
Ask = Callable[..., httpx2.Response]


def asker(host: Host) -> Ask:
    def ask(path: str, *, peer: str, scheme: str = "http", name: str = production.HOST, **headers: str) -> Any:
        transport = httpx2.ASGITransport(app=host.app, raise_app_exceptions=False, client=(peer, 40000))

        async def call() -> httpx2.Response:
            async with httpx2.AsyncClient(transport=transport, base_url=f"{scheme}://{name}") as client:
                given = {key.replace("_", "-"): value for key, value in headers.items()}
                return await client.get(path, headers=given)

        return host.do(call())

    return ask


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Ask]:
    """A production process behind a proxy in 10.1.2.0/24."""
    host = Host(**production.safe(tmp_path), validate_answers=False)
    yield asker(host)
    host.close()


def forwarded(client: str = CLIENT, proto: str = "https") -> dict[str, str]:
    return {"X-Forwarded-For": client, "X-Forwarded-Proto": proto}


def test_what_the_proxy_received_over_tls_is_served(live: Ask) -> None:
    assert live(f"{BASE}/health", peer=PROXY, **forwarded()).status_code == 200


@pytest.mark.parametrize("proto", ["http", "", "https, http", "gopher"])
def test_what_the_proxy_received_otherwise_is_refused_and_never_redirected(live: Ask, proto: str) -> None:
    answer = live(f"{BASE}/health", peer=PROXY, **forwarded(proto=proto))

    is_problem(answer, 421)
    assert "location" not in answer.headers


def test_a_stranger_cannot_claim_to_come_over_tls(live: Ask) -> None:
    is_problem(live(f"{BASE}/health", peer=STRANGER, **FORGED), 421)
    is_problem(live(f"{BASE}/health", peer=PROXY), 421)


def test_the_host_that_counts_is_that_of_the_request(live: Ask) -> None:
    is_problem(live(f"{BASE}/health", peer=PROXY, name="elsewhere.test", **forwarded()), 400)
    elsewhere = {**forwarded(), "X-Forwarded-Host": "elsewhere.test", "Forwarded": "host=elsewhere.test"}
    assert live(f"{BASE}/health", peer=PROXY, **elsewhere).status_code == 200


def test_a_caller_is_told_from_another_by_what_the_proxy_appended(live: Ask) -> None:
    def wrong(client: str) -> int:
        return live(f"{BASE}/codes/wrong", peer=PROXY, **forwarded(client)).status_code

    invented = [wrong(f"203.0.113.{number}, {CLIENT}") for number in range(5)]

    assert invented == [404, 404, 404, 429, 429]
    assert wrong(f"{CLIENT}, 10.1.2.77") == 429, "a second proxy of ours stands between"
    assert wrong("198.18.0.51") == 404


def test_without_a_declared_proxy_no_header_tells_callers_apart() -> None:
    host = Host()
    ask = asker(host)

    plain = ask(f"{BASE}/health", peer=STRANGER).status_code
    told = [
        ask(f"{BASE}/codes/wrong", peer=STRANGER, **{**FORGED, "X-Forwarded-For": f"203.0.113.{number}"}).status_code
        for number in range(5)
    ]

    assert plain == 200
    assert told == [404, 404, 404, 429, 429]
    assert ask(f"{BASE}/codes/wrong", peer="198.18.0.8", **FORGED).status_code == 404
    host.close()


def test_no_header_but_the_token_says_who_calls(live: Ask) -> None:
    is_problem(live(f"{BASE}/notes", peer=PROXY, **{**FORGED, **forwarded()}), 401, "unauthenticated")


@pytest.mark.parametrize("path", ["/_health/live", "/_health/ready"])
def test_probes_ask_by_address_and_in_clear_text(live: Ask, path: str) -> None:
    assert live(path, peer="10.9.9.9", name="10.0.0.17:8000").status_code == 200


def test_the_health_reports_warn_of_sqlite_in_production(
    tmp_path: Path, live: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("istmo.runtime.store.sqlite.SAFE", (3, 0, 0))  # whatever this machine has is new enough
    sandbox = Host(database="sqlite:///:memory:")
    alone = asker(sandbox)

    assert alone("/_health/ready", peer=STRANGER).json()["warnings"] == 0
    assert alone(f"{BASE}/health", peer=STRANGER).json()["status"] == "pass"
    assert live("/_health/ready", peer=PROXY).json()["warnings"] == 1
    found = live(f"{BASE}/health", peer=PROXY, **forwarded()).json()
    assert found["status"] == "warn"
    assert str(tmp_path) not in json.dumps(found)
    sandbox.close()


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/_sandbox/clock", "/nothing", "/metrics/x"])
def test_production_has_no_other_address(live: Ask, path: str) -> None:
    answer = live(path, peer=PROXY, **forwarded())

    is_problem(answer, 404, "not-found")
    assert "server" not in answer.headers
