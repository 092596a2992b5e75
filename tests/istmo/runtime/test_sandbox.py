from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from tests import production
from tests.istmo.runtime.desk import SUBJECTS, Desk, request

from istmo.runtime import sandbox
from istmo.runtime.service import AppContext


def order(desk: Desk, method: str, name: str, body: Any) -> Any:
    return desk.call(method, f"/_sandbox/{name}", json=body)


def test_a_reset_forgets_everything(desk: Desk) -> None:
    case = desk.draft(headers={"Idempotency-Key": "same-key-again"})
    desk.clock("2030-01-01T00:00:00Z")
    order(desk, "PUT", "faults", {"upstream": "register", "mode": "down"})
    for _ in range(11):
        desk.ask(None, "GET", "/receipts/x/verification")
    assert desk.ask(None, "GET", "/receipts/x/verification").status_code == 429
    assert order(desk, "POST", "reset", {}).status_code == 204
    desk.tokens.clear()
    assert desk.get("ana", case).status_code == 404
    assert desk.draft(headers={"Idempotency-Key": "same-key-again"})["id"] != case["id"]
    assert desk.ask(None, "GET", "/receipts/x/verification").status_code == 404
    assert desk.context.faults == {}
    assert not desk.app.state.istmo.clock.moved


def test_a_wrong_verb_is_told_in_a_problem_at_the_first_call_and_at_every_other(desk: Desk) -> None:
    for _ in range(2):
        answer = desk.call("DELETE", "/_sandbox/reset")
        assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
        assert answer.json()["code"] == "method-not-allowed"


def test_the_clock_goes_where_it_is_put_and_on_from_there(desk: Desk) -> None:
    answer = order(desk, "PUT", "clock", {"now": "2027-03-15T09:00:00-06:00"})
    assert answer.json()["now"] == "2027-03-15T15:00:00Z"
    assert desk.call("GET", "/_sandbox/clock").json()["now"].startswith("2027-03-15T15:00:0")
    assert not order(desk, "PUT", "clock", {"now": None}).json()["now"].startswith("2027-03-15T15")


def test_a_token_is_what_was_asked_for(desk: Desk) -> None:
    plain = order(desk, "POST", "tokens", {"persona": "ana-citizen"}).json()
    assert plain["tokenType"] == "Bearer"
    assert plain["subject"] == SUBJECTS["ana"]
    claims = desk.do(desk.app.kernel.verifier.claims(f"Bearer {plain['accessToken']}", desk.context.audience))
    assert claims["scope"] == "civil-certificates:read civil-certificates:write"
    assert (claims["acr"], claims["country"], claims["persona"]) == ("urn:istmo:loa:high", "XX", "ana-citizen")
    asked = {"persona": "ana", "scopes": ["read", "vat:write"], "acr": "urn:istmo:loa:low", "country": "GT"}
    other = order(desk, "POST", "tokens", asked).json()
    claims = desk.do(desk.app.kernel.verifier.claims(f"Bearer {other['accessToken']}", desk.context.audience))
    assert claims["scope"] == "civil-certificates:read vat:write"
    assert (claims["acr"], claims["country"]) == (asked["acr"], "GT")


def test_the_foreigner_comes_from_another_country(desk: Desk) -> None:
    token = order(desk, "POST", "tokens", {"persona": "foreigner"}).json()["accessToken"]
    claims = desk.do(desk.app.kernel.verifier.claims(f"Bearer {token}", desk.context.audience))
    assert claims["country"] not in {"XX", ""}
    assert desk.draft("foreigner")["applicant"]["id"] == SUBJECTS["foreigner"]


def test_a_token_for_another_audience_does_not_work_here(desk: Desk) -> None:
    assert desk.ask(None, "GET", "/requests", headers=desk.be("ana", audience="urn:other")).status_code == 401


