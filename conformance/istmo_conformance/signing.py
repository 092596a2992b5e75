"""Messages as a peer signs them (RFC 9421, RFC 9530), and messages that no service may take.

This is a second implementation on purpose: it shares nothing with the one by which our own services read
signatures, so that an error in one of them shows. What is changed in each message is what its name says.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeAlias

JSON: TypeAlias = Any
NAME = "istmo-suite"
SOURCES = ("/payments/v1",)
TAG = "istmo-event"
COVERED = ("@method", "@target-uri", "content-type", "content-digest", "istmo-recipient")
ELSEWHERE = "https://keys.example.invalid/jwks.json"
DAY = timedelta(days=1)


def quoted(text: str) -> str:
    """A structured field string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def binary(data: bytes) -> str:
    """A structured field byte sequence."""
    return f":{base64.b64encode(data).decode()}:"


def base(values: Sequence[tuple[str, str]], parameters: str) -> bytes:
    """The signature base: what is covered, a line each, and the parameters last."""
    lines = [f"{quoted(name)}: {value}" for name, value in values]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")


def parameters(covered: Sequence[str], **more: str | int) -> str:
    """The value of `@signature-params`: the list of what is covered, then when, by which key and for what."""
    listed = " ".join(map(quoted, covered))
    told = [f"{name}={value if isinstance(value, int) else quoted(value)}" for name, value in more.items()]
    return ";".join([f"({listed})", *told])


def content_digest(body: bytes, algorithm: str = "sha-256") -> str:
    """The value of `Content-Digest` by one algorithm."""
    return f"{algorithm}={binary(hashlib.new(algorithm.replace('-', ''), body, usedforsecurity=False).digest())}"


class Pair:
    """A key pair of the suite, made from the salt of a run, so that a replay of the run makes the same messages.

    A sandbox trusts it until its next reset, and nobody else ever does.
    """

    def __init__(self, salt: str) -> None:
        self._salt = salt

    @cached_property
    def _key(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self._salt.encode()).digest())

    def sign(self, data: bytes) -> bytes:
        """The bare Ed25519 signature of some bytes."""
        signed: bytes = self._key.sign(data)
        return signed

    def public(self, kid: str, **more: JSON) -> JSON:
        """The public key as a JWK."""
        raw = base64.urlsafe_b64encode(self._key.public_key().public_bytes_raw()).rstrip(b"=").decode()
        return {"kty": "OKP", "crv": "Ed25519", "x": raw, "kid": kid, **more}


