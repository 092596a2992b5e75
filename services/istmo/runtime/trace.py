"""One identifier and one log line for each request, safe headers on each answer; no personal data in either."""

from __future__ import annotations

import json
import logging
import re
import secrets
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .clock import monotonic

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("istmo.access")

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")

SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"referrer-policy", b"no-referrer"),
)


@dataclass(slots=True)
class Trace:
    """What is known of a request for its log line; handlers of the kernel fill it in."""

    correlation_id: str
    trace_id: str
    flags: str = "00"
    service: str = ""
    operation: str = ""
    language: str = ""
    version: str = ""
    code: str = ""
    replayed: bool = False
    facts: dict[str, str | int] = field(default_factory=dict)


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
    correlation = given.get(b"correlation-id", b"").decode("latin-1")
    if not _UUID.fullmatch(correlation):
        correlation = str(uuid.uuid4())
    parent = _TRACEPARENT.fullmatch(given.get(b"traceparent", b"").decode("latin-1"))
    if parent:
        return Trace(correlation, parent[1], parent[2])
    return Trace(correlation, secrets.token_hex(16))


class TraceMiddleware:
    """The outermost layer: whatever happens inside, the answer is marked and one line is logged."""

    def __init__(self, app: ASGIApp, *, version: str, logs: bool) -> None:
        self.app = app
        self.version = version
        self.logs = logs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = monotonic()
        trace = of(scope)
        status = 0

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._mark(message, trace)
            await send(message)

        try:
            await self.app(scope, receive, marked)
        finally:
            if self.logs:
                self._log(scope, trace, status, monotonic() - started)

    def _mark(self, message: Message, trace: Trace) -> None:
        headers = message["headers"] = list(message.get("headers", ()))
        present = {name.lower() for name, _ in headers}
        span = f"00-{trace.trace_id}-{secrets.token_hex(8)}-{trace.flags}"
        own = (
            (b"correlation-id", trace.correlation_id.encode()),
            (b"api-version", (trace.version or self.version).encode()),
            (b"traceparent", span.encode()),
            (b"content-language", trace.language.encode()),
        )
        headers += [pair for pair in (*SAFE_HEADERS, *own) if pair[1] and pair[0] not in present]

    def _log(self, scope: Scope, trace: Trace, status: int, seconds: float) -> None:
        line: dict[str, str | int | float | bool] = {
            "correlationId": trace.correlation_id,
            "traceId": trace.trace_id,
            "method": scope["method"] if len(scope["method"]) < 20 else "?",  # noqa: PLR2004 - a verb is short
            "service": trace.service,
            "operation": trace.operation,
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        if trace.code:
            line["code"] = trace.code
        if trace.replayed:
            line["replayed"] = True
        log.info(json.dumps(line | trace.facts, ensure_ascii=True))
