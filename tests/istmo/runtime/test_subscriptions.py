from __future__ import annotations

from typing import Any

import pytest
from tests.istmo.runtime.desk import Desk

from istmo.errors import Problem
from istmo.runtime import subscriptions
from istmo.runtime.settings import Settings


def wanted(**more: Any) -> dict[str, Any]:
    return {
        "callbackUrl": "https://other.example/events",
        "types": ["istmo.civil-certificates.requests.submitted"],
        "secret": "a-secret-of-twenty-two",
        **more,
    }


def test_the_secret_is_taken_and_never_shown(desk: Desk) -> None:
    made = desk.ask("gov", "POST", "/subscriptions", wanted())
    assert made.status_code == 201
    listed = desk.ask("gov", "GET", "/subscriptions")
    assert listed.json()["items"] == [made.json()]
    for answer in (made, listed):
        assert "secret" not in answer.text
    kept = desk.do(desk.context.reader.get("subscriptions", made.json()["id"]))
    assert kept is not None
    assert kept.hidden == {"secret": "a-secret-of-twenty-two"}


def test_it_ends_once(desk: Desk) -> None:
    path = f"/subscriptions/{desk.ask('gov', 'POST', '/subscriptions', wanted()).json()['id']}"
    assert desk.ask("gov", "DELETE", path).status_code == 204
    assert desk.ask("gov", "DELETE", path).status_code == 404
    assert desk.ask("gov", "GET", "/subscriptions").json()["items"] == []


def test_it_belongs_to_the_system_that_made_it(desk: Desk) -> None:
    made = desk.ask("gov", "POST", "/subscriptions", wanted()).json()["id"]
    other = desk.be("bruno", scopes=["system"])
    assert desk.ask(None, "GET", "/subscriptions", headers=other).json()["items"] == []
    assert desk.ask(None, "DELETE", f"/subscriptions/{made}", headers=other).status_code == 404
    assert desk.ask("ana", "GET", "/subscriptions").status_code == 403


@pytest.mark.parametrize("url", ["https://user:word@other.example/", "http://"])
def test_an_address_that_nobody_should_use_is_refused(desk: Desk, url: str) -> None:
    refused = desk.ask("gov", "POST", "/subscriptions", wanted(callbackUrl=url))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/callbackUrl"


def test_clear_text_is_for_sandboxes_only(desk: Desk) -> None:
    clear = wanted(callbackUrl="http://127.0.0.1:9/events")
    assert desk.ask("gov", "POST", "/subscriptions", clear).status_code == 201

    class Production:
        settings = Settings(environment="production")

    with pytest.raises(Problem) as refusal:
        desk.do(subscriptions.create_subscription(Production(), clear))  # type: ignore[arg-type] # refused before it is used
    assert refusal.value.status == 422
