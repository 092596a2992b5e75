"""What is known of a request without personal data, told to observers; safe headers on each answer."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .observe import Observer

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}  # of a random UUID (RFC 9562)
_METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})

SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"referrer-policy", b"no-referrer"),
)


MARKS = frozenset(
    {*(name for name, _ in SAFE_HEADERS), b"correlation-id", b"api-version", b"traceparent", b"content-language"}
)


@dataclass(slots=True)
class Trace:
    """What may be told of a request; the kernel fills it in while it comes to know it."""

    correlation_id: str
    trace_id: str
    parent_id: str = ""  # the caller's span
    flags: str = "00"
    span_id: str = field(default_factory=lambda: os.urandom(8).hex())
    method: str = "?"
    service: str = ""
    operation: str = ""
    language: str = ""
    version: str = ""
    code: str = ""
    refused: str = ""  # rate, edge, overload, deadline or store: refused by the kernel, not by a rule
    status: int = 0  # of the answer, once it has begun
    replayed: bool = False
    repeated: list[str] = field(default_factory=list)  # headers that may stand once only and stood twice
    span: Any = None


def of(scope: Scope) -> Trace:
    """Return the trace of a request, begun when nobody has."""
    trace = scope.get("istmo.trace")
    if not isinstance(trace, Trace):
        trace = scope["istmo.trace"] = begin(scope)
    return trace


def begin(scope: Scope) -> Trace:
    """Continue the caller's identifiers when they are well formed, or make new ones."""
    given: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in {b"correlation-id", b"traceparent"}:
            given[name] = b"" if name in given else value
    made = os.urandom(40).hex()
    correlation = given.get(b"correlation-id", b"").decode("latin-1") if given else ""
    if not _UUID.fullmatch(correlation):
        correlation = f"{made[:8]}-{made[8:12]}-4{made[13:16]}-{_VARIANT[made[16]]}{made[17:20]}-{made[20:32]}"
    method = scope["method"] if scope["method"] in _METHODS else "?"
    if b"traceparent" not in given:
        return Trace(correlation, made[32:64], span_id=made[64:], method=method)
    parent = _TRACEPARENT.fullmatch(given.get(b"traceparent", b"").decode("latin-1"))
    if parent:
        return Trace(correlation, parent[1], parent[2], parent[3], made[64:], method)
    return Trace(correlation, made[32:64], span_id=made[64:], method=method)


class TraceMiddleware:
    """The outermost layer: whatever happens inside, the answer is marked and observers hear how it ended."""

    def __init__(self, app: ASGIApp, *, version: str, observers: Sequence[Observer]) -> None:
        self.app = app
        self.version = version
        self.observers = observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = monotonic()
        trace = of(scope)

        def marked(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                trace.status = message["status"]
                self._mark(message, trace)
            return send(message)

        for observer in self.observers:
            observer.begun(trace)
        try:
            await self.app(scope, receive, marked)
        finally:
            seconds = monotonic() - started
            for observer in reversed(self.observers):
                observer.ended(trace, trace.status, seconds)

    def _mark(self, message: Message, trace: Trace) -> None:
        given = message.get("headers", ())
        present = {name.lower() for name, _ in given}
        own = [
            *SAFE_HEADERS,
            (b"correlation-id", trace.correlation_id.encode()),
            (b"api-version", (trace.version or self.version).encode()),
            (b"traceparent", f"00-{trace.trace_id}-{trace.span_id}-{trace.flags}".encode()),
        ]
        if trace.language:
            own.append((b"content-language", trace.language.encode()))
        if not present.isdisjoint(MARKS):
            own = [pair for pair in own if pair[0] not in present]
        message["headers"] = [*given, *own]
