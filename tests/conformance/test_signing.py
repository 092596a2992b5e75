"""The suite signs as the RFC says; a right reader takes its good messages, and refuses each spoiled one."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from istmo.runtime import signatures
from istmo.runtime.peers import held, parse
from istmo_conformance.signing import MESSAGES, Message, Signatory, base, content_digest, made, parameters
from tests import rfc9421

NOW = datetime(2027, 3, 15, 15, tzinfo=UTC)
BODY = b'{"specversion":"1.0"}'
GOOD = {"4-minutes-old", "10-seconds-ahead", "second-key", "sha-512-digest"}
ELSEWHERE = {"for-another-service", "for-another-country"}  # good messages, of which the address alone is wrong


def test_the_vector_of_the_rfc_is_signed_as_there() -> None:
    values = [(name, rfc9421.HEADERS.get(name, "")) for name in rfc9421.COVERED]
    derived = {"@method": "POST", "@path": "/foo", "@authority": "example.com"}
    told = parameters(rfc9421.COVERED, created=1618884473, keyid=rfc9421.KEY_ID)
    made_base = base([(name, derived.get(name, value)) for name, value in values], told)

    assert told == rfc9421.INPUT
    assert made_base == rfc9421.BASE
    assert base64.b64encode(rfc9421.KEY.sign(made_base)).decode() == rfc9421.SIGNATURE
    assert content_digest(rfc9421.BODY, "sha-512") == rfc9421.HEADERS["content-digest"]


def message(kind: str | None) -> Message:
    headers = {"content-type": "application/cloudevents+json", "istmo-recipient": "XX/civil-certificates"}
    return made(Message("POST", "https://here.test/civil-certificates/v1/events", headers, BODY, NOW), kind)


def taken(kind: str | None) -> bool:
    """Read a message of the suite as our services do."""
    suite = Signatory("salt")
    known: Any = held(parse(suite.listed(NOW, kind)))
    plain = message(None)
    headers, body = suite.signed(message(kind))

    def find(key_id: str) -> Any:
        return known[key_id].public if key_id in known and known[key_id].key.counts(NOW) else None

    sent = signatures.Message(plain.method, plain.url, headers)
    try:
        signatures.signer_of(sent, find, now=NOW, oldest=300, ahead=30)
    except signatures.Unsigned:
        return False
    return signatures.vouch(signatures.digests(headers["content-digest"]), body)


def test_a_good_message_is_taken() -> None:
    assert taken(None)


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_is_as_good_as_its_name_says(kind: str) -> None:
    assert taken(kind) is (kind in GOOD | ELSEWHERE)


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_differs_in_what_its_name_says(kind: str) -> None:
    assert message(kind) != message(None) or kind == "revoked-key"


def test_two_runs_have_nothing_in_common() -> None:
    one, other = (Signatory(salt).listed(NOW)["peers"][0]["keys"] for salt in ("one", "other"))

    assert not {key["kid"] for key in one} & {key["kid"] for key in other}
    assert not {key["x"] for key in one} & {key["x"] for key in other}
