"""The edge guard: what is too big, too slow, too many or oddly addressed ends here, without any proxy's help."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem

from . import logs, problems, trace
from .admission import Gate
from .deadlines import Deadlines
from .store import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .settings import Settings

OVERHEAD = 64 * 1024  # what a multipart body may hold beside the file
# Encodings that only serve to disguise a path, and anything that is not printable ASCII on the wire.
ODD_PATH = re.compile(rb"%(2e|2f|5c|00|25|[01][0-9a-f]|7f)|//|\\|[^\x21-\x7e]|/\.\.?(/|$)|;", re.IGNORECASE)
EVEN_PATH = re.compile(rb"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")  # nearly every path: quickly seen to be in order
PROBES = "/_health/"  # asked by the machine itself, by address and in clear text; they tell nothing of anybody
NUMBER = re.compile(rb"[0-9]{1,15}")
# How much of a refused body is still read, and how long, before its connection is closed.
LINGER_BYTES = 16 * 1024 * 1024
LINGER_SECONDS = 2.0
# Statuses by which a request is refused before a rule of the service is asked.
REFUSALS = {408: "edge", 413: "edge", 429: "rate", 431: "edge"}


class Interrupted(Exception):
    """An answer that had begun could not be ended."""


class EdgeMiddleware:
    """Guards one application: bounded requests in, problems out."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: Settings,
        language: Callable[[Scope], str],
        shortcut: Callable[[Scope], ASGIApp | None],
    ) -> None:
        self.app = app
        self.shortcut = shortcut
        self.settings = settings
        self.limits = settings.limits
        self.language = language
        self.hosts = frozenset(host.lower().encode() for host in settings.hosts)
        self.whole = Deadlines(self.limits.request_seconds)
        self.reading = Deadlines(self.limits.body_seconds)
        self.gate = Gate(self.limits.in_flight, waiting=self.limits.waiting, seconds=self.limits.wait_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        about = trace.of(scope)
        body = scope["istmo.body"] = Body(scope, receive, self.settings, self.reading)
        try:
            probe = scope["path"].startswith(PROBES)
            self._check(scope, about, body, probe=probe)
            if probe:
                await self._serve(scope, body, send)
            else:
                if not self.gate.free():
                    about.refused = "overload"
                    await self.gate.wait()
                    about.refused = ""
                try:
                    await self._serve(scope, body, send)
                finally:
                    self.gate.leave()
        except Exception as error:  # noqa: BLE001 - whatever a handler raises becomes a problem
            refusal = as_problem(error, scope)
        else:
            return
        if about.status:  # the server closes the connection; it would print the first error with all that it says
            raise Interrupted
        await send_problem(refusal, scope, send, self.language(scope))

    async def _serve(self, scope: Scope, body: Body, send: Send) -> None:
        with self.whole.within():
            await (self.shortcut(scope) or self.app)(scope, body, send)

    def _check(self, scope: Scope, about: trace.Trace, body: Body, *, probe: bool) -> None:
        about.refused = "edge"
        self._check_form(scope, body.head_bytes)
        if not probe:
            self._check_host(body.hosts, scope.get("http_version", ""))
            if not self.settings.sandbox and scope.get("scheme") != "https":
                # Never a redirect: the token would already have crossed the network in clear.
                raise Problem("misdirected-request")
        about.refused = ""

    def _check_form(self, scope: Scope, size: int) -> None:
        if size > self.limits.header_bytes or len(scope["headers"]) > self.limits.header_count:
            raise Problem("headers-too-large")
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        raw = raw.partition(b"?")[0]
        if len(raw) + len(scope["query_string"]) > self.limits.target_bytes:
            raise Problem("invalid-parameter")
        if EVEN_PATH.fullmatch(raw):
            return
        if ODD_PATH.search(raw) or "\ufffd" in scope["path"]:
            raise Problem("not-found")

    def _check_host(self, hosts: list[bytes], version: str) -> None:
        missing = not hosts and version == "1.1"  # which HTTP/1.1 forbids (RFC 9112, section 3.2)
        if len(hosts) > 1 or missing or (self.hosts and (not hosts or hosts[0].lower() not in self.hosts)):
            raise Problem("invalid-parameter", errors=[problems.parameter_item("header", "Host", "not-in-list")])


class Body:
    """The receiving side of a request: counts bytes while they come and waits no longer than agreed.

    It notes on the way what else the guard asks of the headers, so that they are looked through once.
    """

    def __init__(self, scope: Scope, receive: Receive, settings: Settings, reading: Deadlines) -> None:
        self._receive = receive
        self._reading = reading
        self._left = settings.limits.json_bytes
        self._declared = 0
        self.head_bytes, self.hosts = 0, list[bytes]()
        for name, value in scope["headers"]:
            self.head_bytes += len(name) + len(value) + 4
            if name == b"host":
                self.hosts.append(value)
            elif name == b"content-type" and value.lower().startswith(b"multipart/form-data"):
                self._left = settings.limits.document_bytes + OVERHEAD
            elif name == b"content-length" and NUMBER.fullmatch(value):
                self._declared = int(value)
        self._until = 0.0
        self._complete = False
        self.refused = False

    async def __call__(self) -> Message:
        """Return the next part of the body, or refuse to read on."""
        if self._complete:
            return await self._receive()
        try:
            message = await (self._next() if self._until else self._first())
        except TimeoutError:
            raise Problem("request-timeout", headers={"Connection": "close"}) from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self._too_large()
        self._complete = not message.get("more_body", False)
        return message

    async def _first(self) -> Message:
        """Return the first part, which is mostly the whole."""
        if self._declared > self._left:
            raise self._too_large()
        self._until = asyncio.get_running_loop().time() + self._reading.seconds
        with self._reading.within():
            return await self._receive()

    async def _next(self) -> Message:
        async with asyncio.timeout_at(self._until):
            return await self._receive()

    def _too_large(self) -> Problem:
        self.refused = True
        return Problem("payload-too-large", headers={"Connection": "close"})

    async def discard(self) -> None:
        """Read on for a while and keep nothing: a client that is still sending would lose the refusal to a reset."""
        if self._declared > LINGER_BYTES:  # an announced giant is cut off at once
            return
        left = LINGER_BYTES
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while left > 0 and not self._complete:
                    message = await self._receive()
                    left -= len(message.get("body", b""))
                    self._complete = not message.get("more_body", False)


def as_problem(error: Exception, scope: Scope) -> Problem:
    """Return what the caller may know of an error; the log says where, never with which values."""
    if isinstance(error, Problem):
        return error
    about = trace.of(scope)
    known = {"operation": about.operation or "-", "correlationId": about.correlation_id, "traceId": about.trace_id}
    if isinstance(error, StoreUnavailable):
        about.refused = "store"
        logs.write(logs.ERROR, logging.WARNING, "store-unavailable", **logs.cause(error), **known)
        return Problem("unavailable", headers={"Retry-After": "1"})
    if isinstance(error, TimeoutError):
        about.refused = "deadline"
        return Problem("unavailable", headers={"Retry-After": "1"})
    logs.write(logs.ERROR, logging.ERROR, "internal-error", **logs.cause(error), at=logs.place(error), **known)
    return Problem(problems.INTERNAL)


async def send_problem(problem: Problem, scope: Scope, send: Send, language: str) -> None:
    """Send a problem as the whole answer."""
    about = trace.of(scope)
    rendered = problems.render(problem, language=language, correlation_id=about.correlation_id)
    about.code, about.language = rendered.code, language
    about.refused = about.refused or REFUSALS.get(rendered.status, "")
    headers: list[tuple[bytes, bytes]] = [
        (b"content-type", problems.MEDIA_TYPE.encode()),
        (b"content-length", str(len(rendered.body)).encode()),
        *((name.lower().encode(), value.encode("latin-1", "replace")) for name, value in rendered.headers),
    ]
    start: dict[str, Any] = {"type": "http.response.start", "status": rendered.status, "headers": headers}
    await send(start)
    body = b"" if scope["method"] == "HEAD" else rendered.body
    coming = scope.get("istmo.body")
    if isinstance(coming, Body) and coming.refused:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await coming.discard()
        body = b""
    await send({"type": "http.response.body", "body": body})
