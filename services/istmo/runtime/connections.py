"""Connections that cannot be held: slow, idle, endless and unreadable ones end here, without a front proxy.

Uvicorn parses; this protocol adds what it leaves to a proxy. `uvicorn --http istmo.runtime.connections:Guarded` takes
it for a server that is not started by `istmo serve`.

    head     the request line and the headers have `header_seconds` and a bound in bytes; then 408 or 431
    body     what nobody reads any more is thrown away up to a bound; while it is read, the edge guard counts
    answer   a reader who takes nothing for `write_seconds` is cut off
    idle     a kept connection without a request is closed after `idle_seconds`
    many     more than `connections` are told to come back
"""

from __future__ import annotations

import contextlib
import socket
import uuid
from functools import cache
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from istmo.errors import Problem

from . import parse, problems
from ._cycle import Cycle
from .settings import Limits
from .trace import SAFE_HEADERS

if TYPE_CHECKING:
    import asyncio

SLACK = 4096  # what a head may be longer than headers and target: versions, colons, blanks
SPARE_BYTES = 1024 * 1024  # that are thrown away before the connection is closed without more courtesy
LINGER = 1.0  # seconds in which a client that still sends may read why it was refused
SEND_BUFFER = 64 * 1024  # of the kernel: small, so that a reader who takes nothing is seen soon
SURPLUS = 2  # times the limit of connections: beyond, none is even answered
SPARE_FILES = 128  # descriptors that the database, the outbox and the listener need
LANGUAGES = ("es", "en")


class Guarded(HttpToolsProtocol):
    """One connection, bounded in time and size in each of its phases."""

    limits: Limits | None = None  # None: those of the environment

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the base does
        """Begin to watch."""
        self.bounds = self.limits or _environment()
        self.timeout_keep_alive = self.bounds.idle_seconds  # type: ignore[assignment] # seconds may be parts of one
        self.watched = Watched(transport, self)
        self.deaf = False  # whatever still comes is thrown away
        self.begun = self.within = False  # in a head; between a head and the end of its message
        self.head_bytes = self.spare_bytes = 0
        self.deadline: asyncio.TimerHandle | None = None
        super().connection_made(self.watched)  # type: ignore[arg-type] # it has the members that are used
        self.surplus = len(self.connections) > self.bounds.connections
        if len(self.connections) > SURPLUS * self.bounds.connections:
            transport.abort()
            return
        with contextlib.suppress(OSError, AttributeError):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._expect(self.bounds.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        self._expect(None)
        self.watched.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as long as that leads anywhere."""
        if self.deaf:
            self._throw_away(len(data))
            return
        fresh = not self.within and not self.head_bytes
        if not self.within:
            self.head_bytes += len(data)
        elif self.cycle is not None and self.cycle.response_complete:
            self._throw_away(len(data))
        super().data_received(data)
        if fresh and self.head_bytes and not self.deaf:  # a head that did not come whole, which few do not
            self._expect(self.bounds.header_seconds)
        if self.deaf or self.within or not self.begun:
            return
        if self.deadline is None:  # a head began behind the end of another message
            self._expect(self.bounds.header_seconds)
            self.head_bytes = len(data)
        if self.head_bytes > self.bounds.header_bytes + self.bounds.target_bytes + SLACK:
            self.refuse(Problem("headers-too-large"))

    def _throw_away(self, count: int) -> None:
        self.spare_bytes += count
        if self.spare_bytes > SPARE_BYTES:
            self.deaf = True
            self.watched.end()

    # ------------------------------------------------------------------ what the parser tells

    def on_message_begin(self) -> None:
        """A request begins."""
        self.begun, self.spare_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole: what follows is a body, or nothing."""
        self.begun, self.within, self.head_bytes = False, True, 0
        self._expect(None)
        if self.deaf:
            return
        if self.surplus:
            self.refuse(Problem("unavailable", headers={"Retry-After": "2"}))
            return
        super().on_headers_complete()
        if type(self.cycle) is RequestResponseCycle:  # the server makes it, and no setting says of which kind
            self.cycle.__class__ = Cycle

    def on_body(self, body: bytes) -> None:
        """A part of the body has come."""
        if not self.deaf:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self.within = False
        if self.deaf:
            return
        if self.cycle.response_complete:
            self._expect(self.bounds.idle_seconds)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is written; what is left of the request has as long as a body has."""
        super().on_response_complete()
        if self.within and self.cycle.response_complete and not self.deaf:
            self._expect(self.bounds.body_seconds)
        self.watched.drain()

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        super().pause_writing()
        self.watched.drain()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - it names what the parser stumbled over
        """Refuse what is no HTTP; a whole request before it is still answered."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            self.refuse(Problem("invalid-parameter"))
        elif not cycle.more_body:
            self.deaf = True
            cycle.keep_alive = False
        else:  # its own body is broken
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started or self.pipeline:
                self.watched.end()
            else:
                self.refuse(Problem("invalid-parameter"))

    def _unsupported_upgrade_warning(self) -> None:
        """After a wish for another protocol the parser reads no further request: this one is the last."""
        self.deaf = True
        if self.cycle is not None:
            self.cycle.keep_alive = False

    # ------------------------------------------------------------------ ends

    def _expect(self, seconds: float | None) -> None:
        """Let the present phase end within so many seconds, or without a bound of ours."""
        if self.deadline is not None:
            self.deadline.cancel()
        self.deadline = None if seconds is None else self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        self.deadline = None
        if self.watched.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self._expect(self.bounds.header_seconds)  # the beginning of another request waits behind this one
        elif self.within or not self.begun:
            self.watched.end()
        else:
            self.refuse(Problem("request-timeout"))

    def refuse(self, problem: Problem) -> None:
        """Answer with a problem that no application has seen, and close."""
        self.deaf = True
        self._unset_keepalive_if_required()
        if self.watched.is_closing():
            return
        wanted = b",".join(value for name, value in self.headers or () if name == b"accept-language")
        language = parse.language(wanted.decode("latin-1"), LANGUAGES, LANGUAGES[0])
        correlation = str(uuid.uuid4())
        rendered = problems.render(problem, language=language, correlation_id=correlation)
        headers = [
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(rendered.body)).encode()),
            (b"content-language", language.encode()),
            (b"correlation-id", correlation.encode()),
            (b"connection", b"close"),
            *((name.lower().encode(), value.encode()) for name, value in rendered.headers),
            *SAFE_HEADERS,
        ]
        head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self.watched.write(STATUS_LINE[rendered.status] + head + b"\r\n" + rendered.body)
        self.watched.linger()


