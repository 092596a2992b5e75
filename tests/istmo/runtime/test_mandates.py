from __future__ import annotations

import uuid
from typing import Any

import pytest
from tests.istmo.runtime.desk import SUBJECTS, Desk, mandate, request


def give(desk: Desk, **more: Any) -> dict[str, Any]:
    answer = desk.ask("ana", "POST", "/mandates", mandate(**more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def used(desk: Desk, mandate_id: str, who: str = "bruno") -> int:
    answer = desk.ask(who, "GET", "/requests", mandate=mandate_id)
    assert answer.status_code == 200 or answer.json()["code"] == "mandate-required"
    return answer.status_code


def test_a_mandate_is_given_by_its_principal_in_utc(desk: Desk) -> None:
    made = give(desk, validUntil="2099-01-01T00:00:00+01:00")
    assert made["principal"]["id"] == SUBJECTS["ana"]
    assert made["status"] == "active"
    assert made["validFrom"] == "2020-01-01T06:00:00Z"
    assert made["validUntil"] == "2098-12-31T23:00:00Z"
    refused = desk.ask("bruno", "POST", "/mandates", mandate(principal={"kind": "person", "id": SUBJECTS["ana"]}))
    assert (refused.status_code, refused.json()["code"]) == (403, "mandate-required")


def test_giving_a_mandate_needs_high_assurance(desk: Desk) -> None:
    low = desk.be("ana", acr="urn:istmo:loa:substantial")
    refused = desk.ask(None, "POST", "/mandates", mandate(), headers=low)
    assert (refused.status_code, refused.json()["requiredAcr"]) == (403, "urn:istmo:loa:high")


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"representative": {"kind": "person", "id": "me"}}, "/representative/id"),
        ({"representative": {"kind": "person", "id": SUBJECTS["ana"]}}, "/representative/id"),
        ({"scopes": ["civil-certificates:read", "vat:read"]}, "/scopes/1"),
        ({"scopes": ["civil-certificates:officer"]}, "/scopes/0"),
        ({"scopes": ["civil-certificates:supervise"]}, "/scopes/0"),
        ({"validUntil": "2019-12-31T00:00:00Z"}, "/validUntil"),
        ({"validUntil": "2020-01-01T06:00:00Z"}, "/validUntil"),
    ],
)
def test_an_impossible_mandate_is_refused(desk: Desk, more: dict[str, Any], pointer: str) -> None:
    refused = desk.ask("ana", "POST", "/mandates", mandate(**more))
    assert refused.status_code == 422, refused.text
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]


def test_only_the_named_representative_uses_it(desk: Desk) -> None:
    made = give(desk)
    assert used(desk, made["id"]) == 200
    assert used(desk, made["id"].upper()) == 200, "a uuid has no case"
    assert used(desk, made["id"], "delta") == 403
    assert used(desk, made["id"], "ana") == 403
    assert used(desk, str(uuid.uuid4())) == 403


def test_a_mandate_ends_with_its_time(desk: Desk) -> None:
    desk.clock("2027-03-15T12:00:00Z")
    made = give(desk, validFrom="2027-03-16T00:00:00Z", validUntil="2027-03-20T00:00:00Z")
    assert used(desk, made["id"]) == 403, "it has not begun"
    desk.clock("2027-03-17T12:00:00Z")
    assert used(desk, made["id"]) == 200
    desk.clock("2027-03-20T00:00:01Z")
    assert used(desk, made["id"]) == 403
    assert desk.ask("ana", "GET", "/mandates").json()["items"][0]["status"] == "expired"


@pytest.mark.parametrize("who", ["ana", "bruno"])
def test_either_party_ends_it_at_once_and_twice_is_once(desk: Desk, who: str) -> None:
    made = give(desk)
    headers = desk.be(who, acr="urn:istmo:loa:high")
    assert desk.ask("delta", "DELETE", f"/mandates/{made['id']}").status_code == 404
    for _ in range(2):
        assert desk.ask(None, "DELETE", f"/mandates/{made['id']}", headers=headers).status_code == 204
    assert used(desk, made["id"]) == 403
    for party in ("ana", "bruno"):
        assert [one["status"] for one in desk.ask(party, "GET", "/mandates").json()["items"]] == ["revoked"]


def test_a_mandate_gives_no_more_than_its_scopes(desk: Desk) -> None:
    made = give(desk, scopes=["civil-certificates:read"])
    assert used(desk, made["id"]) == 200
    refused = desk.ask("bruno", "POST", "/requests", request(), mandate=made["id"])
    assert (refused.status_code, refused.json()["code"]) == (403, "mandate-required")


def test_a_mandate_for_another_service_is_none_here(desk: Desk) -> None:
    made = give(desk, services=["vat"], scopes=["vat:read"])
    assert used(desk, made["id"]) == 403


def test_lists_hold_what_is_given_and_what_is_held_and_nothing_else(desk: Desk) -> None:
    ids = [give(desk)["id"] for _ in range(3)]
    seen, cursor = [], ""
    while True:
        page = desk.ask("bruno", "GET", f"/mandates?limit=2{cursor}").json()
        seen += [one["id"] for one in page["items"]]
        if "nextCursor" not in page["page"]:
            break
        cursor = f"&cursor={page['page']['nextCursor']}"
    assert seen == ids
    assert desk.ask("delta", "GET", "/mandates").json()["items"] == []


def test_evidence_of_a_mandate_is_kept_with_its_origin(desk: Desk) -> None:
    given = {
        "evidenceType": "power-of-attorney",
        "subject": {"kind": "person", "id": "me"},
        "issuer": "Notary",
        "issuedAt": "2026-01-15T23:59:60Z",
        "data": {},
    }
    kept = give(desk, evidence=[given])["evidence"][0]
    assert kept["subject"]["id"] == SUBJECTS["ana"]
    assert kept["issuedAt"] == "2026-01-15T23:59:59Z"
