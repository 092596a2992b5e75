"""The sandbox surface of a target: reset, clock, tokens, events, faults, peers, scans."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeAlias

from istmo.errors import Finding
from istmo_conformance.causes import Blocked, Cause
from istmo_conformance.client import Answer, Client, Request
from istmo_conformance.values import items_at
from istmo_conformance.words import say

JSON: TypeAlias = Any
# Without these nothing holds, wherever in a scenario they are used; the others belong to what a scenario tries.
_GROUND = frozenset({"reset", "clock", "tokens"})
_FIELDS = (("Content-Type", "application/json"), ("Accept", "application/json"))


def stamp(moment: datetime) -> str:
    """A moment as the wire writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Sandbox:
    """Commands to the sandbox; a refusal is a Finding about the set-up."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def reset(self) -> None:
        """Put the known fixtures back."""
        self._send("POST", "reset", {}, 204)

    def set_clock(self, moment: datetime) -> None:
        """Move the clock of the service."""
        self._send("PUT", "clock", {"now": stamp(moment)}, 200)

    def token(self, asked: JSON) -> JSON:
        """Issue a token for a persona."""
        return self._send("POST", "tokens", asked, 200).json()

    def keys(self) -> list[dict[str, JSON]]:
        """The keys that the host publishes; none when it does not say."""
        answer = self._client.send(Request("GET", "/.well-known/jwks.json", (("Accept", "application/json"),)))
        try:
            return items_at(answer.json(), "/keys") if answer.status < 300 else []  # noqa: PLR2004  # any success
        except Finding:
            return []

    def event(self, kind: str, data: JSON) -> None:
        """Deliver an event of another service."""
        self._send("POST", "events", {"type": kind, "data": data}, 202)

    def fault(self, upstream: str, mode: str) -> None:
        """Degrade a service on which the judged one depends."""
        self._send("PUT", "faults", {"upstream": upstream, "mode": mode}, 204)

    def trust(self, listed: JSON) -> None:
        """Make the suite a peer whose messages count."""
        self._send("PUT", "peers", listed, 204)

    def scan(self, document: str, status: str) -> None:
        """Decide how the scan of a document ended."""
        self._send("POST", "scans", {"documentId": document, "scanStatus": status}, 204)

    def _send(self, method: str, name: str, body: JSON, expected: int) -> Answer:
        ground = name in _GROUND
        try:
            answer = self._client.send(Request(method, f"/_sandbox/{name}", _FIELDS, json.dumps(body).encode()))
        except Finding as error:  # it hangs, or answers what is no answer
            raise Blocked(str(error), cause=Cause("sandbox", name, str(error)[:120]), anywhere=ground) from None
        if answer.status != expected:
            raise Blocked(
                say("the sandbox answers {status} to {name}, not {expected}",
                    "el entorno de pruebas responde {status} a {name}, no {expected}",
                    status=answer.status, name=name, expected=expected),
                cause=Cause("sandbox", name, str(answer.status)), anywhere=ground,
            )  # fmt: skip
        return answer
