"""The edge guard: what is too big, too slow, too many or oddly addressed ends here, without any proxy's help."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem

from . import problems, trace
from .store import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .settings import Settings

log = logging.getLogger("istmo.error")

OVERHEAD = 64 * 1024  # what a multipart body may hold beside the file
# Encodings that only serve to disguise a path, and anything that is not printable ASCII on the wire.
ODD_PATH = re.compile(rb"%(2e|2f|5c|00|25|[01][0-9a-f]|7f)|//|\\|[^\x21-\x7e]|/\.\.?(/|$)|;", re.IGNORECASE)
NUMBER = re.compile(rb"[0-9]{1,15}")


class EdgeMiddleware:
    """Guards one application: bounded requests in, problems out."""

    def __init__(self, app: ASGIApp, *, settings: Settings, language: Callable[[Scope], str]) -> None:
        self.app = app
        self.settings = settings
        self.limits = settings.limits
        self.language = language
        self.hosts = frozenset(host.lower().encode() for host in settings.hosts)
        self.running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        self.running += 1
        try:
            self._check(scope)
            async with asyncio.timeout(self.limits.request_seconds):
                await self.app(scope, Body(scope, receive, self.settings), watched)
        except Exception as error:
            if started:
                raise
            await self.refuse(as_problem(error, scope), scope, send)
        finally:
            self.running -= 1

    async def refuse(self, problem: Problem, scope: Scope, send: Send) -> None:
        """Send a problem."""
        await send_problem(problem, scope, send, self.language(scope))

    def _check(self, scope: Scope) -> None:
        headers = scope["headers"]
        size = sum(len(name) + len(value) + 4 for name, value in headers)
        if size > self.limits.header_bytes or len(headers) > self.limits.header_count:
            raise _plain(431)
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        raw = raw.partition(b"?")[0]
        if len(raw) + len(scope["query_string"]) > self.limits.target_bytes:
            raise Problem("invalid-parameter")
        if self.running > self.limits.in_flight:
            raise Problem("unavailable", headers={"Retry-After": "1"})
        self._check_host(headers, scope.get("http_version", ""))
        if ODD_PATH.search(raw) or "\ufffd" in scope["path"]:
            raise Problem("not-found")

    def _check_host(self, headers: list[tuple[bytes, bytes]], version: str) -> None:
        hosts = [value for name, value in headers if name == b"host"]
        missing = not hosts and version == "1.1"  # which HTTP/1.1 forbids (RFC 9112, section 3.2)
        if len(hosts) > 1 or missing or (self.hosts and (not hosts or hosts[0].lower() not in self.hosts)):
            raise Problem("invalid-parameter", errors=[problems.parameter_item("header", "Host", "not-in-list")])


class Body:
    """The receiving side of a request: counts bytes while they come and waits no longer than agreed."""

    def __init__(self, scope: Scope, receive: Receive, settings: Settings) -> None:
        self._receive = receive
        self._seconds = settings.limits.body_seconds
        self._left = settings.limits.json_bytes
        self._declared = 0
        for name, value in scope["headers"]:
            if name == b"content-type" and value.lower().startswith(b"multipart/form-data"):
                self._left = settings.limits.document_bytes + OVERHEAD
            elif name == b"content-length" and NUMBER.fullmatch(value):
                self._declared = int(value)
        self._until = 0.0
        self._complete = False

    async def __call__(self) -> Message:
        """Return the next part of the body, or refuse to read on."""
        if self._complete:
            return await self._receive()
        if self._declared > self._left:
            raise _too_large()
        loop = asyncio.get_running_loop()
        if not self._until:
            self._until = loop.time() + self._seconds
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise _plain(408, {"Connection": "close"}) from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _too_large()
        self._complete = not message.get("more_body", False)
        return message


def _too_large() -> Problem:
    return Problem("payload-too-large", headers={"Connection": "close"})


def _plain(status: int, headers: dict[str, str] | None = None) -> Problem:
    """Return a problem for a status that has no code of its own in the catalogue."""
    return Problem("invalid-parameter", status=status, headers=headers)


def as_problem(error: Exception, scope: Scope) -> Problem:
    """Return what the caller may know of an error; the log says where, never with which values."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, StoreUnavailable):
        log.warning("store unavailable: %s", error)
        return Problem("unavailable", headers={"Retry-After": "1"})
    if isinstance(error, TimeoutError):
        return Problem("unavailable", headers={"Retry-After": "1"})
    log.error(
        "%s in %s at %s (%s)",
        type(error).__name__,
        trace.of(scope).operation,
        place(error),
        trace.of(scope).correlation_id,
    )
    return Problem(problems.INTERNAL)


def place(error: BaseException) -> str:
    """Return the files and lines that an error passed through: a traceback without any value."""
    steps: list[str] = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        steps.append(f"{code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return " > ".join(steps[-6:])


async def send_problem(problem: Problem, scope: Scope, send: Send, language: str) -> None:
    """Send a problem as the whole answer."""
    about = trace.of(scope)
    rendered = problems.render(problem, language=language, correlation_id=about.correlation_id)
    about.code, about.language = rendered.code, language
    headers: list[tuple[bytes, bytes]] = [
        (b"content-type", problems.MEDIA_TYPE.encode()),
        (b"content-length", str(len(rendered.body)).encode()),
        *((name.lower().encode(), value.encode("latin-1", "replace")) for name, value in rendered.headers),
    ]
    start: dict[str, Any] = {"type": "http.response.start", "status": rendered.status, "headers": headers}
    await send(start)
    body = b"" if scope["method"] == "HEAD" else rendered.body
    await send({"type": "http.response.body", "body": body})
