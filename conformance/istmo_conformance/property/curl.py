"""A call as a line that a person can copy, with a placeholder where the token was."""

from __future__ import annotations

import shlex

from istmo_conformance.client import Request

LONGEST = 1200
# What curl or the connection sets by itself.
_SKIPPED = frozenset({"accept", "content-length", "host"})


def line(request: Request, who: str, origin: str) -> str:
    """The call as a curl line; the token stands as a variable named after its persona."""
    words = ["curl", "-i"] if request.method == "GET" else ["curl", "-i", "-X", shlex.quote(request.method)]
    words.append(shlex.quote(origin + request.path))
    for name, value in request.headers:
        if name.lower() == "authorization":
            words.append(f'-H "Authorization: Bearer $TOKEN_{who.upper()}"')
        elif name.lower() not in _SKIPPED:
            words.append("-H " + shlex.quote(f"{name}: {value}"))
    if request.body:
        words.append("--data-binary " + _body(request.body))
    return " ".join(words)


def _body(body: bytes) -> str:
    """A body in the quotes of a shell; what is no plain text is written by its bytes."""
    cut = body[:LONGEST]
    text = cut.decode("utf-8", errors="replace")
    if len(body) > LONGEST:
        return shlex.quote(text) + f" # {len(body)} bytes"
    if text.isprintable() and text.encode() == body:
        return shlex.quote(text)
    return "$'" + "".join(_byte(byte) for byte in body) + "'"


def _byte(byte: int) -> str:
    character = chr(byte)
    return character if 32 <= byte < 127 and character not in "'\\" else f"\\x{byte:02x}"
