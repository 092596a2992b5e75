"""Tokens that are forged, borrowed, doubled or in the wrong place; every one of them is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from ._calls import Call, Case, Tools

if TYPE_CHECKING:
    from istmo.spec import Operation


def _protected(operation: Operation) -> bool:
    return bool(operation.scopes)


def b64(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _with(token: Callable[[Tools], str]) -> Callable[[Call, Tools], Call]:
    def change(call: Call, tools: Tools) -> Call:
        return call.with_header(b"authorization", b"Bearer " + token(tools).encode("utf-8"))

    return change


def _token(name: str, token: Callable[[Tools], str]) -> Case:
    return Case("token", name, _with(token), applies=_protected)


def _header(name: str, *values: Callable[[Tools], str]) -> Case:
    def change(call: Call, tools: Tools) -> Call:
        return call.with_header(b"authorization", *(value(tools).encode("latin-1") for value in values))

    return Case("token", name, change, applies=_protected)


def _none(algorithm: str) -> Callable[[Tools], str]:
    return lambda tools: f"{b64({**tools.header, 'alg': algorithm})}.{b64(tools.claims)}."


def _own_signature(algorithm: str) -> Callable[[Tools], str]:
    return lambda tools: tools.token.replace(tools.token.split(".")[0], b64({**tools.header, "alg": algorithm}))


def _shared_secret(tools: Tools) -> str:
    """HS256 keyed with the public key, as text: what a verifier takes that trusts the token's own `alg`."""
    signed = f"{b64({**tools.header, 'alg': 'HS256'})}.{b64(tools.claims)}"
    secret = json.dumps(tools.public_key, separators=(",", ":")).encode()
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def _stranger(**header: Any) -> Callable[[Tools], str]:
    """Signed with a key of the forger's own, which the header offers to the verifier."""

    def make(tools: Tools) -> str:
        key = OKPKey.generate_key("Ed25519")
        told = {name: key.as_dict(private=False) if value == "KEY" else value for name, value in header.items()}
        return jwt.encode({**tools.header, **told}, tools.claims, key, algorithms=["Ed25519"])

    return make


def _signed(
    header: dict[str, Any] | None = None, without: tuple[str, ...] = (), **claims: Any
) -> Callable[[Tools], str]:
    """Signed rightly by the issuer, but not an access token for this service and now."""

    def make(tools: Tools) -> str:
        told = {name: value for name, value in {**tools.claims, **claims}.items() if name not in without}
        return tools.sign({**tools.header, **(header or {})}, told)

    return make


def _parts(index: int, text: str) -> Callable[[Tools], str]:
    def make(tools: Tools) -> str:
        parts = tools.token.split(".")
        parts[index] = text
        return ".".join(parts)

    return make


def _bearer(tools: Tools) -> str:
    return f"Bearer {tools.token}"


def _in_query(call: Call, tools: Tools) -> Call:
    return replace(call.with_header(b"authorization"), query=b"access_token=" + tools.token.encode())


def _in_cookie(call: Call, tools: Tools) -> Call:
    return call.with_header(b"authorization").with_header(b"cookie", b"access_token=" + tools.token.encode())


LATER = 4_102_444_800
TOKENS: tuple[Case, ...] = (
    Case("token", "none", lambda call, _: call.with_header(b"authorization"), applies=_protected),
    Case("token", "in-query", _in_query, applies=_protected),
    Case("token", "in-cookie", _in_cookie, applies=_protected),
    *(_token(f"alg-{name}", _none(name)) for name in ("none", "NONE", "nOnE", "")),
    *(_token(f"alg-said-{name}", _own_signature(name)) for name in ("HS256", "RS256", "ES256", "EdDSA-X")),
    _token("shared-secret", _shared_secret),
    _token("stranger", _stranger()),
    _token("stranger-kid", _stranger(kid="stranger")),
    _token("jwk", _stranger(jwk="KEY")),
    _token("jku", _stranger(jku="http://127.0.0.1:9/jwks.json")),
    _token("x5u", _stranger(x5u="http://127.0.0.1:9/cert.pem")),
    _token("kid-path", _stranger(kid="../../../../dev/null")),
    _token("kid-sql", _stranger(kid="x' UNION SELECT 'a' --")),
    _token("kid-list", _parts(0, b64({"alg": "Ed25519", "typ": "at+jwt", "kid": ["a"]}))),
    _token("kid-null", _parts(0, b64({"alg": "Ed25519", "typ": "at+jwt", "kid": None}))),
    _token("header-list", _parts(0, b64([]))),
    _token("header-text", _parts(0, b64("canary"))),
    _token("header-number", _parts(0, b64(b"9" * 5000))),
    _token("header-deep", _parts(0, b64(b"[" * 3000))),
    _token("header-latin-1", _parts(0, b64(b"\xff\xfe"))),
    _token("header-doubled", _parts(0, b64(b'{"alg":"none","alg":"Ed25519","typ":"at+jwt"}'))),
    _token("payload-list", _parts(1, b64([]))),
    _token("payload-changed", lambda t: _parts(1, b64({**t.claims, "sub": "canary"}))(t)),
    _token("signature-empty", _parts(2, "")),
    _token("signature-short", _parts(2, "AAAA")),
    _token("signature-zero", _parts(2, b64(b"\x00" * 64))),
    _token("signature-padded", lambda t: t.token + "=="),
    _token("typ-id", _signed({"typ": "JWT"})),
    _token("typ-none", _signed({"typ": ""})),
    _token("typ-logout", _signed({"typ": "logout+jwt"})),
    _token("crit", _signed({"crit": ["canary"], "canary": 1})),
    _token("other-issuer", _signed(iss="https://canary.invalid")),
    _token("no-issuer", _signed(without=("iss",))),
    _token("other-audience", _signed(aud="urn:istmo:service:other")),
    _token("no-audience", _signed(without=("aud",))),
    _token("object-audience", _signed(aud={"a": 1})),
    _token("expired", _signed(exp=1_000_000_000)),
    _token("no-expiry", _signed(without=("exp",))),
    _token("text-expiry", _signed(exp="9999999999")),
    _token("true-expiry", _signed(exp=True)),
    _token("issued-later", _signed(iat=LATER)),
    _token("not-before-later", _signed(nbf=LATER)),
    _token("no-subject", _signed(without=("sub",))),
    _token("list-subject", _signed(sub=["canary"])),
    _token("long-subject", _signed(sub="c" * 300)),
    _token("scope-list", _signed(scope=["a", "b"])),
    _token("scope-none", _signed(scope="")),
    _token("scope-other", _signed(scope="other-service:read other-service:write")),
    _token("acr-unknown-number", _signed(acr=4)),
    _token("very-long", lambda t: t.token + "A" * 9000),
    _token("dots", lambda _: "..."),
    _token("five-parts", lambda t: t.token + ".a.b"),
    _token("not-ascii", lambda t: t.token[:-1] + "\u00f1"),
    _header("two-headers", _bearer, _bearer),
    _header("two-tokens", lambda t: f"Bearer {t.token} {t.token}"),
    _header("comma", lambda t: f"Bearer {t.token}, Bearer {t.token}"),
    _header("basic", lambda _: "Basic YW5hOmNhbmFyeQ=="),
    _header("digest", lambda _: 'Digest username="canary"'),
    _header("scheme-only", lambda _: "Bearer"),
    _header("blank", lambda _: ""),
    _header("token-only", lambda t: t.token),
    _header("two-blanks", lambda t: f"Bearer  {t.token}"),
    _header("tab", lambda t: f"Bearer\t{t.token}"),
    _header("quoted", lambda t: f'Bearer "{t.token}"'),
)
