"""Wrong readers of tokens: they believe what a token says of itself, or overlook its time, issuer, audience and use."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_services._tamper import App, Call

# Types of the kernel are not imported here: the gallery lists without loading it.
IDENTITY, VERIFIER = "istmo.runtime.identity", "istmo.runtime.identity:Verifier"
CHALLENGED = ("common/token-challenge",)  # it is asked of tokens that are taken here, and so not challenged
Json = dict[str, Any]


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _read(part: str) -> Json:
    found: Json = json.loads(_bytes(part))
    return found


def _believing(reference: Reference, good: Callable[[Any, Json, str, str], bool]) -> App:
    """Build the reference with a verifier that believes some tokens although it should not."""
    original = reference.original(VERIFIER, "_verified")

    def verified(self: Any, token: str) -> Json:
        try:
            head, payload, signature = token.split(".")
            if good(self, _read(head), f"{head}.{payload}", signature):
                return _read(payload)
        except (ValueError, KeyError, OSError):
            pass  # the right verifier has its own word for what cannot be read
        return dict(original(self, token))

    reference.replace(VERIFIER, _verified=verified)
    return reference.app()


def _keyed(signed: str, signature: str, secret: bytes) -> bool:
    return hmac.compare_digest(hmac.new(secret, signed.encode(), hashlib.sha256).digest(), _bytes(signature))


@wrong("common/token-algorithm", "Tokens without a signature are refused by the one spelling that everybody knows.")
def unsigned_in_capitals(reference: Reference) -> App:
    return _believing(reference, lambda _, head, __, ___: head["alg"] != "none" and head["alg"].lower() == "none")


@wrong("common/token-algorithm", "Whatever algorithm a token names is tried with the public key.")
def public_key_as_secret(reference: Reference) -> App:
    def good(verifier: Any, head: Json, signed: str, signature: str) -> bool:
        keys = verifier._keys  # noqa: SLF001 - the fault is one of the verifier itself
        return head["alg"] == "HS256" and _keyed(signed, signature, _bytes(keys[head["kid"]]["x"]))

    return _believing(reference, good)


@wrong("common/token-keys-of-issuer", "A token brings its own key.", also=CHALLENGED)
def key_in_token(reference: Reference) -> App:
    def good(_: Any, head: Json, signed: str, signature: str) -> bool:
        from joserfc import jws  # noqa: PLC0415 - the gallery lists without loading it
        from joserfc.jwk import import_key  # noqa: PLC0415 - see above

        registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
        key = import_key(head["jwk"])
        jws.deserialize_compact(f"{signed}.{signature}", key, algorithms=["Ed25519"], registry=registry)
        return True

    return _believing(reference, good)


@wrong("common/token-keys-of-issuer", "The name of a key is the name of a file.")
def key_named_by_path(reference: Reference) -> App:
    def good(_: Any, head: Json, signed: str, signature: str) -> bool:
        return (
            head["alg"] == "HS256" and "/" in head["kid"] and _keyed(signed, signature, Path(head["kid"]).read_bytes())
        )

    return _believing(reference, good)


@wrong("common/access-tokens-only", "An ID token does as well.", also=CHALLENGED)
def id_token_taken(reference: Reference) -> App:
    reference.replace(IDENTITY, TYPES=reference.original(IDENTITY, "TYPES") | {"jwt"})
    return reference.app()


@wrong("common/access-tokens-only", "Whatever the issuer has signed does as well.", also=CHALLENGED)
def any_type_taken(reference: Reference) -> App:
    reference.replace(IDENTITY, TYPES=frozenset({"at+jwt", "jwt", "rt+jwt"}))
    return reference.app()


def _valid(reference: Reference, change: Callable[[Any, Json, str], Json]) -> App:
    """Build the reference with other claims in the place of those that a token has."""
    original = reference.original(VERIFIER, "_valid_now")

    def valid_now(self: Any, claims: Json, audience: str) -> bool:
        return bool(original(self, {**claims, **change(self, claims, audience)}, audience))

    reference.replace(VERIFIER, _valid_now=valid_now)
    return reference.app()


@wrong("common/token-issuer-and-audience", "Nobody looks at who issued a token.", also=CHALLENGED)
def issuer_ignored(reference: Reference) -> App:
    from istmo.runtime.settings import Settings  # noqa: PLC0415 - the gallery lists without loading the kernel

    return _valid(reference, lambda _, __, ___: {"iss": Settings().issuer})


@wrong("common/token-issuer-and-audience", "A token for nobody in particular is for everybody.")
def no_audience_is_any(reference: Reference) -> App:
    return _valid(reference, lambda _, claims, audience: {"aud": claims["aud"] or audience})


@wrong("common/token-issuer-and-audience", "A token that others may use too is refused.")
def audience_shared_with_nobody(reference: Reference) -> App:
    return _valid(reference, lambda _, claims, __: {"aud": [] if len(claims["aud"]) > 1 else claims["aud"]})


@wrong("common/token-time-window", "Clocks may differ by five minutes.")
def clocks_far_apart(reference: Reference) -> App:
    reference.replace(IDENTITY, AHEAD=300)
    return reference.app()


@wrong("common/token-time-window", "Clocks may not differ at all.")
def clocks_never_apart(reference: Reference) -> App:
    reference.replace(IDENTITY, AHEAD=0)
    return reference.app()


@wrong("common/no-token-in-address", "Who cannot send a header may put the token into the address.")
def token_taken_from_address(reference: Reference) -> App:
    def change(call: Call) -> None:
        pairs = dict(parse_qsl(call.query))
        token = pairs.pop("access_token", None)
        if token is not None:
            call.query = urlencode(pairs)
            call.set("authorization", f"Bearer {token}")

    return reference.asking(change)