class Watched:
    """A transport that ends although the other side reads nothing or does not stop sending."""

    def __init__(self, inner: asyncio.Transport, protocol: Guarded) -> None:
        self.inner = inner
        self.is_closing, self.get_write_buffer_size = inner.is_closing, inner.get_write_buffer_size
        self.protocol = protocol
        self.written = self.sent = 0
        self.watch: asyncio.TimerHandle | None = None
        self.last: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - everything else is the transport's own
        return getattr(self.inner, name)

    def write(self, data: bytes) -> None:
        """Write, and count what is written."""
        self.written += len(data)
        self.inner.write(data)

    def close(self) -> None:
        """Close; a client that is still sending first gets a moment to read why."""
        if self.protocol.within or self.protocol.deaf:
            self.linger()
        else:
            self.end()

    def linger(self) -> None:
        """Say that nothing more comes, and throw away what still arrives for a moment."""
        self.protocol.deaf = True
        if self.last is not None or self.inner.is_closing():
            return
        if self.inner.can_write_eof():
            self.inner.write_eof()
        self.inner.resume_reading()
        self.drain()
        self.last = self.protocol.loop.call_later(LINGER, self.end)

    def end(self) -> None:
        """Close for good; what is written still leaves if it is read in time."""
        self.inner.close()
        self.drain()

    def drain(self) -> None:
        """Watch what is not yet sent."""
        if self.watch is None and self.inner.get_write_buffer_size() > 0:
            self.sent = self.written - self.inner.get_write_buffer_size()
            self.watch = self.protocol.loop.call_later(self.protocol.bounds.write_seconds, self._look)

    def _look(self) -> None:
        self.watch = None
        left = self.inner.get_write_buffer_size()
        if left and self.written - left <= self.sent:
            self.inner.abort()
        else:
            self.drain()

    def stop(self) -> None:
        """Forget the timers."""
        for timer in (self.watch, self.last):
            if timer is not None:
                timer.cancel()


@cache
def _environment() -> Limits:
    return Limits()


def guarded(limits: Limits) -> type[Guarded]:
    """Return the protocol for these limits, with no more connections than this process may open files."""
    allowed = _files(limits.connections + SPARE_FILES) - SPARE_FILES
    bounded = limits.model_copy(update={"connections": max(1, min(limits.connections, allowed))})
    return type("Guarded", (Guarded,), {"limits": bounded})


def _files(wanted: int) -> int:
    """Return how many files this process may open, after asking for as many as wanted."""
    try:
        import resource  # noqa: PLC0415 - not every system has it
    except ImportError:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        best = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (best, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return wanted if soft == resource.RLIM_INFINITY else soft
