"""Calls in HTTP/1.1 over kept connections, for the client and nobody else.

A run makes thousands of calls, and a parser written in Python costs more than all else about one. So a head that is
formed as plainly as nearly all are is taken apart by one expression. Whatever that does not take as it stands goes to
h11, byte for byte: what is no HTTP is decided there and by nothing of ours.
"""

from __future__ import annotations

import re
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property, lru_cache, partial
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import h11
import httpcore2

from istmo_conformance._network import Deadlined
from istmo_conformance.client import Meanwhile, text_of

Field: TypeAlias = tuple[str, str]
Raw: TypeAlias = Sequence[tuple[bytes, bytes]]
CHUNK: Final = 64 * 1024
LARGEST_HEAD: Final = 100 * 1024
KEPT: Final = 16
EXPIRY: Final = 2.0  # seconds for which an idle connection is thought to be good
PORTS: Final = {"http": 80, "https": 443}
_TOKEN: Final = rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+"
_ASKED: Final = re.compile(rb"[A-Z]+ [!-~]+ HTTP/1\.1\r\n(?:" + _TOKEN + rb": (?:[!-~](?:[ -~]*[!-~])?)?\r\n)*\r\n")
_ANSWERED: Final = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9]) [ -~]*\r\n((?:" + _TOKEN + rb": ?(?:[!-~][ -~]*)?\r\n)*)\r\n"
)
_END: Final = re.compile(rb"\n\r?\n")  # of a head, as h11 finds it
_LENGTH: Final = re.compile(r"[0-9]{1,15}")
_BODILESS: Final = frozenset({204, 304})
# What decides how a request is framed, or what may follow it.
_SHAPING: Final = frozenset({b"host", b"content-length", b"transfer-encoding", b"connection", b"expect", b"upgrade"})


