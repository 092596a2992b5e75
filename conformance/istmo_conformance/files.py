"""Synthetic files, deterministic and with nobody's data in them, and the forms in which files are sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from istmo.spec import Operation, Spec
from istmo_conformance.constraints import Breach

JSON: TypeAlias = Any
MULTIPART = "multipart/form-data"

MEDIA = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "xml": "application/xml",
    "json": "application/json",
    "txt": "text/plain",
    "exe": "application/octet-stream",
}
_HEADS = {
    "application/pdf": (b"%PDF-1.7\n", b"\n%%EOF\n"),
    "image/png": (b"\x89PNG\r\n\x1a\n", b""),
    "image/jpeg": (b"\xff\xd8\xff\xe0", b"\xff\xd9"),
    "application/xml": (b"<?xml version='1.0'?><document>", b"</document>"),
    "application/json": (b'{"text":"', b'"}'),
}
_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "application/xml": "xml"}
_BOUNDARY = "istmo-conformance-boundary"


def synthetic(name: str, size: int) -> tuple[bytes, str]:
    """A file of a size, and the media type that its ending stands for."""
    media = MEDIA.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    head, tail = _HEADS.get(media, (b"", b""))
    return head + b"x" * max(0, size - len(head) - len(tail)) + tail, media


def multipart(fields: Mapping[str, str], name: str, content: bytes, media: str) -> tuple[str, bytes]:
    """A form with fields and one file, as bytes, and its Content-Type."""
    parts = [*(_field(*field) for field in fields.items()), _file("file", name, content, media)]
    return _closed(parts)


def form(document: Mapping[str, str], files: Mapping[str, str]) -> tuple[str, str]:
    """A form that carries a document, whose members are texts, and its Content-Type; files by name and media type."""
    parts = [
        _file(name, f"sample.{_ENDINGS.get(files[name], 'bin')}", text.encode(), files[name])
        if name in files
        else _field(name, text)
        for name, text in document.items()
    ]
    content_type, body = _closed(parts)
    return content_type, body.decode()


def files_of(spec: Spec, operation: Operation) -> dict[str, str]:
    """The parts of the form of an operation that are files, each with the first media type that it may have."""
    content = (operation.node.get("requestBody") or {}).get("content") or {}
    encodings = (content.get(MULTIPART) or {}).get("encoding") or {}
    pointer = operation.request.get(MULTIPART)
    found = {}
    for name, schema in (spec.schema(pointer).get("properties") or {}).items() if pointer else ():
        media = str((encodings.get(name) or {}).get("contentType", "")).partition(",")[0].strip()
        if isinstance(schema, dict) and (schema.get("format") == "binary" or "contentMediaType" in schema):
            found[name] = media or str(schema.get("contentMediaType", "application/octet-stream"))
    return found


def in_a_form(breaches: Iterable[Breach], rule: Any, example: JSON, files: Mapping[str, str]) -> list[Breach]:
    """Those of some breaches that a form can carry, as texts; what is in a file has requirements of its own.

    A form knows no types: what breaks a type is left, and whatever as a text breaks the rule no longer.
    """
    found = []
    for one in breaches:
        if one.rule == "type" or not isinstance(one.document, dict):
            continue
        document = {name: value if isinstance(value, str) else str(value) for name, value in one.document.items()}
        wrong = rule.violations(document)
        same_files = all(document[name] == example.get(name) for name in files if name in document)
        if same_files and len(wrong) == 1 and wrong[0].pointer in one.places:
            found.append(replace(one, document=document))
    return found


def _field(name: str, value: str) -> bytes:
    return _part(f'name="{name}"', "", value.encode())


def _file(name: str, filename: str, content: bytes, media: str) -> bytes:
    return _part(f'name="{name}"; filename="{filename}"', f"Content-Type: {media}\r\n", content)


def _part(told: str, more: str, content: bytes) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {told}\r\n{more}\r\n"
    return head.encode() + content + b"\r\n"


def _closed(parts: Iterable[bytes]) -> tuple[str, bytes]:
    return f"{MULTIPART}; boundary={_BOUNDARY}", b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])
