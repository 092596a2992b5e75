"""A signed statement about a run: in-toto's test result in a DSSE envelope, signed with Ed25519.

A signature says who stands behind the files; that they hold together is proven without it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from istmo.errors import KitError
from istmo.texts import text
from istmo_conformance.evidence import canonical
from istmo_conformance.report.bundle import REPORT, Bundle

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

JSON: TypeAlias = Any
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://in-toto.io/attestation/test-result/v0.1"
PASSPHRASE: Final = "ISTMO_KEY_PASSPHRASE"  # noqa: S105  # the name of a variable
_RESULTS: Final = {"conformant": "PASSED"}


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding of DSSE: what is signed."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def statement(bundle: Bundle) -> JSON:
    """What is said about a run: the files, what they were made with, and how every requirement ended."""
    report = bundle.document(REPORT)
    digests = {name: value for name, value in report.get("digests", {}).items() if isinstance(value, str)}
    words: dict[str, list[str]] = {}
    for one in report["requirements"]:
        words.setdefault(one["verdict"], []).append(one["id"])
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(bundle.digests.items())],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": _RESULTS.get(report["verdict"], "FAILED"),
            "configuration": [
                {"name": name, "digest": {"sha256": digest}} for name, digest in sorted(digests.items())
            ],
            "passedTests": words.get("pass", []),
            "warnedTests": words.get("warn", []),
            "failedTests": words.get("fail", []),
            "istmo": {
                "verdict": report["verdict"], "service": report["spec"]["service"],
                "specVersion": report["spec"]["version"], "kit": report["kit"]["version"],
                "target": report["target"]["address"], "stage": report["stage"],
                "waivers": report.get("waivers", []), "finished": report["finished"],
            },
        },
    }  # fmt: skip


def envelope(payload: bytes, key: Ed25519PrivateKey, payload_type: str = PAYLOAD_TYPE) -> JSON:
    """A payload in its envelope, signed."""
    signature = key.sign(pae(payload_type, payload))
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [{"keyid": keyid(key.public_key()), "sig": base64.b64encode(signature).decode()}],
    }


def signed(bundle: Bundle, key: Ed25519PrivateKey) -> JSON:
    """The envelope with the statement about a bundle."""
    return envelope(canonical(statement(bundle)).encode("utf-8"), key)


def payload_of(sealed: JSON) -> tuple[bytes, list[JSON]]:
    """The payload of an envelope and its signatures, of which nothing is proven yet."""
    try:
        kind, signatures = sealed["payloadType"], sealed["signatures"]
        payload = base64.b64decode(sealed["payload"], validate=True)
    except (KeyError, TypeError, ValueError):
        kind, signatures, payload = None, None, b""
    if kind != PAYLOAD_TYPE or not isinstance(signatures, list):
        raise KitError("bad-statement", text("verify.no-envelope"), text("verify.open-hint"))
    return payload, signatures


def holds(sealed: JSON, key: Ed25519PublicKey) -> bool:
    """Whether one of the signatures of an envelope is that of a key."""
    from cryptography.exceptions import InvalidSignature

    payload, signatures = payload_of(sealed)
    for one in signatures:
        try:
            key.verify(base64.b64decode(one["sig"], validate=True), pae(sealed["payloadType"], payload))
        except (InvalidSignature, KeyError, TypeError, binascii.Error):
            continue
        return True
    return False


def keyid(key: Ed25519PublicKey) -> str:
    """The fingerprint of a key: the SHA-256 of its SubjectPublicKeyInfo."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def generate(private: Path, public: Path) -> str:
    """Make a pair of keys in new files, the private one for its owner alone; the fingerprint comes back."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key, secret = Ed25519PrivateKey.generate(), os.environ.get(PASSPHRASE)
    guard = form.BestAvailableEncryption(secret.encode()) if secret else form.NoEncryption()
    try:
        handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, guard))
        handle = os.open(public, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(handle, "wb") as file:
            file.write(key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo))
    except OSError as error:
        message = text("keys.not-written", path=error.filename or private, reason=error.strerror or "?")
        raise KitError("bad-output", message, text("keys.not-written-hint")) from None
    return keyid(key.public_key())


def private_key(path: Path) -> Ed25519PrivateKey:
    """The private key of a file; an encrypted one opens with the passphrase in `ISTMO_KEY_PASSPHRASE`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    secret = os.environ.get(PASSPHRASE)
    raw = _key_file(path)
    try:
        key = load_pem_private_key(raw, secret.encode() if secret and b"ENCRYPTED" in raw else None)
    except (ValueError, TypeError):
        raise KitError("bad-key", text("keys.unreadable", path=path), text("keys.unreadable-hint")) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KitError("bad-key", text("keys.other-kind", path=path), text("keys.unreadable-hint"))
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """The public key of a file."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_key_file(path))
    except (ValueError, TypeError):
        raise KitError("bad-key", text("keys.not-public", path=path), text("keys.not-public-hint")) from None
    if not isinstance(key, Ed25519PublicKey):
        raise KitError("bad-key", text("keys.other-kind", path=path), text("keys.not-public-hint"))
    return key


def _key_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = text("report.no-file", path=path, reason=error.strerror or type(error).__name__)
        raise KitError("bad-key", message, text("keys.unreadable-hint")) from None


def parsed(payload: bytes) -> JSON:
    """The statement in a payload."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None
