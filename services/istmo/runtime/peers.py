"""The trust list: services of others, the keys with which they sign, and what they may tell."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from istmo.errors import KitError
from istmo.texts import text

from . import logs
from .clock import monotonic

if TYPE_CHECKING:
    from .settings import Settings

REFRESH = 30.0  # seconds after which the file is read again: a revoked key is refused no later


class Key(BaseModel):
    """A public Ed25519 JWK, and from when to when it counts."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    kid: str = Field(pattern=r"^[A-Za-z0-9._:/#@+=-]{1,128}$")
    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$")
    alg: Literal["Ed25519", "EdDSA"] | None = None
    use: Literal["sig"] | None = None
    notBefore: AwareDatetime | None = Field(default=None, strict=False)  # noqa: N815 - the member's name
    notAfter: AwareDatetime | None = Field(default=None, strict=False)  # noqa: N815 - the member's name
    revoked: bool = False

    def counts(self, now: datetime) -> bool:
        """Tell whether the key opens anything at a moment."""
        begun = self.notBefore is None or self.notBefore <= now
        return begun and not self.revoked and (self.notAfter is None or now < self.notAfter)

    def public(self) -> Ed25519PublicKey:
        """Return the key as the library wants it."""
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(self.x + "="))


class Peer(BaseModel):
    """A service of somebody else: its name, its keys, the sources and types of events that it may send."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9.-]{0,63}$")
    sources: list[str] = Field(min_length=1, max_length=100)
    types: list[str] | None = None  # None: whatever type
    keys: list[Key] = Field(min_length=1, max_length=16)

    def tells(self, source: str, kind: str) -> bool:
        """Tell whether the peer may speak of a source and of events of a type."""
        return source in self.sources and (self.types is None or kind in self.types)


class _List(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    peers: list[Peer] = Field(max_length=1000)


@dataclass(frozen=True, slots=True)
class _Held:
    peer: Peer
    key: Key
    public: Ed25519PublicKey


class Peers:
    """Those whom a process trusts: the ones of the settings, and in a sandbox the ones that a tester registers."""

    def __init__(self, settings: Settings) -> None:
        self._source = settings.peers
        self._listed = held(read(settings.peers))
        self._registered: Mapping[str, _Held] = {}
        self.document: Any = None  # what was registered, for the other processes of a sandbox
        self._read_at = monotonic()

    def register(self, document: Any) -> None:
        """Let a tester replace the peers of a sandbox; nothing registers none."""
        self._registered = held([] if document is None else parse(document))
        self.document = document

    def holder(self, key_id: str, now: datetime) -> tuple[Peer, Ed25519PublicKey] | None:
        """Return whose key it is and the key itself, if it counts at that moment; nothing is ever fetched."""
        self._refresh()
        found = self._registered.get(key_id) or self._listed.get(key_id)
        return (found.peer, found.public) if found is not None and found.key.counts(now) else None

    def _refresh(self) -> None:
        """Read the file again when it is time; the list at hand serves while it cannot be read."""
        if not self._source or _inline(self._source) or monotonic() - self._read_at < REFRESH:
            return
        self._read_at = monotonic()
        try:
            self._listed = held(read(self._source))
        except KitError as error:
            logs.write(logs.PROCESS, logging.WARNING, "peers-unreadable", error=error.code)


def read(source: str) -> list[Peer]:
    """Return the peers of a file or of a JSON text; of nothing, none."""
    if not source:
        return []
    try:
        document = json.loads(source if _inline(source) else Path(source).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise _unfit("-") from None
    return parse(document)


def parse(document: Any) -> list[Peer]:
    """Return the peers of a document, or refuse it and say where it is wrong."""
    try:
        found = _List.model_validate(document).peers
    except ValidationError as error:
        places = error.errors(include_url=False, include_input=False, include_context=False)
        raise _unfit("/" + "/".join(map(str, places[0]["loc"]))) from None
    held(found)
    return found


def held(found: list[Peer]) -> Mapping[str, _Held]:
    """Return the keys by their ids, each of one peer only."""
    keys: dict[str, _Held] = {}
    for peer in found:
        for key in peer.keys:
            if key.kid in keys:
                raise _unfit(key.kid)
            keys[key.kid] = _Held(peer, key, key.public())
    return keys


def faults(settings: Settings) -> list[KitError]:
    """Return what is wrong with the peers of the settings."""
    try:
        read(settings.peers)
    except KitError as error:
        return [error]
    return []


def _inline(source: str) -> bool:
    return source.lstrip().startswith("{")


def _unfit(place: str) -> KitError:
    return KitError("peers", text("settings.peers", place=place[:200]), text("settings.peers-hint"))
