"""Tokens that no service may take, made from a good one: what is changed in each is what its name says.

Nothing of the judged service is used but what it publishes: a token of the sandbox and the keys that it serves.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from istmo.errors import Finding
from istmo_conformance.words import say

JSON: TypeAlias = Any
Keys: TypeAlias = Sequence[dict[str, JSON]]
NOWHERE = "https://keys.example.invalid"


def parts_of(token: str) -> tuple[dict[str, JSON], dict[str, JSON]]:
    """Header and claims of a compact token, which nobody has verified."""
    try:
        header, claims = (json.loads(_bytes(part)) for part in token.split(".")[:2])
    except (ValueError, RecursionError):
        header = claims = None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise Finding(say("the token of the sandbox is no JWT", "el token del entorno de pruebas no es un JWT"))
    return header, claims


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _packed(document: JSON) -> str:
    return _text(json.dumps(document, separators=(",", ":")).encode())


def _with_secret(token: str, secret: bytes, **changed: JSON) -> str:
    """The same claims under HS256 with a secret that everybody knows."""
    header, claims = parts_of(token)
    signed = f"{_packed({**header, 'alg': 'HS256', **changed})}.{_packed(claims)}"
    return f"{signed}.{_text(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def _published(token: str, keys: Keys) -> dict[str, JSON]:
    """The published key that the token names, else the first one; nothing where no key is published."""
    header, _ = parts_of(token)
    named = [key for key in keys if key.get("kid") == header.get("kid")]
    return next(iter([*named, *keys]), {})


def _pem(token: str, keys: Keys) -> bytes:
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    try:
        return bytes(import_key(_published(token, keys)).as_pem(private=False))  # type: ignore[union-attr] # see below
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):  # a key without such a form has none to abuse
        return b""


def _own(token: str, about: Callable[[dict[str, JSON]], dict[str, JSON]]) -> str:
    """The same claims signed with a key of our own, which the header offers in one way or another."""
    from joserfc import jws
    from joserfc.jwk import ECKey, OKPKey

    header, claims = parts_of(token)
    elliptic = str(header.get("alg", "")).startswith("ES")
    key = ECKey.generate_key("P-256") if elliptic else OKPKey.generate_key("Ed25519")
    algorithm = "ES256" if elliptic else "EdDSA" if header.get("alg") == "EdDSA" else "Ed25519"
    public = {**key.as_dict(private=False), "kid": key.thumbprint(), "alg": algorithm}
    offered = {"alg": algorithm, "typ": header.get("typ", "at+jwt"), "kid": public["kid"], **about(public)}
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return jws.serialize_compact(offered, json.dumps(claims), key, algorithms=[algorithm], registry=registry)


def _header(token: str, **changed: JSON) -> str:
    header, claims = parts_of(token)
    return f"{_packed({**header, **changed})}.{_packed(claims)}."


# What may stand between the quotes of "with a token made as": the forger's tricks.
FORGED: dict[str, Callable[[str, Keys], str]] = {
    "alg-none": lambda token, _: _header(token, alg="none"),
    "alg-None": lambda token, _: _header(token, alg="NONE"),
    "no-signature": lambda token, _: token.rpartition(".")[0] + ".",
    "secret-empty": lambda token, _: _with_secret(token, b""),
    "secret-is-public-jwk": lambda token, keys: _with_secret(token, json.dumps(_published(token, keys)).encode()),
    "secret-is-public-pem": lambda token, keys: _with_secret(token, _pem(token, keys)),
    "secret-is-public-key": lambda token, keys: _with_secret(token, _bytes(str(_published(token, keys).get("x", "")))),
    "key-by-path": lambda token, _: _with_secret(token, b"", kid="../../../../../../../../dev/null"),
    "key-inside": lambda token, _: _own(token, lambda public: {"jwk": public}),
    "key-elsewhere": lambda token, _: _own(token, lambda _public: {"jku": f"{NOWHERE}/jwks.json"}),
    "certificate-elsewhere": lambda token, _: _own(token, lambda _public: {"x5u": f"{NOWHERE}/key.pem"}),
    "unknown-key": lambda token, _: _own(token, lambda _public: {}),
    "key-of-its-name": lambda token, _: _own(token, lambda _public: {"kid": parts_of(token)[0].get("kid", "")}),
}
