"""Answers to the same call at the same moment: when they are of one effect, when not, and when nobody can say."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from istmo.errors import Finding
from istmo.spec import spec
from istmo_conformance.causes import Blocked
from istmo_conformance.client import Answer, Request
from istmo_conformance.exchanges import Exchange
from istmo_conformance.steps.then import of_one_effect

CREATE = spec("civil_certificates").operations["createRequest"]
UPLOAD = spec("civil_certificates").operations["uploadDocument"]
ONE, OTHER = {"id": "1"}, {"id": "2"}


def answered(status: int, document: Any = None, *, tag: str = '"1"') -> Exchange:
    media = "application/json" if status < 300 else "application/problem+json"
    told = {"code": document} if isinstance(document, str) else document
    fields = (("content-type", media), ("etag", tag))
    return Exchange("ana", CREATE, Answer(status, fields, json.dumps(told).encode(), 0.0, Request("POST", "/")))


def judge(*found: Exchange) -> None:
    world: Any = SimpleNamespace(group=list(found), unready={})
    of_one_effect(world)


MADE, BUSY, STALE = answered(201, ONE), answered(409, "idempotency-in-progress"), answered(412, "precondition-failed")


@pytest.mark.parametrize(
    "found",
    [(MADE, MADE), (BUSY, MADE, STALE), (answered(409, "illegal-transition"), MADE), (MADE, answered(410, "gone"))],
)
def test_one_effect_is_told_once_or_is_a_conflict(found: tuple[Exchange, ...]) -> None:
    judge(*found)


@pytest.mark.parametrize(
    "found",
    [
        (MADE, answered(201, OTHER)),
        (MADE, answered(201, ONE, tag='"2"')),
        (MADE, answered(500, "internal-error")),
        (MADE, answered(422, "idempotency-key-reused")),
        (BUSY, BUSY),
    ],
    ids=["two", "two-versions", "broken", "refused", "each-waits"],
)
def test_what_is_no_single_effect_is_held_against_the_service(found: tuple[Exchange, ...]) -> None:
    with pytest.raises(Finding):
        judge(*found)


@pytest.mark.parametrize("code", ["forbidden", "hold-active"])
def test_an_operation_that_could_not_be_tried_is_left_undecided(code: str) -> None:
    refused = answered(403 if code == "forbidden" else 409, code)
    with pytest.raises(Blocked):
        judge(refused, refused)


def test_each_operation_is_looked_at_for_itself() -> None:
    uploaded = [Exchange("ana", UPLOAD, answered(201, told).answer) for told in (ONE, OTHER)]
    judge(MADE, MADE, uploaded[0])
    with pytest.raises(Finding) as caught:
        judge(MADE, MADE, *uploaded)
    assert "uploadDocument 201, 201" in str(caught.value)
