"""Events of other services come in signed, take effect once and whole, and are proved by a receipt."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.istmo.runtime.desk import BASE, Desk, Json, Room
from tests.istmo.runtime.host import Host
from tests.istmo.runtime.notes import service as notes

from istmo.errors import KitError
from istmo.runtime import exchange, peers, signatures
from istmo.runtime.clock import monotonic
from istmo.runtime.keys import new_private_key, public_part
from istmo.runtime.outbox import Relay
from istmo.runtime.settings import load
from istmo.runtime.work import Work

OURS = "http://127.0.0.1:8000"
PAID = "payments.request.paid"
KEY = Ed25519PrivateKey.generate()


def jwk(kid: str = "pay-1", key: Ed25519PrivateKey = KEY, **more: Any) -> Json:
    raw = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": raw, "kid": kid, **more}


def peer(**more: Any) -> Json:
    return {"name": "payments", "sources": ["/payments/v1"], "keys": [jwk()], **more}


def trusting(*listed: Json) -> str:
    return json.dumps({"peers": list(listed or (peer(),))})


def event(**more: Any) -> Json:
    return {
        "specversion": "1.0",
        "id": "1",
        "source": "/payments/v1",
        "type": PAID,
        "subject": "7",
        "time": "2027-03-15T15:00:00Z",
        "sequence": 1,
        "data": {},
        **more,
    }


def post(
    desk: Desk,
    body: Json | bytes,
    *,
    key: Ed25519PrivateKey = KEY,
    kid: str = "pay-1",
    age: int = 0,
    sent: dict[str, str] | None = None,
    **headers: str,
) -> httpx2.Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    plain = {
        "content-type": "application/cloudevents+json",
        "content-digest": signatures.digest(data),
        "istmo-recipient": "XX/civil-certificates",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    message = signatures.Message("POST", f"{OURS}{BASE}/events", plain)
    at = desk.context.clock.now() - timedelta(seconds=age)
    signatures.sign(message, kid, key.sign, at)
    return desk.call("POST", "/events", content=data, headers={**message.headers, **(sent or {})})


@pytest.fixture
def office() -> Iterator[Desk]:
    found = Desk(peers=trusting())
    yield found
    found.close()


def test_a_signed_payment_releases_the_case_and_a_receipt_proves_it(office: Desk) -> None:
    office.room.lines = [{"code": "CIV-CERT", "quantity": 1}]
    case = office.done("ana", office.draft(), "submit", {})
    assert [hold["code"] for hold in case["holds"]] == ["fee-unpaid"]
    told = event(data={"caseReference": case["reference"]})
    answer = post(office, told)
    assert answer.status_code == 202, answer.text
    receipt = answer.json()
    assert (receipt["outcome"], receipt["sender"]) == ("taken", "payments")
    assert receipt["payloadDigest"] == hashlib.sha256(rfc8785.dumps(told)).hexdigest()
    signed = office.context.keys.verify(receipt.pop("signature"))
    assert signed == receipt
    assert office.get("ana", case).json()["holds"] == []
    shown = office.ask(None, "GET", f"/receipts/{receipt['code']}/verification").json()
    assert (shown["valid"], shown["payloadDigest"]) == (True, receipt["payloadDigest"])


def test_what_an_event_does_is_in_the_journal_under_the_name_of_the_peer(office: Desk) -> None:
    post(office, event())
    entries = office.do(_journal(office))
    assert entries[-1]["actor"] == "payments"
    assert entries[-1]["operation"] == "receiveEvent"
    noted = [one for one in entries[-1]["records"] if one["action"] == "event"]
    assert noted == [{"action": "event", "type": PAID, "outcome": "taken"}]


async def _journal(desk: Desk) -> list[Json]:
    async def unit(work: Work) -> list[Json]:
        return [json.loads(link.entry) for link in await work.history(limit=100)]

    return await desk.context.run(unit)


def test_the_owner_of_a_case_learns_that_the_peer_touched_it(office: Desk) -> None:
    office.room.lines = [{"code": "CIV-CERT", "quantity": 1}]
    case = office.done("ana", office.draft(), "submit", {})
    post(office, event(data={"caseReference": case["reference"]}))
    rows = office.sql("SELECT entry FROM access_log")
    entries = [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in rows]
    assert [(one["actor"], one["id"]) for one in entries] == [("payments", case["id"])]


def test_an_event_of_an_unknown_type_is_taken_and_changes_nothing(office: Desk) -> None:
    answer = post(office, event(type="tax.notice.sent"))
    assert (answer.status_code, answer.json()["outcome"]) == (202, "ignored")


def test_a_service_without_peers_takes_nothing(desk: Desk) -> None:
    answer = post(desk, event())
    assert (answer.status_code, answer.json()["code"]) == (401, "unsigned")
    assert answer.headers["www-authenticate"] == 'Signature realm="istmo"'
    assert '"content-digest"' in answer.headers["accept-signature"]


def test_the_same_message_gets_the_same_receipt_also_after_a_restart(database: str) -> None:
    told = event()
    answers = []
    for _ in range(2):
        desk = Desk(peers=trusting(), database=database)
        answers += [post(desk, told), post(desk, told)]
        assert desk.room.events == [PAID] * (len(answers) == 2)
        desk.close()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true", "true", "true"]


def test_the_same_content_may_be_written_otherwise(office: Desk) -> None:
    first = post(office, event())
    again = post(office, json.dumps(dict(reversed(event().items())), indent=1).encode())
    assert (again.status_code, again.content) == (202, first.content)


def test_the_id_of_a_message_stands_for_one_content_of_one_source_of_one_peer(database: str) -> None:
    other = Ed25519PrivateKey.generate()
    tax = {"name": "tax", "sources": ["/payments/v1"], "keys": [jwk("tax-1", other)]}
    both = peer(sources=["/payments/v1", "/payments/v2"])
    desk = Desk(peers=trusting(both, tax), database=database)
    first = post(desk, event())
    reused = post(desk, event(subject="8"))
    assert (reused.status_code, reused.json()["code"]) == (409, "message-reused")
    for answer in (post(desk, event(source="/payments/v2")), post(desk, event(subject="8"), key=other, kid="tax-1")):
        assert answer.status_code == 202
        assert answer.json()["code"] != first.json()["code"]
    assert len(desk.room.events) == 3
    desk.close()


def test_many_of_one_message_at_once_take_effect_once(office: Desk) -> None:
    data = json.dumps(event()).encode()
    plain = {"content-type": "application/cloudevents+json", "content-digest": signatures.digest(data)}
    message = signatures.Message("POST", f"{OURS}{BASE}/events", {**plain, "istmo-recipient": "XX/civil-certificates"})
    signatures.sign(message, "pay-1", KEY.sign, office.context.clock.now())
    calls = [office.client.post(f"{BASE}/events", content=data, headers=message.headers) for _ in range(20)]
    answers = office.together(*calls)
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.content for answer in answers if answer.status_code == 202}) == 1
    assert office.room.events == [PAID]


def test_what_may_still_be_replayed_is_never_forgotten(office: Desk) -> None:
    first = post(office, event())
    office.sql(f"UPDATE idempotency SET at = at - {exchange.OLDEST + exchange.AHEAD}")
    office.do(office.app.housekeeper.forget())
    assert post(office, event()).content == first.content
    assert office.context.settings.limits.idempotency_hours * 3600 > 24 * exchange.OLDEST


def test_a_refused_event_may_come_again(office: Desk) -> None:
    office.room.refused.add("nothing")
    assert post(office, event(source="/tax/v1")).json()["code"] == "not-entitled"
    assert post(office, event()).status_code == 202
    assert office.room.events == [PAID]


class Failing(Room):
    """A room that fails after it has begun, until it is mended."""

    fails = True

    def event(self, work: Work, kind: str, data: Json) -> None:
        work.emit("requests.test.begun", "7", {})
        if self.fails:
            raise RuntimeError
        super().event(work, kind, data)


def test_what_fails_half_way_leaves_nothing_and_is_taken_the_next_time(database: str) -> None:
    room = Failing()
    desk = Desk(room, peers=trusting(), database=database)
    assert post(desk, event()).status_code == 500
    assert desk.sql("SELECT 1 FROM outbox") == desk.sql("SELECT 1 FROM idempotency") == []
    room.fails = False
    answer = post(desk, event())
    assert answer.status_code == 202
    assert "idempotency-replayed" not in answer.headers
    assert room.events == [PAID]
    assert len(desk.sql("SELECT 1 FROM outbox")) == 1
    desk.close()


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"kid": "other"}, 401, "unsigned"),
        ({"key": Ed25519PrivateKey.generate()}, 401, "unsigned"),
        ({"age": 301}, 401, "unsigned"),
        ({"age": -31}, 401, "unsigned"),
        ({"age": 299}, 202, None),
        ({"age": -10}, 202, None),
        ({"istmo_recipient": "XX/other"}, 421, "wrong-recipient"),
        ({"istmo_recipient": "ZZ/civil-certificates"}, 421, "wrong-recipient"),
        ({"istmo_recipient": "XX/civil-certificates, ZZ/other"}, 421, "wrong-recipient"),
        ({"sent": {"content-digest": "md5=:AAAA:"}}, 400, "content-digest"),
        ({"content_digest": signatures.digest(b"{}")}, 400, "content-digest"),
        ({"content_type": "application/json"}, 415, "unsupported-media-type"),
        ({"sent": {"signature-input": "istmo=" + "(" * 3000}}, 401, "unsigned"),
        ({"sent": {"signature": "istmo=:AAAA:"}}, 401, "unsigned"),
        ({"sent": {"content-type": "application/cloudevents+json;v=1"}}, 401, "unsigned"),
        ({"sent": {"authorization": "Bearer x"}}, 202, None),
        ({"sent": {"signature": "x" * 20_000}}, 431, "headers-too-large"),
    ],
)
def test_a_message_is_refused_for_what_is_wrong_with_it(
    office: Desk, more: dict[str, Any], status: int, code: str | None
) -> None:
    answer = post(office, event(), **more)
    assert (answer.status_code, answer.json().get("code") if code else None) == (status, code)
    assert (office.room.events == [PAID]) is (status == 202)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"a":1,"a":2}', 400),
        (b"[]", 422),
        (json.dumps(event(specversion="0.3")).encode(), 422),
        (json.dumps(event(id="")).encode(), 422),
        (json.dumps(event(id="\u0000")).encode(), 422),
        (json.dumps(event(data=[])).encode(), 422),
        (json.dumps(event(extension="ours")).encode(), 202),
        (json.dumps(event(source="/payments/ñ")).encode(), 422),
    ],
)
def test_a_body_is_read_as_strictly_as_any_other(office: Desk, body: bytes, status: int) -> None:
    assert post(office, body).status_code == status


def test_a_peer_tells_only_what_it_is_listed_for(database: str) -> None:
    desk = Desk(peers=trusting(peer(types=["payments.refund.made"])), database=database)
    assert post(desk, event()).status_code == 403
    assert post(desk, event(type="payments.refund.made")).status_code == 202
    desk.close()


def test_a_key_counts_while_it_counts(database: str) -> None:
    second = Ed25519PrivateKey.generate()
    keys = [
        jwk(notAfter="2027-04-01T00:00:00Z"),
        jwk("pay-2", second, notBefore="2027-03-01T00:00:00Z"),
        jwk("pay-0", revoked=True),
    ]
    desk = Desk(peers=trusting(peer(keys=keys)), database=database)

    def both() -> list[int]:
        return [post(desk, event()).status_code, post(desk, event(), key=second, kid="pay-2").status_code]

    for at, expected in (("2027-02-01", [202, 401]), ("2027-03-15", [202, 202]), ("2027-04-02", [401, 202])):
        desk.clock(f"{at}T12:00:00Z")
        assert both() == expected
        assert post(desk, event(), kid="pay-0").status_code == 401
    desk.close()


def test_the_file_of_peers_is_read_again_and_an_unreadable_one_changes_nothing(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "peers.json"
    file.write_text(trusting(), encoding="utf-8")
    desk = Desk(peers=str(file), database=database)
    assert post(desk, event()).status_code == 202
    later = monotonic() + peers.REFRESH + 1
    monkeypatch.setattr(peers, "monotonic", lambda: later)
    file.write_text("{", encoding="utf-8")
    assert post(desk, event()).status_code == 202
    file.write_text(trusting(peer(keys=[jwk(revoked=True)])), encoding="utf-8")
    assert post(desk, event()).status_code == 202, "not yet"
    monkeypatch.setattr(peers, "monotonic", lambda: later + peers.REFRESH + 1)
    assert post(desk, event()).status_code == 401
    desk.close()


@pytest.mark.parametrize(
    "listed",
    [
        "{",
        "no-such-file.json",
        '{"peers": [{}]}',
        '{"peers": {}, "more": 1}',
        trusting(peer(keys=[])),
        trusting(peer(keys=[jwk(), jwk()])),
        trusting(peer(), peer(name="other")),
        trusting(peer(keys=[new_private_key()])),
        trusting(peer(keys=[jwk(kty="RSA")])),
        trusting(peer(keys=[jwk(x="AAAA")])),
        trusting(peer(keys=[jwk(notAfter="2027-04-01T00:00:00")])),
        trusting(peer(sources=[])),
        trusting(peer(name="")),
    ],
)
def test_a_wrong_list_refuses_to_start(listed: str) -> None:
    with pytest.raises(KitError) as caught:
        load(peers=listed)
    assert caught.value.code == "peers"


def test_a_tester_registers_peers_until_the_next_reset(desk: Desk) -> None:
    assert desk.call("PUT", "/_sandbox/peers", json=json.loads(trusting())).status_code == 204
    assert post(desk, event()).status_code == 202
    assert desk.call("PUT", "/_sandbox/peers", json={"peers": []}).status_code == 204
    assert post(desk, event()).status_code == 401
    assert desk.call("PUT", "/_sandbox/peers", json={"peers": [{}]}).status_code == 422
    desk.call("PUT", "/_sandbox/peers", json=json.loads(trusting()))
    desk.call("POST", "/_sandbox/reset", json={})
    assert post(desk, event()).status_code == 401


def test_the_processes_of_a_sandbox_share_their_peers(database: str) -> None:
    one, other = Desk(database=database), Desk(database=database)
    one.call("PUT", "/_sandbox/peers", json=json.loads(trusting()))
    assert post(one, event()).status_code == 202
    assert post(other, event(id="2")).status_code == (401 if other.shared.store.alone else 202)
    for desk in (one, other):
        desk.close()


def test_an_event_goes_from_one_service_to_another() -> None:
    sender = Host(notes())
    own = public_part(sender.context.keys.jwks()["keys"][0])
    desk = Desk(peers=trusting({"name": "notes", "sources": [sender.context.base_path], "keys": [own]}))
    line: list[httpx2.Request] = []

    async def subscribe(work: Work) -> None:
        doc = {"callbackUrl": f"{OURS}{BASE}/events", "types": [PAID], "recipient": "XX/civil-certificates"}
        await work.add("subscriptions", doc, owner="system", hidden={"secret": "a-secret-of-the-receiver"})
        work.emit(PAID, "7", {"caseReference": "none"})

    def carry(request: httpx2.Request) -> httpx2.Response:
        line.append(request)
        return httpx2.Response(202)

    sender.do(sender.app.relay.stop())
    sender.do(sender.context.run(subscribe))
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(carry))
    relay = Relay(sender.shared.settings, sender.shared.store, sender.shared.services, client)
    for _ in range(2):  # the second time as if the first receipt had been lost
        assert sender.do(relay.deliver_once()) == 1
        sender.sql("UPDATE delivery SET state = 'waiting', next_at = 0")
    arrived = [
        desk.do(desk.client.post(one.url.raw_path.decode(), content=one.content, headers=dict(one.headers)))
        for one in line
    ]
    assert [answer.status_code for answer in arrived] == [202, 202]
    assert arrived[0].content == arrived[1].content
    assert (arrived[0].json()["sender"], arrived[0].json()["outcome"]) == ("notes", "taken")
    assert desk.room.events == [PAID]
    sender.do(client.aclose())
    for host in (sender, desk):
        host.close()


def test_what_cannot_be_signed_is_tried_again_like_what_is_not_taken() -> None:
    sender = Host(notes())

    async def subscribe(work: Work) -> None:
        doc = {"callbackUrl": "https://here.test/a b", "types": [PAID], "recipient": "XX/civil-certificates"}
        await work.add("subscriptions", doc, owner="system", hidden={"secret": "a-secret-of-the-receiver"})
        work.emit(PAID, "7", {})

    sender.do(sender.app.relay.stop())
    sender.do(sender.context.run(subscribe))
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: httpx2.Response(202)))
    relay = Relay(sender.shared.settings, sender.shared.store, sender.shared.services, client)
    assert sender.do(relay.deliver_once()) == 0
    assert sender.sql("SELECT state FROM delivery") == [("waiting",)]
    sender.do(client.aclose())
    sender.close()