class Line:
    """One connection: a call at a time."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self.stream = stream
        self.rest = b""  # what came behind the last answer, and will be read as the next one
        self.since = 0.0

    @property
    def good(self) -> bool:
        """Whether the server has kept an idle connection: one that can be read has been closed."""
        return time.monotonic() <= self.since + EXPIRY and not self.has_come()

    def has_come(self) -> bool:
        """Whether there is something to read."""
        return bool(self.stream.get_extra_info("is_readable"))


class Reply:
    """The head of an answer, and its body as it comes."""

    def __init__(self, line: Line, status: int, fields: tuple[Field, ...]) -> None:
        self.line = line
        self.status = status
        self.fields = fields
        self.chunks: Iterator[bytes] = iter(())
        self.whole = False  # whether the body has come to its end, and the connection is good for another call


class Wires:
    """The connections to one origin."""

    def __init__(self, origin: str, backend: Deadlined) -> None:
        parts = urlsplit(origin)
        self._host = parts.hostname or ""
        self._port = parts.port or PORTS.get(parts.scheme, 80)
        self._secure = parts.scheme == "https"
        self._backend = backend
        self._idle: deque[Line] = deque()

    def send(self, method: str, target: str, fields: Raw, body: bytes, meanwhile: Meanwhile) -> Reply:
        """Send a request and read the head of its answer; whoever takes the reply has to release it.

        Between the two `meanwhile` is called, with a function that tells whether the answer has begun to arrive.
        """
        line = self._line()
        try:
            call = _Call(line, method.encode("ascii"), target.encode("ascii"), fields, body)
            return call.reply(partial(meanwhile, line.has_come))
        except BaseException:
            line.stream.close()
            raise

    def release(self, reply: Reply) -> None:
        """Keep the connection of a reply that was read to its end, and close any other."""
        if reply.whole and len(self._idle) < KEPT:
            reply.line.since = time.monotonic()
            self._idle.append(reply.line)
        else:
            reply.line.stream.close()

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop().stream.close()

    def _line(self) -> Line:
        while True:
            try:
                line = self._idle.pop()
            except IndexError:
                return Line(self._connected())
            if line.good:
                return line
            line.stream.close()

    def _connected(self) -> httpcore2.NetworkStream:
        stream = self._backend.connect_tcp(self._host, self._port)
        return stream.start_tls(self._trust, self._host) if self._secure else stream

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        context = httpcore2.default_ssl_context()
        context.set_alpn_protocols(["http/1.1"])
        return context


class _Call:
    """One request on its way, and its answer."""

    def __init__(self, line: Line, method: bytes, target: bytes, fields: Raw, body: bytes) -> None:
        self.line, self.method, self.target, self.fields, self.body = line, method, target, fields, body
        self.seen, line.rest = line.rest, b""

    @cached_property
    def judge(self) -> h11.Connection:
        """Who reads what is not plain."""
        return h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)

    def reply(self, meanwhile: Callable[[], None]) -> Reply:
        """Send, and read until the head of the answer is there."""
        rows = b"".join([name + b": " + value + b"\r\n" for name, value in self.fields])
        head = b"%b %b HTTP/1.1\r\n%b\r\n" % (self.method, self.target, rows)
        if not self._is_plain(head):
            for data in self._told():
                self._write(data)
            meanwhile()
            return self._judged()
        self._write(head + self.body)
        meanwhile()
        while not _END.search(self.seen):
            more = b""
            if b"HTTP/1.1 ".startswith(self.seen[:9]) and len(self.seen) <= CHUNK:
                more = self.line.stream.read(CHUNK)
                self.seen += more
            if not more:
                break
        reply = self._plainly()
        if reply is None:
            list(self._told())
            reply = self._judged()
        return reply

    def _is_plain(self, head: bytes) -> bool:
        """Whether a request is one about whose form h11 would have nothing to say."""
        shaping = [field for field in self.fields if field[0].lower() in _SHAPING]
        length = (b"Content-Length", b"%d" % len(self.body))
        sized = shaping[1:] == [length] or (shaping[1:] == [] and not self.body)
        return sized and shaping[0][0] == b"Host" and self.method != b"HEAD" and bool(_ASKED.fullmatch(head))

    def _write(self, data: bytes) -> None:
        with suppress(httpcore2.WriteError):  # a server may refuse a request before it has read all of it
            self.line.stream.write(data)

    # Answers that are plain

    def _plainly(self) -> Reply | None:
        """The reply, if its head is plain and says how long its body is."""
        head = _ANSWERED.match(self.seen)
        if head is None:
            return None
        status, lengths = int(head[1]), []
        fields = tuple([_field(row) for row in head[2].decode("ascii").split("\r\n")[:-1]])
        for name, value in fields:
            if name == "content-length":
                lengths.append(value)
            elif name == "transfer-encoding" or (name == "connection" and value.lower() != "keep-alive"):
                return None
        if [one for one in lengths if not _LENGTH.fullmatch(one)] or len(lengths) > 1:
            return None
        if status not in _BODILESS and not lengths:
            return None
        reply = Reply(self.line, status, fields)
        reply.chunks = self._counted(reply, self.seen[head.end() :], 0 if status in _BODILESS else int(lengths[0]))
        return reply

    def _counted(self, reply: Reply, come: bytes, length: int) -> Iterator[bytes]:
        left = length
        while True:
            piece, self.line.rest = come[:left], come[left:]
            left -= len(piece)
            if piece:
                yield piece
            if not left:
                break
            come = self.line.stream.read(CHUNK)
            if not come:
                said = f"(received {length - left} bytes, expected {length})"
                raise httpcore2.RemoteProtocolError(
                    f"peer closed connection without sending complete message body {said}"
                )
        reply.whole = True

    # All others

    def _told(self) -> Iterator[bytes]:
        """Tell h11 what is asked; yields the bytes that say so."""
        with _errors():
            asked = h11.Request(method=self.method, target=self.target, headers=list(self.fields))
        body = [h11.Data(data=self.body)] if self.body else []
        for event in (asked, *body, h11.EndOfMessage()):
            yield self.judge.send(event) or b""

    def _judged(self) -> Reply:
        if self.seen:
            self.judge.receive_data(self.seen)
        event = self._event()
        while isinstance(event, h11.InformationalResponse):
            event = self._event()
        if not isinstance(event, h11.Response):
            raise httpcore2.RemoteProtocolError("no answer")
        found = tuple((text_of(name).lower(), text_of(value)) for name, value in event.headers.raw_items())
        reply = Reply(self.line, event.status_code, found)
        reply.chunks = self._followed(reply)
        return reply

    def _followed(self, reply: Reply) -> Iterator[bytes]:
        while isinstance(event := self._event(), h11.Data):
            yield bytes(event.data)
        if self.judge.our_state is h11.DONE and self.judge.their_state is h11.DONE:
            self.line.rest = self.judge.trailing_data[0]
            reply.whole = True

    def _event(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            with _errors():
                event = self.judge.next_event()
            if not isinstance(event, type) or event is h11.PAUSED:
                return event
            data = self.line.stream.read(CHUNK)
            if not data and self.judge.their_state is h11.SEND_RESPONSE:
                raise httpcore2.RemoteProtocolError("Server disconnected without sending a response.")
            self.judge.receive_data(data)


@contextmanager
def _errors() -> Iterator[None]:
    """What h11 refuses, under the names of httpcore2."""
    try:
        yield
    except h11.RemoteProtocolError as error:
        raise httpcore2.RemoteProtocolError(str(error)) from None
    except h11.LocalProtocolError as error:
        raise httpcore2.LocalProtocolError(str(error)) from None


@lru_cache(maxsize=512)
def _field(row: str) -> Field:
    """A header from its line; most say the same in every answer."""
    name, _, value = row.partition(":")
    return name.lower(), value.strip()
