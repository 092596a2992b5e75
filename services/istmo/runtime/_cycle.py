"""How an answer is written to its connection: head and body in one piece, and each header looked at once.

The web server looks at every name and value by itself; an answer of ours has more than a dozen, and what is not plainly
in order is still left to the server, which refuses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from uvicorn._types import ASGISendEvent

NAMES: Final = b"abcdefghijklmnopqrstuvwxyz0123456789-"
VALUES: Final = bytes(one for one in range(256) if one == 9 or (one >= 32 and one != 127))  # noqa: PLR2004 - RFC 9110, section 5.5
LARGE: Final = 256 * 1024  # bytes
# Headers that say how the body is framed or when the connection ends; the server knows what follows from them.
FRAMING: Final = frozenset({b"content-length", b"transfer-encoding", b"connection"})


class Cycle(RequestResponseCycle):
    """One request and its answer."""

    head = b""  # of an answer whose body has not come yet

    async def send(self, message: ASGISendEvent) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start" and self._keeps(message["status"], message.get("headers", ())):
            return
        if self.head:
            head, self.head = self.head, b""
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if last and self._whole(head, message.get("body", b"")):  # type: ignore[arg-type] # a body's message
                return
            if not self.disconnected:
                self.transport.write(head)
        await super().send(message)

    def _keeps(self, status: int, given: Iterable[tuple[bytes, bytes]]) -> bool:
        """Keep a head for its body, unless there is anything about it that the server must decide."""
        if self.response_started or self.disconnected or not self.keep_alive or self.access_log:
            return False
        names, values, parts, length = [], [], [STATUS_LINE[status]], b""
        for name, value in (*self.default_headers, *given):
            names.append(name)
            values.append(value)
            parts += (name, b": ", value, b"\r\n")
            if name == b"content-length" and not length:
                length = value
            elif name in FRAMING:
                return False
        odd = b"".join(names).translate(None, NAMES) or b"".join(values).translate(None, VALUES)
        if odd or b"" in names or not length.isdigit():
            return False
        parts.append(b"\r\n")
        self.response_started, self.waiting_for_100_continue = True, False
        self.chunked_encoding, self.expected_content_length = False, int(length)
        self.head = b"".join(parts)
        return True

    def _whole(self, head: bytes, body: bytes) -> bool:
        """Write an answer whose body came in one part and has the length that was announced."""
        if self.flow.write_paused or self.disconnected or self.response_complete:
            return False
        if len(body) != self.expected_content_length or self.scope["method"] == "HEAD":
            return False
        self.expected_content_length = 0
        if len(body) > LARGE:  # one more call to the system costs less than a copy of it
            self.transport.write(head)
            self.transport.write(body)
        else:
            self.transport.write(head + body)
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:  # since its head was kept, the server was told to stop
            self.transport.close()
        self.on_response()
        return True