@dataclass(frozen=True)
class Message:
    """A message before it is signed: what is sent, what is signed, by which key and when."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    key: str = "current"
    kid: str = ""
    covered: tuple[str, ...] = COVERED
    tag: str = TAG
    undated: bool = False
    expires: timedelta | None = None
    sent: Mapping[str, str] = field(default_factory=dict)  # headers that differ from the signed ones
    sent_body: bytes | None = None


Change: TypeAlias = Callable[[Message], Message]


def _header(message: Message, name: str, value: str | None) -> Message:
    """The message with another header, or without one, which then cannot be covered."""
    headers = {key: one for key, one in message.headers.items() if key != name}
    if value is None:
        return replace(message, headers=headers, covered=tuple(one for one in message.covered if one != name))
    return replace(message, headers={**headers, name: value})


def _uncovered(name: str) -> Change:
    return lambda it: replace(it, covered=tuple(one for one in it.covered if one != name))


def _moved(**span: int) -> Change:
    return lambda it: replace(it, at=it.at + timedelta(**span))


def _by(key: str) -> Change:
    return lambda it: replace(it, key=key)


def _addressed(country: str = "", service: str = "") -> Change:
    def change(message: Message) -> Message:
        own = message.headers["istmo-recipient"].split("/")
        return _header(message, "istmo-recipient", f"{country or own[0]}/{service or own[1]}")

    return change


def _swapped(body: bytes) -> bytes:
    """A body of another content: a member more, which every event may have."""
    return body.rstrip()[:-1] + b',"forged":true}'


def _kept_digest(message: Message) -> Message:
    """Another body than the signed one, whose digest is still that of the signed one."""
    return replace(message, sent_body=_swapped(message.body))


def _new_digest(message: Message) -> Message:
    """Another body than the signed one, with its own digest, which nobody has signed."""
    body = _swapped(message.body)
    return replace(message, sent_body=body, sent={"content-digest": content_digest(body)})


# What may stand between the quotes of "with a message made as".
MESSAGES: dict[str, Change] = {
    "strange-key": _by("strange"),
    "key-of-its-name": lambda it: replace(it, key="strange", kid="current"),
    "key-elsewhere": lambda it: replace(it, key="strange", kid=ELSEWHERE),
    "another-method": lambda it: replace(it, method="PUT"),
    "another-address": lambda it: replace(it, url=it.url.replace("/events", "/subscriptions")),
    "another-host": lambda it: replace(it, url="https://services.example.invalid/" + it.url.split("/", 3)[3]),
    "another-media-type": lambda it: replace(it, sent={"content-type": f"{it.headers['content-type']}; v=1"}),
    "another-recipient": lambda it: replace(
        _addressed(service="another-service")(it), sent={"istmo-recipient": it.headers["istmo-recipient"]}
    ),
    "another-body": _new_digest,
    "another-purpose": lambda it: replace(it, tag="istmo-other"),
    "method-left-out": _uncovered("@method"),
    "address-left-out": _uncovered("@target-uri"),
    "media-type-left-out": _uncovered("content-type"),
    "digest-left-out": _uncovered("content-digest"),
    "recipient-left-out": _uncovered("istmo-recipient"),
    "no-digest": lambda it: _header(it, "content-digest", None),
    "weak-digest": lambda it: _header(it, "content-digest", content_digest(it.body, "md5")),
    "digest-of-another": _kept_digest,
    "sha-512-digest": lambda it: _header(it, "content-digest", content_digest(it.body, "sha-512")),
    "6-minutes-old": _moved(minutes=-6),
    "4-minutes-old": _moved(minutes=-4),
    "10-seconds-ahead": _moved(seconds=10),
    "2-minutes-ahead": _moved(minutes=2),
    "undated": lambda it: replace(it, undated=True),
    "expired": lambda it: replace(it, expires=timedelta(seconds=-30)),
    "for-another-service": _addressed(service="another-service"),
    "for-another-country": _addressed(country="ZZ"),
    "second-key": _by("second"),
    "revoked-key": _by("second"),
    "key-over": _by("over"),
    "key-to-come": _by("to-come"),
}


class Signatory:
    """The suite in the part of a peer, with the keys of one run."""

    def __init__(self, salt: str) -> None:
        names = ("current", "second", "over", "to-come", "strange")
        self._pairs = {name: Pair(f"{salt}/{name}") for name in names}
        self._run = hashlib.sha256(salt.encode()).hexdigest()[:8]

    def listed(self, now: datetime, kind: str | None = None) -> JSON:
        """The trust list that makes the suite a peer, with two keys that count and two that do not."""

        def key(name: str, **more: JSON) -> JSON:
            return self._pairs[name].public(self._kid(name), **more)

        revoked = {"revoked": True} if kind == "revoked-key" else {}
        keys = [key("current"), key("second", **revoked)]
        keys += [key("over", notAfter=_stamp(now - DAY)), key("to-come", notBefore=_stamp(now + DAY))]
        return {"peers": [{"name": NAME, "sources": list(SOURCES), "keys": keys}]}

    def signed(self, message: Message) -> tuple[dict[str, str], bytes]:
        """The headers and the body of a message as it is sent."""
        headers = dict(message.headers)
        derived = {"@method": message.method, "@target-uri": message.url}
        values = [(name, derived.get(name) or headers.get(name, "")) for name in message.covered]
        created = int(message.at.timestamp())
        more: dict[str, str | int] = {} if message.undated else {"created": created}
        if message.expires is not None:
            more["expires"] = created + int(message.expires.total_seconds())
        kid = message.kid if "/" in message.kid else self._kid(message.kid or message.key)
        told = parameters(message.covered, **more, keyid=kid, alg="ed25519", tag=message.tag)
        signature = self._pairs[message.key].sign(base(values, told))
        proof = {"signature-input": f"istmo={told}", "signature": f"istmo={binary(signature)}"}
        body = message.body if message.sent_body is None else message.sent_body
        return {**headers, **message.sent, **proof}, body

    def _kid(self, name: str) -> str:
        return f"{NAME}-{self._run}-{name}"


def made(message: Message, kind: str | None) -> Message:
    """A message as the words of a scenario say."""
    complete = _header(message, "content-digest", content_digest(message.body))
    return complete if kind is None else MESSAGES[kind](complete)


def _stamp(moment: datetime) -> str:
    return moment.isoformat()
