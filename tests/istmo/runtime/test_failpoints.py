"""Moments at which a process fails on purpose: only in tests, only as ordered, and what they show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.istmo.runtime.desk import Desk
from tests.istmo.runtime.host import Host
from tests.istmo.runtime.test_outbox import Receiver, hurry, receiver, relay, states, subscribe

from istmo.errors import KitError
from istmo.runtime import failpoints
from istmo.runtime.outbox import Relay

__all__ = ["receiver", "relay"]  # fixtures of the outbox's own tests


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


@pytest.mark.parametrize("text", ["nowhere=die", "signing", "signing=vanish", "signing=wait:x", "signing=raise@0"])
def test_an_order_that_cannot_be_meant_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(KitError) as refused:
        failpoints.arm(text)
    assert "before-commit" in refused.value.hint


def test_a_point_fires_from_the_ordered_time_on() -> None:
    failpoints.arm("signing=raise@3, before-delivery=wait:0")
    failpoints.reach("signing")
    failpoints.reach("before-delivery")
    failpoints.reach("signing")
    for _ in range(2):
        with pytest.raises(failpoints.Failed):
            failpoints.reach("signing")


def test_without_a_receipt_nothing_is_submitted(desk: Desk) -> None:
    draft = desk.draft()
    failpoints.arm("signing=raise")
    refused = desk.act("ana", draft, "submit")
    failpoints.arm("")
    assert refused.status_code >= 500
    assert refused.headers["content-type"] == "application/problem+json"
    assert desk.get("ana", draft).json()["status"] == "draft"
    assert desk.done("ana", draft, "submit")["status"] == "submitted"


def test_an_event_whose_delivery_failed_midway_comes_again(host: Host, relay: Relay, receiver: Receiver) -> None:
    subscribe(host, "notes.note.created")
    host.create({"text": "a"})
    failpoints.arm("after-delivery=raise")
    with pytest.raises(failpoints.Failed):
        host.do(relay.deliver_once())
    failpoints.arm("")
    assert states(host) == ["waiting"]
    hurry(host)
    assert host.do(relay.deliver_once()) == 1
    assert states(host) == ["delivered"]
    first, second = receiver.events
    assert first["id"] == second["id"]
