"""Multipart forms with one file, bounded in parts, header sizes and field lengths."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from istmo.errors import Problem

from . import problems
from .parse import Upload

if TYPE_CHECKING:
    from .settings import Limits

PARTS = 16
FIELD_BYTES = 4096
HEADER_BYTES = 1024
FILE = "file"
# The parser warns of what a caller sent; the caller is told, and a process without log settings stays silent.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())


@dataclass(slots=True)
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: bytes = b""
    value: bytes = b""
    pieces: list[memoryview] = field(default_factory=list)  # of the body: a file of megabytes is copied once
    size: int = 0


class _Reader:
    """Collects the parts that the parser reports."""

    def __init__(self, limits: Limits) -> None:
        self.parts: list[_Part] = []
        self.complete = False
        self._limits = limits

    def on_part_begin(self) -> None:
        if len(self.parts) >= PARTS:
            raise Problem("payload-too-large")
        self.parts.append(_Part())

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].name += data[start:end]
        self._bound(len(self.parts[-1].name), HEADER_BYTES)

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].value += data[start:end]
        self._bound(len(self.parts[-1].value), HEADER_BYTES)

    def on_header_end(self) -> None:
        part = self.parts[-1]
        part.headers[part.name.lower()] = part.value
        part.name = part.value = b""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        part = self.parts[-1]
        part.pieces.append(memoryview(data)[start:end])
        part.size += end - start
        self._bound(part.size, self._limits.document_bytes)

    def on_end(self) -> None:
        self.complete = True

    @staticmethod
    def _bound(size: int, limit: int) -> None:
        if size > limit:
            raise Problem("payload-too-large")


def read(data: bytes, content_type: str, limits: Limits) -> Upload:
    """Return the fields and the file of a form, or refuse it."""
    _, options = parse_options_header(content_type.encode("latin-1"))
    boundary = options.get(b"boundary", b"")
    if content_type.lower().count("boundary=") != 1:  # with two of them, two readers see two forms
        raise _malformed()
    reader = _Reader(limits)
    names = ("on_part_begin", "on_header_field", "on_header_value", "on_header_end", "on_part_data", "on_end")
    try:
        callbacks: Any = {name: getattr(reader, name) for name in names}  # the parser's types want a TypedDict
        parser = MultipartParser(boundary, callbacks)
        parser.write(data)
        parser.finalize()
    except FormParserError:
        raise _malformed() from None
    if not reader.complete:
        raise _malformed()
    return _upload(reader.parts)


def _malformed() -> Problem:
    item = problems.parameter_item("header", "Content-Type", "wrong-format")
    return Problem("invalid-parameter", errors=[item])


def _upload(parts: list[_Part]) -> Upload:
    found = Upload()
    seen: set[str] = set()
    for part in parts:
        _, options = parse_options_header(part.headers.get(b"content-disposition", b""))
        try:
            name = options[b"name"].decode("utf-8")
            if name == FILE:
                found.data = b"".join(part.pieces)
                found.filename = options.get(b"filename", b"").decode("utf-8")[:200]
                kind, _ = parse_options_header(part.headers.get(b"content-type", b""))
                found.media_type = kind.decode("ascii").lower()
            elif part.size > FIELD_BYTES:
                raise problems.validation_failed([problems.body_item([name], "too-long")])
            else:
                found.fields[name] = b"".join(part.pieces).decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            raise _malformed() from None
        if name in seen:
            raise problems.validation_failed([problems.body_item([name], "repeated-item")])
        seen.add(name)
    if FILE not in seen:
        raise problems.validation_failed([problems.body_item([FILE], "missing-property")])
    return found