@pytest.mark.parametrize(
    "unfit",
    [{"type": "JWT"}, {"issuer": "https://other.invalid"}, {"claims": {"exp": None}}, {"claims": {"iat": "now"}}],
)
def test_a_well_signed_token_of_another_kind_is_made_and_does_not_work(desk: Desk, unfit: dict[str, Any]) -> None:
    good, other = (
        order(desk, "POST", "tokens", {"persona": "ana", **more}).json()["accessToken"] for more in ({}, unfit)
    )
    keys = KeySet.import_key_set(desk.do(desk.client.get("/.well-known/jwks.json")).json())

    assert jwt.decode(other, keys, algorithms=["Ed25519"]).claims["sub"] == SUBJECTS["ana"]
    for token, status in ((good, 200), (other, 401)):
        answer = desk.ask(None, "GET", "/requests", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("method", "name", "body", "pointer"),
    [
        ("POST", "reset", {"all": True}, "/all"),
        ("PUT", "clock", {}, "/now"),
        ("PUT", "clock", {"now": "tomorrow"}, "/now"),
        ("PUT", "clock", {"now": "2027-03-15T09:00:00"}, "/now"),
        ("POST", "tokens", {"persona": "zorro"}, "/persona"),
        ("POST", "tokens", {"persona": "nobody"}, "/persona"),
        ("POST", "events", {"type": "Bad Type", "data": {}}, "/type"),
        ("POST", "events", {"type": "a.b"}, "/data"),
        ("PUT", "faults", {"upstream": "register", "mode": "sleepy"}, "/mode"),
        ("POST", "scans", {"documentId": "x"}, "/scanStatus"),
    ],
)
def test_a_wrong_order_is_refused_with_its_place(desk: Desk, method: str, name: str, body: Any, pointer: str) -> None:
    refused = order(desk, method, name, body)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_orders_are_strict_json_by_known_methods(desk: Desk) -> None:
    assert desk.call("POST", "/_sandbox/reset", content=b"{").status_code == 400
    assert desk.call("POST", "/_sandbox/reset").status_code == 204
    assert desk.call("DELETE", "/_sandbox/clock").status_code == 405
    assert desk.call("GET", "/_sandbox/secrets").status_code == 404


def test_an_event_takes_effect_once(desk: Desk) -> None:
    first = desk.event("other.thing.happened", {}, id="event-1")
    assert (first.status_code, first.json()) == (202, {"id": "event-1"})
    assert desk.event("other.thing.happened", {}, id="event-1").status_code == 202
    assert desk.event("other.thing.happened", {}, id="event-2").status_code == 202
    assert desk.event("other.thing.happened", {}, id="event-1", source="elsewhere").status_code == 202
    assert desk.room.events == ["other.thing.happened"] * 3


def test_an_event_that_cannot_be_worked_off_is_not_lost(desk: Desk) -> None:
    desk.room.lines = [{"code": "CIV-CERT", "quantity": 1}]
    case = desk.done("ana", desk.draft(body=request()), "submit")
    order(desk, "PUT", "faults", {"upstream": "register", "mode": "down"})
    data = {"caseReference": case["reference"]}
    assert desk.event("payments.request.paid", data, id="payment-1").status_code == 503
    assert desk.get("ana", case).json()["holds"]
    order(desk, "PUT", "faults", {"upstream": "register", "mode": "none"})
    assert desk.event("payments.request.paid", data, id="payment-1").status_code == 202
    assert desk.get("ana", case).json()["holds"] == []


def test_an_unknown_document_cannot_be_scanned(desk: Desk) -> None:
    body = {"documentId": "00000000-0000-4000-8000-000000000000", "scanStatus": "clean"}
    assert order(desk, "POST", "scans", body).status_code == 404


def test_outside_a_sandbox_there_is_no_such_surface(desk: Desk) -> None:
    app: AppContext = desk.app.state.istmo
    production = app.settings.model_copy(update={"environment": "production"})
    assert sandbox.routes(AppContext(production, app.store, app.clock, app.keys, None, app.peers, app.services)) == []


PRODUCTION = """
import asyncio, json, sys
import httpx2
from istmo.runtime.app import create_app
from istmo.runtime.settings import load
from istmo.rooms import load as room
settings = load()
app = create_app(room("civil_certificates"), settings=settings)
async def main():
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=settings.base_url) as client:
        found = [
            (await client.request(method, f"/_sandbox/{name}")).status_code
            for method, name in [
                ("POST", "reset"), ("GET", "clock"), ("PUT", "clock"), ("POST", "tokens"), ("POST", "events"),
                ("PUT", "faults"), ("POST", "scans"),
            ]
        ]
    await app.state.istmo.store.close()
    print(json.dumps({"statuses": found, "loaded": "istmo.runtime.sandbox" in sys.modules}))
asyncio.run(main())
"""


def test_in_production_every_address_of_the_surface_is_unknown(tmp_path: Any) -> None:
    command = [sys.executable, "-c", PRODUCTION]
    variables = {**os.environ, **production.environment(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"statuses": [404] * 7, "loaded": False}
