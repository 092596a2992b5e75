"""The sandbox surface of a target: reset, clock, tokens, events, faults, peers, scans."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from istmo.errors import Finding, Undecided
from istmo_conformance.causes import Blocked, Cause
from istmo_conformance.client import Answer, Client, Request
from istmo_conformance.values import items_at
from istmo_conformance.words import say

JSON: TypeAlias = Any
# Without these nothing holds, wherever in a scenario they are used; the others belong to what a scenario tries.
_GROUND = frozenset({"reset", "clock", "tokens"})
DRIFT = timedelta(minutes=10)  # by which a clock may have gone on since it was set, however slow the calls
LOOKS, BETWEEN = 12, 0.05  # how often one looks whether somebody else has moved it, and the seconds between
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

    def set_clock(self, moment: datetime | None) -> None:
        """Move the clock of the service; None is real time."""
        self._send("PUT", "clock", {"now": None if moment is None else stamp(moment)}, 200)

    def clock(self) -> datetime | None:
        """The position of the clock; None where the sandbox does not say."""
        try:
            said = self._client.send(Request("GET", "/_sandbox/clock", _FIELDS[1:])).json()
            return datetime.fromisoformat(said["now"]).astimezone(UTC)
        except (Finding, KeyError, TypeError, ValueError):
            return None

    def is_shared(self, moment: datetime, pause: Callable[[float], None]) -> bool:
        """Whether the clock leaves a moment to which it was set: somebody else resets the sandbox or moves its clock.

        Another run does so many times a second. A clock that does not even take the moment says nothing.
        """

        def stands() -> bool:
            found = self.clock()
            return found is not None and abs(found - moment) < DRIFT

        moved = False
        with contextlib.suppress(Finding, Undecided):
            self.set_clock(moment)
            for _ in range(LOOKS if stands() else 0):
                pause(BETWEEN)
                if not stands():
                    moved = True
                    break
            self.set_clock(None)
        return moved

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
