"""Tokens: only ours, only for us, only now, whatever their headers say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from tests.istmo.runtime.host import ANA, BRUNO, Host

from istmo.errors import Problem
from istmo.runtime import identity, mandates
from istmo.runtime.keys import new_private_key
from istmo.runtime.work import Work


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(host: Host, **changed: Any) -> dict[str, Any]:
    payload = host.token().split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    found.update(changed)
    return {name: value for name, value in found.items() if value is not None}


def signed(host: Host, header: dict[str, Any] | None = None, key: OKPKey | None = None, **changed: Any) -> str:
    private = host.issuer_key
    protected = {"alg": "Ed25519", "typ": "at+jwt", "kid": private["kid"], **(header or {})}
    return jws.serialize_compact(
        protected,
        json.dumps(claims(host, **changed)),
        key or OKPKey.import_key(private),
        algorithms=["Ed25519"],
        registry=jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False),
    )


def status(host: Host, token: str) -> int:
    answer = host.call("GET", "/notes", headers={"Authorization": f"Bearer {token}"})
    if answer.status_code == 401:
        assert answer.json()["code"] == "unauthenticated"
        assert answer.headers["www-authenticate"] == 'Bearer realm="istmo", error="invalid_token"'
    return answer.status_code


def test_a_password_is_no_bad_token(host: Host) -> None:
    for words in ("Basic YW5hOnBhc3N3b3Jk", f"Basic {signed(host)}"):
        answer = host.call("GET", "/notes", headers={"Authorization": words})

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="istmo"'


def now(host: Host) -> int:
    return int(host.shared.clock.now().timestamp())


def test_a_right_token_is_taken(host: Host) -> None:
    assert status(host, signed(host)) == 200
    audiences = [host.context.audience, "another"]
    assert status(host, signed(host, aud=audiences)) == 200
    assert status(host, signed(host, {"typ": "application/at+jwt"})) == 200


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_unsigned_tokens_are_refused(host: Host, algorithm: str) -> None:
    kid = host.issuer_key["kid"]
    header = b64(json.dumps({"alg": algorithm, "typ": "at+jwt", "kid": kid}).encode())
    payload = b64(json.dumps(claims(host)).encode())
    assert status(host, f"{header}.{payload}.") == 401
    right = signed(host)
    assert status(host, right.rpartition(".")[0] + ".") == 401


def test_a_public_key_is_no_shared_secret(host: Host) -> None:
    public = {name: value for name, value in host.issuer_key.items() if name != "d"}
    header = b64(json.dumps({"alg": "HS256", "typ": "at+jwt", "kid": public["kid"]}).encode())
    payload = b64(json.dumps(claims(host)).encode())
    for secret in (public["x"], json.dumps(public), base64.urlsafe_b64decode(public["x"] + "=")):
        raw = secret if isinstance(secret, bytes) else secret.encode()
        code = hmac.new(raw, f"{header}.{payload}".encode(), hashlib.sha256).digest()
        assert status(host, f"{header}.{payload}.{b64(code)}") == 401


def test_a_changed_payload_is_refused(host: Host) -> None:
    header, _, signature = signed(host).split(".")
    payload = b64(json.dumps(claims(host, sub="somebody-else")).encode())
    assert status(host, f"{header}.{payload}.{signature}") == 401


def test_keys_that_the_token_brings_are_inert(host: Host) -> None:
    private = new_private_key("evil-")
    evil = OKPKey.import_key(private)
    public = {name: value for name, value in private.items() if name != "d"}
    for header in (
        {"jwk": public},
        {"jwk": public, "kid": private["kid"]},
        {"jku": "http://127.0.0.1:9/keys"},
        {"x5u": "http://127.0.0.1:9/chain"},
        {"kid": "../../etc/passwd"},
        {"kid": private["kid"]},
    ):
        assert status(host, signed(host, header, evil)) == 401
    assert status(host, signed(host, {"jku": "http://127.0.0.1:9/keys"})) == 200


@pytest.mark.parametrize(
    "header",
    [{"typ": "JWT"}, {"typ": "id+jwt"}, {"typ": "rt+jwt"}, {"typ": ""}, {"crit": ["exp"]}, {"b64": True}],
)
def test_other_kinds_of_token_are_refused(host: Host, header: dict[str, Any]) -> None:
    private = host.issuer_key
    protected = b64(json.dumps({"alg": "Ed25519", "typ": "at+jwt", "kid": private["kid"], **header}).encode())
    signing = f"{protected}.{b64(json.dumps(claims(host)).encode())}"
    raw = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(private["d"] + "="))
    assert status(host, f"{signing}.{b64(raw.sign(signing.encode()))}") == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "urn:istmo:service:sister"},
        {"aud": None},
        {"aud": []},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": True},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"iat": None},
        {"client_id": None, "azp": None},
        {"scope": ["notes:read"]},
        {"acr": 1},
    ],
    ids=str,
)
def test_wrong_claims_are_refused(host: Host, changed: dict[str, Any]) -> None:
    assert status(host, signed(host, **changed)) == 401


def test_times_with_a_little_patience(host: Host) -> None:
    at = now(host)
    assert status(host, signed(host, iat=at + 8, nbf=at + 8)) == 200
    assert status(host, signed(host, iat=at + 70)) == 401
    assert status(host, signed(host, nbf=at + 70)) == 401
    assert status(host, signed(host, exp=at - 1)) == 401


def test_a_token_that_was_good_expires(host: Host) -> None:
    token = signed(host)
    assert status(host, token) == 200
    clock = host.shared.clock
    clock.move(clock.now() + timedelta(hours=2))
    assert status(host, token) == 401


@pytest.mark.parametrize(
    "header", ["Basic abc", "Bearer", "Bearer ", "Bearer a.b", "Bearer a.b.c", "Bearer é", "x" * 9000]
)
def test_nonsense_is_refused(host: Host, header: str) -> None:
    answer = host.call("GET", "/notes", headers=[("Authorization", header.encode("latin-1"))])
    assert answer.status_code == 401


def test_two_tokens_are_none(host: Host) -> None:
    token = f"Bearer {signed(host)}"
    answer = host.call("GET", "/notes", headers=[("Authorization", token), ("Authorization", token)])
    assert answer.status_code == 401


def test_no_token_is_told_how_to_get_on(host: Host) -> None:
    answer = host.call("GET", "/notes")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="istmo"')
    assert host.call("GET", "/health").status_code == 200


def test_any_of_the_scopes_will_do(host: Host) -> None:
    made = host.create({"text": "a"}, ANA, "officer")
    assert made.status_code == 201
    refused = host.create({"text": "a"}, ANA, "read")
    assert (refused.status_code, refused.json()["code"]) == (403, "missing-scope")
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    sister = host.call(
        "GET",
        "/notes",
        headers={"Authorization": "Bearer " + signed(host, scope="notess:read other:read NOTES:READ")},
    )
    assert sister.status_code == 403


@pytest.mark.parametrize(
    ("acr", "expected"),
    [
        (None, 403),
        ("urn:istmo:loa:low", 403),
        ("urn:istmo:loa:substantial", 403),
        ("0", 403),
        ("urn:istmo:loa:high", 200),
    ],
)
def test_assurance_is_a_ladder(host: Host, acr: str | None, expected: int) -> None:
    answer = host.call("GET", "/secrets", headers=host.auth(ANA, acr=acr))
    assert answer.status_code == expected
    if expected == 403:
        assert answer.json()["code"] == "assurance-too-low"
        assert answer.json()["requiredAcr"] == "urn:istmo:loa:high"


def test_keys_of_a_national_provider_come_from_a_file(tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256", {"kid": "national-1"}, private=True)
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    other, host = Host(), Host(jwks=str(file), issuer="https://id.example")
    assert host.shared.issuer is None
    told = claims(other, iss="https://id.example")
    header = {"alg": "ES256", "typ": "at+jwt", "kid": "national-1"}
    assert status(host, jwt.encode(header, told, key, algorithms=["ES256"])) == 200
    assert status(host, signed(other, iss="https://id.example")) == 401
    host.close()
    other.close()


def test_without_keys_nobody_is_let_in(tmp_path: Path) -> None:
    host = Host(jwks=str(tmp_path / "absent.json"), issuer="https://id.example")
    answer = host.call("GET", "/notes", headers={"Authorization": "Bearer a.b.c"})
    assert answer.status_code == 503
    assert host.call("GET", "/_health/ready").status_code == 503
    assert host.call("GET", "/_health/live").status_code == 200
    host.close()


def test_a_process_without_keys_becomes_ready_once_they_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "RETRY", 0.0)
    file = tmp_path / "jwks.json"
    host = Host(jwks=str(file), issuer="https://id.example")
    assert host.call("GET", "/_health/ready").status_code == 503

    file.write_text(json.dumps({"keys": [ECKey.generate_key("P-256", {"kid": "a"}).as_dict(private=False)]}))

    assert host.call("GET", "/_health/ready").status_code == 200
    host.close()


def test_shared_secrets_and_short_keys_check_no_token() -> None:
    secret = {"kty": "oct", "kid": "s", "k": "c2VjcmV0"}

    assert not identity.trusted(secret)
    assert not identity.trusted({"kty": "RSA", "kid": "r", "e": "AQAB", "n": b64(b"\xff" * 128)})
    assert identity.trusted(RSAKey.generate_key(2048).as_dict(private=False))
    assert identity.trusted(ECKey.generate_key("P-256").as_dict(private=False))


MANDATE = "33333333-3333-4333-8333-333333333333"


def acting(host: Host, *verbs: str, mandate: str = MANDATE) -> dict[str, str]:
    return {**host.auth(ANA, *verbs), "Istmo-On-Behalf-Of": mandate}


@pytest.fixture
def represented(host: Host, monkeypatch: pytest.MonkeyPatch) -> Host:
    async def resolve(work: Work, mandate_id: str) -> dict[str, Any]:
        if mandate_id != MANDATE or work.caller.subject != ANA:
            raise Problem("mandate-required")
        return {"principal": BRUNO, "scopes": ["notes:read"]}

    monkeypatch.setattr(mandates, "resolve", resolve, raising=False)
    return host


def test_a_representative_sees_what_the_principal_sees(represented: Host) -> None:
    host = represented
    host.create({"text": "of bruno"}, BRUNO, "write")
    host.create({"text": "of ana"}, ANA, "write")

    def texts(headers: dict[str, str]) -> list[str]:
        return [item["text"] for item in host.call("GET", "/notes", headers=headers).json()["items"]]

    assert texts(acting(host)) == ["of bruno"]
    assert texts(host.auth()) == ["of ana"]


def test_a_mandate_gives_no_more_than_it_says(represented: Host) -> None:
    host = represented
    headers = {**acting(host), "Idempotency-Key": "mandate-1", "Content-Type": "application/json"}
    refused = host.call("POST", "/notes", content=b'{"text":"a"}', headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "mandate-required")
    other = host.call("GET", "/notes", headers=acting(host, mandate="44444444-4444-4444-8444-444444444444"))
    assert (other.status_code, other.json()["code"]) == (403, "mandate-required")


def test_a_mandate_that_is_none_is_malformed(represented: Host) -> None:
    answer = represented.call("GET", "/notes", headers=acting(represented, mandate="../1"))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-parameter")
    secret = represented.call(
        "GET", "/secrets", headers={**acting(represented), **represented.auth(acr="urn:istmo:loa:high")}
    )
    assert secret.status_code == 400, "an operation that nobody can do for another says so"
