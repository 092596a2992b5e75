"""Events leave signed, at least once, in order for each subject, and never before their commit."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.istmo.runtime.host import Host

from istmo.runtime.outbox import Relay
from istmo.runtime.work import Work

SECRET = "a-secret-of-the-receiver"


class Receiver:
    """The other side: answers what it is told to and keeps what it got."""

    def __init__(self) -> None:
        self.got: list[httpx2.Request] = []
        self.status = 204

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.got.append(request)
        return httpx2.Response(self.status)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.got]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def relay(host: Host, receiver: Receiver) -> Iterator[Relay]:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(receiver))
    app = host.shared
    host.do(host.app.relay.stop())
    found = Relay(app.settings, app.store, app.services, client)
    yield found
    host.do(client.aclose())


def subscribe(host: Host, *types: str) -> str:
    async def unit(work: Work) -> str:
        doc = {"callbackUrl": "https://receiver.example/events", "types": list(types)}
        record = await work.add("subscriptions", doc, owner="system", hidden={"secret": SECRET})
        return record.id

    return host.do(host.context.run(unit))


def hurry(host: Host) -> None:
    """Let every pause be over."""
    host.sql("UPDATE delivery SET next_at = 0")


def states(host: Host) -> list[str]:
    rows = host.sql("SELECT state FROM delivery ORDER BY id")
    return [row[0] for row in rows]


def test_an_event_arrives_signed(host: Host, relay: Relay, receiver: Receiver) -> None:
    subscribe(host, "notes.note.created")
    host.create({"text": "a"})
    assert host.do(relay.deliver_once()) == 1
    request = receiver.got[0]
    at, code = (part.partition("=")[2] for part in request.headers["istmo-signature"].split(", "))
    expected = hmac.new(SECRET.encode(), f"{at}.".encode() + request.content, hashlib.sha256)
    assert code == expected.hexdigest()
    assert abs(int(at) - time.time()) < 5
    event = receiver.events[0]
    assert (event["specversion"], event["type"], event["sequence"]) == ("1.0", "notes.note.created", 1)
    assert host.do(relay.deliver_once()) == 0


def test_only_subscribed_types_arrive(host: Host, relay: Relay, receiver: Receiver) -> None:
    subscribe(host, "notes.note.deleted")
    host.create({"text": "a"})
    assert host.do(relay.deliver_once()) == 0
    assert receiver.got == []


def test_what_failed_comes_again_with_the_same_id_and_in_order(host: Host, relay: Relay, receiver: Receiver) -> None:
    subscribe(host, "notes.note.moved")

    async def unit(work: Work) -> None:
        for subject in ("one", "one", "two"):
            work.emit("notes.note.moved", subject, {})

    host.do(host.context.run(unit))
    receiver.status = 500
    assert host.do(relay.deliver_once()) == 0
    assert [(event["subject"], event["sequence"]) for event in receiver.events] == [("one", 1), ("two", 1)]
    assert host.do(relay.deliver_once()) == 0
    assert len(receiver.got) == 2, "it waits before it tries again"
    receiver.status = 204
    hurry(host)
    assert host.do(relay.deliver_once()) == 2
    assert receiver.events[2]["id"] == receiver.events[0]["id"]
    hurry(host)
    assert host.do(relay.deliver_once()) == 1
    assert [(event["subject"], event["sequence"]) for event in receiver.events[2:]] == [
        ("one", 1),
        ("two", 1),
        ("one", 2),
    ]
    assert states(host) == ["delivered"] * 3


def test_after_a_day_an_event_is_parked_and_the_rest_flows(host: Host, relay: Relay, receiver: Receiver) -> None:
    subscribe(host, "notes.note.created")
    host.create({"text": "a"})
    receiver.status = 500
    host.sql("UPDATE delivery SET first_at = first_at - 90000")
    assert host.do(relay.deliver_once()) == 0
    assert states(host) == ["parked"]
    receiver.status = 204
    host.create({"text": "b"})
    assert host.do(relay.deliver_once()) == 1


def test_what_was_rolled_back_is_never_announced(host: Host, relay: Relay, receiver: Receiver) -> None:
    subscribe(host, "notes.note.created")
    assert host.create({"text": "refuse me late"}).status_code == 409
    assert host.do(relay.deliver_once()) == 0
    assert receiver.got == []


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/x",
        "https://[::1]/",
    ],
)
def test_outside_a_sandbox_events_stay_off_private_addresses(host: Host, url: str) -> None:
    app = host.shared
    strict = app.settings.model_copy(update={"private_callbacks": False})
    assert host.do(Relay(strict, app.store, app.services).allows(url)) is False


def test_the_relay_delivers_by_itself() -> None:
    host, receiver = Host(), Receiver()
    host.do(host.app.relay.stop())
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(receiver))
    app = host.shared
    relay = Relay(app.settings, app.store, app.services, client)
    subscribe(host, "notes.note.created")
    host.create({"text": "a"})

    async def wait() -> None:
        relay.start()
        for _ in range(100):
            if receiver.got:
                break
            await asyncio.sleep(0.02)
        await relay.stop()
        await client.aclose()

    host.do(wait())
    assert len(receiver.got) == 1
    host.close()


def test_told_to_stop_it_ends_the_delivery_under_way_and_leaves_the_rest_at_once_due(host: Host) -> None:
    host.do(host.app.relay.stop())
    got: list[httpx2.Request] = []
    begun = asyncio.Event()

    async def slowly(request: httpx2.Request) -> httpx2.Response:
        got.append(request)
        begun.set()
        await asyncio.sleep(0.3)
        return httpx2.Response(204)

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(slowly))
    relay = Relay(host.shared.settings, host.shared.store, host.shared.services, client)
    subscribe(host, "notes.note.created")
    for text in "abc":
        host.create({"text": text})

    async def stop_in_the_middle() -> None:
        relay.start()
        await asyncio.wait_for(begun.wait(), 10)
        await relay.stop()
        await client.aclose()

    host.do(stop_in_the_middle())
    assert len(got) == 1
    assert states(host) == ["delivered", "waiting", "waiting"]
    late = host.sql(
        f"SELECT count(*) FROM delivery WHERE state = 'waiting' AND (attempts > 0 OR next_at > {time.time()})"
    )
    assert late == [(0,)]
