"""Calls to the judged service, which is hostile until proven otherwise.

Everything in the suite talks to a service through `Client`; nothing else opens a connection.
Redirects are never followed, nothing is retried, certificates are verified, and one wall clock covers
the whole call, body included: a server that drips a byte a second cannot stall a run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlsplit

from istmo.errors import Finding, Undecided
from istmo.spec import source_depth

JSON: TypeAlias = Any
# What is done while an answer is awaited; it is given a function that tells whether the answer has begun to arrive.
Meanwhile: TypeAlias = Callable[[Callable[[], bool]], None]

DEADLINE = 10.0
BODY_CAP = 2 * 1024 * 1024
FILE_CAP = 12 * 1024 * 1024
DEPTH_CAP = 64
_NO_BODY: bytes = b""


class Gone(Undecided):
    """The target does not answer at all: nobody is judged for it."""


class Late(Finding):
    """The answer was not complete in time."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call: the path begins with a slash and follows the origin of the target."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = _NO_BODY
    cap: int = BODY_CAP
    # What stands for a body of which only the beginning is kept once it was sent: its SHA-256, or that of the same body
    # with the SHA-256 in the place of a text of megabytes, which is the same in many bodies.
    whole: str = ""


@dataclass(slots=True)
class Answer:
    """What came back, undecoded."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float
    request: Request
    _parsed: JSON = field(default=..., repr=False)
    _named: dict[str, str] | None = field(default=None, repr=False)
    _media: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """Header values by lower-case name; repeated ones are joined by a comma."""
        if self._named is None:
            self._named = {}
            for name, value in self.fields:
                self._named[name] = f"{self._named[name]}, {value}" if name in self._named else value
        return self._named

    def header(self, name: str) -> str | None:
        """The value of one header."""
        return self.headers.get(name.lower())

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case."""
        if self._media is None:
            self._media = (self.header("content-type") or "").partition(";")[0].strip().lower()
        return self._media

    @property
    def is_json(self) -> bool:
        """Whether the declared media type is JSON or one of its family."""
        return self.media_type == "application/json" or self.media_type.endswith("+json")

    def json(self) -> JSON:
        """The body as JSON, strictly: UTF-8, no repeated members, no NaN, bounded depth."""
        if self._parsed is ...:
            self._parsed = decode(self.body)
        return self._parsed


class Client(Protocol):
    """The only way from the suite to a service."""

    origin: str

    def send(self, request: Request) -> Answer:
        """Send one call and wait for its answer."""

    def send_many(self, requests: Sequence[Request]) -> list[Answer]:
        """Send calls at the same time and return their answers in the order given."""

    def close(self) -> None:
        """Let go of connections and threads."""


def decode(body: bytes) -> JSON:
    """Decode JSON as I-JSON demands; every refusal is a Finding that never echoes the body."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Finding("the body is not UTF-8") from None
    if body.count(b"{") + body.count(b"[") > DEPTH_CAP and source_depth(body) > DEPTH_CAP:
        raise Finding(f"the body nests deeper than {DEPTH_CAP} levels")
    try:
        return json.loads(text, cls=_Strict) if text.startswith("\ufeff") else _STRICT.decode(text)
    except json.JSONDecodeError as error:
        raise Finding(f"the body is not JSON: {error.msg} at character {error.pos}") from None
    except (RecursionError, ValueError):
        raise Finding("the body is not JSON that can be read safely") from None


def _members(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    """An object from its members, refusing repeated names."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Finding("the body repeats a member of an object")
    return found


def _constant(name: str) -> JSON:
    raise Finding(f"the body holds {name}, which is not JSON")


class _Strict(json.JSONDecoder):
    """Refuses what two readers could understand differently."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=_members, parse_constant=_constant)


_STRICT = _Strict()


def text_of(raw: bytes) -> str:
    """Header bytes as text, lossily: for reading and reports, never for trust."""
    return raw.decode("latin-1").strip()


def read_body(chunks: Iterator[bytes], cap: int, until: float) -> bytes:
    """Collect a body, giving up at the cap or at the deadline."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > cap:
            raise Finding(f"the body is larger than {cap} bytes")
        if time.monotonic() > until:
            raise Late(f"the answer was not complete within {DEADLINE:g} s")
        parts.append(chunk)
    return b"".join(parts)


def refuse_encoding(fields: Sequence[tuple[str, str]]) -> None:
    """Refuse compressed bodies unread: we asked for none, and a small one may hold gigabytes."""
    for name, value in fields:
        if name == "content-encoding" and value.lower() != "identity":
            raise Finding("the body is compressed although only identity was accepted")


class HttpClient:
    """Calls over the network, one pool of connections a run."""

    def __init__(self, origin: str, *, deadline: float = DEADLINE, private: bool = False) -> None:
        from istmo_conformance import _network, _wire

        parts = urlsplit(origin)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._deadline = deadline
        self._host = parts.netloc.rpartition("@")[2]
        self._backend = _network.Deadlined(private=private)
        self._wires = _wire.Wires(self.origin, self._backend)
        self._threads: ThreadPoolExecutor | None = None
        self.meanwhile: Meanwhile | None = None

    def send(self, request: Request) -> Answer:
        """Send one call within the deadline."""
        answer = self._send(request, self.meanwhile)
        if answer.status >= 500:  # noqa: PLR2004  # any failure of the server
            # Some servers close the connection after a failure without saying so: the next call must not be blamed.
            self._wires.close()
        return answer

    def _send(self, request: Request, meanwhile: Meanwhile | None = None) -> Answer:
        import httpcore2

        started = time.monotonic()
        until = started + self._deadline
        self._backend.until(until)

        def work(has_come: Callable[[], bool]) -> None:
            nonlocal until
            if meanwhile is not None:
                began = time.monotonic()
                meanwhile(has_come)
                until += time.monotonic() - began  # our own time is not the service's
                self._backend.until(until)

        fields = [("Host", self._host), ("Accept-Encoding", "identity"), *request.headers]
        if request.body or request.method in {"POST", "PUT", "PATCH"}:
            fields.append(("Content-Length", str(len(request.body))))
        raw = [(name.encode("ascii"), value.encode("utf-8")) for name, value in fields]
        try:
            reply = self._wires.send(request.method, request.path, raw, request.body, work)
            try:
                refuse_encoding(reply.fields)
                body = read_body(reply.chunks, request.cap, until)
            finally:
                self._wires.release(reply)
        except httpcore2.ConnectError as error:
            raise Gone("target-down", f"{self.origin} does not accept connections ({_reason(error)})",
                       "start the service, or check the address") from None  # fmt: skip
        except httpcore2.TimeoutException:
            raise Late(f"the answer was not complete within {self._deadline:g} s") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise Finding(f"the connection broke before the answer was complete ({_reason(error)})") from None
        return Answer(reply.status, reply.fields, body, time.monotonic() - started, request)

    def send_many(self, requests: Sequence[Request]) -> list[Answer]:
        """Send calls at the same time, each on a connection of its own."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="istmo-client")
        return list(self._threads.map(self._send, requests))

    def close(self) -> None:
        """Close what is open."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        self._wires.close()


def _reason(error: Exception) -> str:
    """The kind of a network error in a word or two, never its whole text."""
    return (str(error) or type(error).__name__).splitlines()[0][:120]


def encode_fields(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Headers as pairs; a value that cannot travel is our fault and is refused early."""
    for name, value in headers.items():
        if any(ord(character) < 32 or ord(character) == 127 for character in name + value):
            raise ValueError(f"the header {name} holds a control character")
    return tuple(headers.items())
