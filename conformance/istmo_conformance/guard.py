"""Holds a run to its mode at the only door to the service, whatever a sentence forgot to say of itself."""

from __future__ import annotations

from collections.abc import Sequence

from istmo.errors import KitError
from istmo_conformance.causes import Blocked, Cause
from istmo_conformance.client import Answer, Client, Request
from istmo_conformance.modes import Mode
from istmo_conformance.words import say

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
SANDBOX = "/_sandbox/"
TOKENS = "/_sandbox/tokens"


class Guarded:
    """A client that lets nothing pass that the mode of the run does not allow."""

    def __init__(self, client: Client, mode: Mode) -> None:
        self._client = client
        self._mode = mode
        self.origin = client.origin

    def send(self, request: Request) -> Answer:
        """Send one call, if it may be sent."""
        self._hold(request)
        return self._client.send(request)

    def send_many(self, requests: Sequence[Request]) -> list[Answer]:
        """Send calls at the same time, if all of them may be sent."""
        for request in requests:
            self._hold(request)
        return self._client.send_many(requests)

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    def _hold(self, request: Request) -> None:
        if request.method.upper() in SAFE or request.path == TOKENS or self._mode is Mode.FULL:
            return
        if request.path.startswith(SANDBOX):
            name = request.path.removeprefix(SANDBOX)
            raise Blocked(
                say("the sandbox may not be used ({name})", "no se puede usar el entorno de pruebas ({name})",
                    name=name),
                cause=Cause("mode", Mode.FULL.value, self._mode.value), anywhere=True,
            )  # fmt: skip
        if self._mode is Mode.READ:
            raise KitError("mode-exceeded", f"{request.method} in a run that only reads", "report it")
