"""Synthetic files: small, deterministic, of the kind that their name says, with nobody's data in them."""

from __future__ import annotations

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
_BOUNDARY = "istmo-conformance-boundary"


def synthetic(name: str, size: int) -> tuple[bytes, str]:
    """A file of a size, and the media type that its ending stands for."""
    media = MEDIA.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    head, tail = _HEADS.get(media, (b"", b""))
    return head + b"x" * max(0, size - len(head) - len(tail)) + tail, media


def multipart(fields: dict[str, str], name: str, content: bytes, media: str) -> tuple[str, bytes]:
    """A multipart body and its Content-Type."""
    parts = []
    for key, value in fields.items():
        parts.append(f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode())
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    parts.append(f"{head}Content-Type: {media}\r\n\r\n".encode() + content + b"\r\n")
    parts.append(f"--{_BOUNDARY}--\r\n".encode())
    return f"multipart/form-data; boundary={_BOUNDARY}", b"".join(parts)
