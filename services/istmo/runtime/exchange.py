"""Events of other services: only what a known peer signed, for this service, a short time ago; each takes effect once.

The kept answer of a message is its entry in the inbox: source and id are its key, its content is the fingerprint.
It is kept for `idempotency_hours`, a day at least, while a message that was signed `OLDEST` seconds ago is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import rfc8785

from istmo.errors import Problem

from . import receipts, signatures
from .cases import acts_on, hand_over
from .store import IdempotencyKey
from .unit import Intention
from .work import Caller

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from starlette.types import Scope

    from .peers import Peer
    from .service import ServiceContext
    from .store import Json
    from .work import Work

OLDEST = 300  # seconds since a message was signed
AHEAD = 30  # seconds that the clock of a peer may be ahead: 10 must be accepted, 60 must not
COVERED = " ".join(f'"{name}"' for name in signatures.COVERED)
CHALLENGE = {
    "WWW-Authenticate": 'Signature realm="istmo"',
    "Accept-Signature": f'{signatures.LABEL}=({COVERED});created;keyid;tag="{signatures.TAG}"',
}


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose message it is, and what its signature says of the body that is still to come."""

    peer: Peer
    digests: Mapping[str, bytes]

    def caller(self, address: str, service: str) -> Caller:
        """Return the peer as the caller of one operation: a system, without any token."""
        name = self.peer.name
        scopes = frozenset({f"{service}:system"})
        return Caller(subject=name, client=name, scopes=scopes, acting_for=name, address=address, service=service)

    def ensure(self, body: bytes) -> None:
        """Refuse a body that is not the signed one."""
        if not signatures.vouch(self.digests, body):
            raise Problem("content-digest")


def authenticate(context: ServiceContext, scope: Scope, headers: Mapping[str, str]) -> Sender:
    """Return who signed a message for this service, or refuse it before its body is read."""
    if "signature" not in headers or "signature-input" not in headers:
        raise _unsigned()
    strong = signatures.digests(headers.get("content-digest", ""))
    if not strong:
        raise Problem("content-digest")
    now = context.clock.now()
    message = signatures.Message(scope["method"], _address(context, scope), dict(headers))

    def find(key_id: str) -> Ed25519PublicKey | None:
        found = context.peers.holder(key_id, now)
        return None if found is None else found[1]

    try:
        key_id = signatures.signer_of(message, find, now=now, oldest=OLDEST, ahead=AHEAD)
    except signatures.Unsigned:
        raise _unsigned() from None
    found = context.peers.holder(key_id, now)
    if found is None:  # the list changed under way
        raise _unsigned()
    if headers["istmo-recipient"] != recipient(context):
        raise Problem("wrong-recipient")
    return Sender(found[0], strong)


def _unsigned() -> Problem:
    """Return the one refusal of every message that nobody known has signed; it never says what was wrong."""
    return Problem("unsigned", headers=dict(CHALLENGE))


def _address(context: ServiceContext, scope: Scope) -> str:
    """Return the address as published: proxies in between may have changed scheme, host and port."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    path = raw.partition(b"?")[0] + (b"?" + query if query else b"")
    return context.settings.base_url.rstrip("/") + path.decode("latin-1")


def recipient(context: ServiceContext) -> str:
    """Return by which name messages address a service."""
    return f"{context.settings.country}/{context.kebab}"


def intention(sender: Sender, place: str, event: Json, digest: str) -> Intention:
    """Return what makes two messages the same: peer, source and id; and what must then be the same too."""
    named = hashlib.sha256(f"{event['source']}\n{event['id']}".encode()).hexdigest()
    return Intention(IdempotencyKey(f"peer:{sender.peer.name}", place, named), digest, reused="message-reused")


async def receive_event(work: Work, body: Json) -> Json:
    """Take an event of a peer and answer a signed receipt; one of an unknown type is taken and changes nothing."""
    peer = work.request.peer
    if peer is None or not peer.tells(body["source"], body["type"]):
        raise Problem("not-entitled")
    outcome = "taken" if acts_on(work.context, body["type"]) else "ignored"
    await hand_over(work, body["type"], body["data"])
    digest = hashlib.sha256(rfc8785.dumps(body)).hexdigest()
    facts = {"eventId": body["id"], "source": body["source"], "sender": peer.name}
    facts |= {"recipient": recipient(work.context), "outcome": outcome}
    work.journal("event", None, type=body["type"], outcome=outcome)
    return await receipts.seal(work, digest, owner="", **facts)
