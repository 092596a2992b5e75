"""HTTP message signatures (RFC 9421) by Ed25519 keys, and digests of bodies (RFC 9530)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import http_sf
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519
from http_message_signatures.exceptions import HTTPMessageSignaturesException, InvalidSignature

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASHES = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}  # the only ones that RFC 9530 still calls active
LABEL = "istmo"
TAG = "istmo-event"  # what the signature is for: one that was made for something else does not count
COVERED = ("@method", "@target-uri", "content-type", "content-digest", "istmo-recipient")
SIGNATURE_BYTES = 4096  # of both headers; a message of ours needs a tenth of that
DIGEST_BYTES = 1024  # of the header; both strong digests need less than 200

Find = Callable[[str], "Ed25519PublicKey | None"]


class Unsigned(Exception):
    """The message bears no signature that counts, or can bear none; nobody is told why."""


@dataclass(slots=True)
class Message:
    """The part of a request that signatures are about."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


# ---------------------------------------------------------------------- digests


def digest(body: bytes) -> str:
    """Return the value of `Content-Digest` for a body."""
    return http_sf.ser({"sha-256": hashlib.sha256(body).digest()})


def digests(header: str) -> dict[str, bytes]:
    """Return the strong digests of a `Content-Digest` header; weak ones do not count, and what is none is ignored."""
    if len(header) > DIGEST_BYTES:
        return {}
    try:
        found = http_sf.parse(header.encode("ascii"), tltype="dictionary")
    except (ValueError, TypeError):
        return {}
    assert isinstance(found, dict), "a dictionary was asked for"
    strong: dict[str, bytes] = {}
    for name, member in found.items():
        value = member[0] if isinstance(member, tuple) else member
        if name in HASHES:
            if not isinstance(value, bytes):
                return {}
            strong[name] = value
    return strong


def vouch(strong: Mapping[str, bytes], body: bytes) -> bool:
    """Tell whether every strong digest is that of a body."""
    return bool(strong) and all(
        hmac.compare_digest(value, HASHES[name](body).digest()) for name, value in strong.items()
    )


# ---------------------------------------------------------------------- signatures


def sign(
    message: Message,
    key_id: str,
    seal: Callable[[bytes], bytes],
    at: datetime,
    *,
    tag: str | None = TAG,
    covered: tuple[str, ...] = COVERED,
) -> None:
    """Add `Signature-Input` and `Signature` to the headers of a message that has all that they cover."""
    signer = HTTPMessageSigner(signature_algorithm=ED25519)
    names: dict[str, Any] = {"key_id": key_id, "created": at, "label": LABEL, "tag": tag, "include_alg": False}
    try:
        prepared = signer.prepare(message, covered_component_ids=covered, use_existing_digest=True, **names)
    except HTTPMessageSignaturesException as error:  # such as an address that is no address
        raise Unsigned from error
    signer.apply(message, prepared, seal(prepared.signature_base))


def signer_of(
    message: Message,
    find: Find,
    *,
    now: datetime,
    oldest: int,
    ahead: int,
    tag: str | None = TAG,
    covered: tuple[str, ...] = COVERED,
) -> str:
    """Return the id of the key that signed a message; every signature for this purpose has to be good."""
    if sum(len(message.headers.get(name, "")) for name in ("signature-input", "signature")) > SIGNATURE_BYTES:
        raise Unsigned
    verifier = _Verifier(_Keys(find), now=now.timestamp(), oldest=oldest, ahead=ahead)
    try:
        results = verifier.verify(message, max_age=None, expect_tag=tag, require_components=covered)
    except (HTTPMessageSignaturesException, ValueError, TypeError, KeyError, RecursionError) as error:
        raise Unsigned from error
    signers = {str(result.parameters["keyid"]) for result in results}
    if len(signers) != 1:  # two hands: nobody could say whose message it is
        raise Unsigned
    return signers.pop()


class _Keys(HTTPSignatureKeyResolver):
    """Finds keys among those at hand."""

    def __init__(self, find: Find) -> None:
        self._find = find

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        found = self._find(key_id)
        if found is None:
            raise InvalidSignature
        return found


class _Verifier(HTTPMessageVerifier):
    """Asks the clock of the service, and forgives clocks that are ahead more than it forgives age."""

    def __init__(self, keys: _Keys, *, now: float, oldest: int, ahead: int) -> None:
        super().__init__(signature_algorithm=ED25519, key_resolver=keys)
        self._now, self._oldest, self._ahead = now, oldest, ahead

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:  # noqa: ARG002 - not theirs
        """Refuse what was signed too long ago, in the future, or for a time that is over."""
        created, expires = sig_input.params.get("created"), sig_input.params.get("expires")
        if not _whole(created) or not self._now - self._oldest <= created <= self._now + self._ahead:
            raise InvalidSignature
        if expires is not None and (not _whole(expires) or expires <= self._now):
            raise InvalidSignature


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
