"""Forged tokens are what their names say: a verifier that makes the one mistake takes them, a right one does not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey, import_key

from istmo.errors import Finding
from istmo_conformance.forging import FORGED, parts_of

KEY = OKPKey.generate_key("Ed25519", {"kid": "right"})
KEYS: list[dict[str, Any]] = [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": "other"}, KEY.as_dict(private=False)]
HEADER = {"alg": "Ed25519", "typ": "at+jwt", "kid": "right"}
CLAIMS = {"sub": "ana", "aud": ["here"]}
GOOD = jws.serialize_compact(HEADER, json.dumps(CLAIMS), KEY, algorithms=["Ed25519"])
LENIENT = jws.JWSRegistry(algorithms=["Ed25519", "HS256"], strict_check_header=False)


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_token_says_the_same_and_proves_nothing(kind: str) -> None:
    token = FORGED[kind](GOOD, KEYS)

    assert token.count(".") == 2
    assert parts_of(token)[1] == CLAIMS
    keys = KeySet([KEY])
    with pytest.raises((JoseError, ValueError)):
        jws.deserialize_compact(token, keys, algorithms=["Ed25519"], registry=LENIENT)


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("secret-empty", b""),
        ("key-by-path", b""),
        ("secret-is-public-jwk", json.dumps(KEY.as_dict(private=False)).encode()),
        ("secret-is-public-pem", KEY.as_pem(private=False)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_secret_that_anybody_knows_fits(kind: str, secret: bytes) -> None:
    signed, _, signature = FORGED[kind](GOOD, KEYS).rpartition(".")
    expected = hmac.new(secret, signed.encode(), hashlib.sha256).digest()

    assert parts_of(f"{signed}.")[0]["alg"] == "HS256"
    assert signature == base64.urlsafe_b64encode(expected).rstrip(b"=").decode()


def test_the_key_that_a_token_brings_fits_it() -> None:
    token = FORGED["key-inside"](GOOD, KEYS)
    key = import_key(parts_of(token)[0]["jwk"])

    assert jws.deserialize_compact(token, key, algorithms=["Ed25519"], registry=LENIENT).payload


@pytest.mark.parametrize(("kind", "name"), [("key-elsewhere", "jku"), ("certificate-elsewhere", "x5u")])
def test_a_token_says_where_its_key_would_be(kind: str, name: str) -> None:
    assert parts_of(FORGED[kind](GOOD, KEYS))[0][name].startswith("https://")


def test_where_no_key_is_published_the_secret_is_empty() -> None:
    assert FORGED["secret-is-public-pem"](GOOD, []) == FORGED["secret-empty"](GOOD, [])


@pytest.mark.parametrize("token", ["", "a.b.c", "bnVsbA.bnVsbA.", "e30"])
def test_what_is_no_token_is_the_fault_of_the_sandbox(token: str) -> None:
    with pytest.raises(Finding):
        parts_of(token)
