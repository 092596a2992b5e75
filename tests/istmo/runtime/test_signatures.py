"""Signatures and digests are those of the RFCs, and no header, however made, is more than refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from tests import rfc9421

from istmo.runtime import signatures
from istmo.runtime.signatures import Message, Unsigned

KEY = Ed25519PrivateKey.generate()
NOW = datetime(2027, 3, 15, 15, tzinfo=UTC)
BODY = b'{"a":1}'


def find(key_id: str) -> Ed25519PublicKey | None:
    return {"known": KEY.public_key(), rfc9421.KEY_ID: rfc9421.KEY.public_key()}.get(key_id)


def unsigned(**headers: str) -> Message:
    more = {"content-digest": signatures.digest(BODY), "istmo-recipient": "XX/notes"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Message("POST", "https://here.test/notes/v1/events", {"content-type": "a/b", **more, **named})


def signed(at: datetime = NOW, key: Ed25519PrivateKey = KEY) -> Message:
    message = unsigned()
    signatures.sign(message, "known", key.sign, at)
    return Message(message.method, message.url, {name.lower(): value for name, value in message.headers.items()})


def read(message: Message, *, now: datetime = NOW) -> str:
    return signatures.signer_of(message, find, now=now, oldest=300, ahead=30)


def test_the_vector_of_the_rfc_is_signed_as_there() -> None:
    message = Message(rfc9421.METHOD, rfc9421.URL, dict(rfc9421.HEADERS))
    bases: list[bytes] = []

    def seal(base: bytes) -> bytes:
        bases.append(base)
        return rfc9421.KEY.sign(base)

    signatures.sign(message, rfc9421.KEY_ID, seal, rfc9421.CREATED, tag=None, covered=rfc9421.COVERED)
    assert bases == [rfc9421.BASE]
    assert message.headers["Signature-Input"] == f"istmo={rfc9421.INPUT}"
    assert message.headers["Signature"] == f"istmo=:{rfc9421.SIGNATURE}:"


def test_the_vector_of_the_rfc_is_read_as_there() -> None:
    headers = {
        **rfc9421.HEADERS,
        "signature-input": f"sig-b26={rfc9421.INPUT}",
        "signature": f"sig-b26=:{rfc9421.SIGNATURE}:",
    }
    message = Message(rfc9421.METHOD, rfc9421.URL, headers)
    settled = {"now": rfc9421.CREATED, "oldest": 300, "ahead": 30, "tag": None, "covered": rfc9421.COVERED}
    assert signatures.signer_of(message, find, **settled) == rfc9421.KEY_ID  # type: ignore[arg-type] # by their names
    assert signatures.vouch(signatures.digests(headers["content-digest"]), rfc9421.BODY)
    for name in ("date", "content-type", "content-length"):
        other = Message(rfc9421.METHOD, rfc9421.URL, {**headers, name: headers[name] + "0"})
        with pytest.raises(Unsigned):
            signatures.signer_of(other, find, **settled)  # type: ignore[arg-type] # by their names


def test_what_was_signed_is_read() -> None:
    assert read(signed()) == "known"


@pytest.mark.parametrize("seconds", [-300, -1, 0, 10, 30])
def test_a_signature_of_now_counts(seconds: int) -> None:
    assert read(signed(NOW + timedelta(seconds=seconds))) == "known"


@pytest.mark.parametrize("seconds", [-(10**9), -301, 31, 60, 10**9])
def test_a_signature_of_another_time_does_not(seconds: int) -> None:
    with pytest.raises(Unsigned):
        read(signed(NOW + timedelta(seconds=seconds)))


CHANGES: dict[str, Callable[[Message], object]] = {
    "method": lambda it: setattr(it, "method", "PUT"),
    "address": lambda it: setattr(it, "url", it.url + "/"),
    "query": lambda it: setattr(it, "url", it.url + "?a=1"),
    "host": lambda it: setattr(it, "url", it.url.replace("here", "there")),
    "scheme": lambda it: setattr(it, "url", it.url.replace("https", "http")),
    "digest": lambda it: it.headers.update({"content-digest": signatures.digest(b"{}")}),
    "media type": lambda it: it.headers.update({"content-type": "a/c"}),
    "recipient": lambda it: it.headers.update({"istmo-recipient": "XX/other"}),
    "no recipient": lambda it: it.headers.pop("istmo-recipient"),
    "no input": lambda it: it.headers.pop("signature-input"),
    "no signature": lambda it: it.headers.pop("signature"),
    "other label": lambda it: it.headers.update(signature=it.headers["signature"].replace("istmo", "other")),
    "unknown key": lambda it: _told(it, '"known"', '"unknown"'),
    "key as token": lambda it: _told(it, '"known"', "known"),
    "other algorithm": lambda it: _told(it, ";tag", ';alg="hmac-sha256";tag'),
    "other purpose": lambda it: _told(it, "istmo-event", "other"),
    "no purpose": lambda it: _told(it, ';tag="istmo-event"', ""),
    "no date": lambda it: _told(it, f";created={int(NOW.timestamp())}", ""),
    "date as text": lambda it: _told(it, f"={int(NOW.timestamp())}", f'="{int(NOW.timestamp())}"'),
    "date as flag": lambda it: _told(it, f"created={int(NOW.timestamp())}", "created"),
    "huge date": lambda it: _told(it, str(int(NOW.timestamp())), "9" * 15),
    "strange parameter": lambda it: _told(it, ";tag", ";strange=1;tag"),
    "covered twice": lambda it: _told(it, '"@method"', '"@method" "@method"'),
    "an answer's part": lambda it: _told(it, '"@method"', '"@method";req'),
    "no list": lambda it: it.headers.update({"signature-input": "istmo=1"}),
    "an empty list": lambda it: it.headers.update({"signature-input": "istmo=()"}),
    "not ASCII": lambda it: it.headers.update({"signature-input": 'istmo=("é")'}),
    "brackets": lambda it: it.headers.update({"signature-input": "istmo=" + "(" * 3000}),
    "quotes": lambda it: it.headers.update({"signature-input": 'istmo="' + '\\"' * 1500 + '"'}),
    "too long": lambda it: it.headers.update({"signature-input": it.headers["signature-input"] + " " * 4096}),
    "a short signature": lambda it: it.headers.update(signature="istmo=:AAAA:"),
    "no bytes": lambda it: it.headers.update(signature="istmo=1"),
    "no base64": lambda it: it.headers.update(signature="istmo=:é:"),
}


def _told(message: Message, old: str, new: str) -> None:
    assert old in message.headers["signature-input"]
    message.headers["signature-input"] = message.headers["signature-input"].replace(old, new)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_the_message_is_nobodys(change: str) -> None:
    message = signed()
    CHANGES[change](message)
    with pytest.raises(Unsigned):
        read(message)


def test_a_key_of_the_right_name_is_not_the_right_key() -> None:
    with pytest.raises(Unsigned):
        read(signed(key=Ed25519PrivateKey.generate()))


def test_other_signatures_beside_ours_do_no_harm_and_a_second_one_of_ours_has_to_be_good() -> None:
    good, spoiled = signed(), signed()
    good.headers["signature-input"] += ', proxy=("@method");created=1;keyid="p";tag="proxy"'
    good.headers["signature"] += ", proxy=:AAAA:"
    assert read(good) == "known"
    spoiled.headers["signature-input"] += spoiled.headers["signature-input"].replace("istmo=", ", two=")
    spoiled.headers["signature"] += ", two=:AAAA:"
    with pytest.raises(Unsigned):
        read(spoiled)


def test_a_hundred_signatures_are_not_even_read() -> None:
    message = signed()
    for name in ("signature-input", "signature"):
        value = message.headers[name].partition("=")[2]
        message.headers[name] = ", ".join(f"s{number}={value}" for number in range(100))
    begun = time.perf_counter()
    with pytest.raises(Unsigned):
        read(message)
    assert time.perf_counter() - begun < 1


@given(st.text(max_size=300), st.text(max_size=100))
def test_nonsense_is_refused_and_nothing_else(told: str, proof: str) -> None:
    message = signed()
    message.headers |= {"signature-input": told, "signature": proof}
    with pytest.raises(Unsigned):
        read(message)


def test_an_address_that_is_none_cannot_be_signed() -> None:
    message = unsigned()
    message.url = "https://señal.test/a b"
    with pytest.raises(Unsigned):
        signatures.sign(message, "known", KEY.sign, NOW)


SHA = signatures.digest(BODY)


@pytest.mark.parametrize(
    ("header", "good"),
    [
        (SHA, True),
        (SHA + ", md5=:AAAA:", True),
        (SHA + ";a=1", True),
        ("sha-512=:AAAA:, " + SHA, False),
        (SHA + ", sha-512=1", False),
        (SHA.replace("256", "1"), False),
        ("md5=:AAAA:", False),
        ("sha-256", False),
        ("sha-256=:AAAA:", False),
        ("sha-256=(:AAAA:)", False),
        ("", False),
        ("é", False),
        (SHA + ", a=1" * 400, False),
        ("sha-256=:" + "A" * 900 + ":", False),
    ],
)
def test_every_strong_digest_has_to_be_right_and_one_there_has_to_be(header: str, *, good: bool) -> None:
    assert signatures.vouch(signatures.digests(header), BODY) is good


@given(st.text(max_size=200))
def test_no_digest_is_worse_than_none(header: str) -> None:
    assert not signatures.vouch(signatures.digests(header), BODY)
