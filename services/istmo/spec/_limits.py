"""How large a document may be before the kit refuses to read it, and the one way to read its bytes."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from istmo.spec._refusal import refusal

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "read_bytes"]

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_NODES: Final = 200_000


def read_bytes(source: Path | bytes, limit: int) -> tuple[str, bytes]:
    """Return a name for messages and the bytes; only regular files are opened and no more than the limit is read."""
    if isinstance(source, bytes):
        name, raw = "document", source
    else:
        name, raw = source.name, _file(source, limit)
    if len(raw) > limit:
        raise refusal("spec-too-large", file=name, limit=f"{limit // 1024} KiB")
    return name, raw


def _file(path: Path, limit: int) -> bytes:
    try:
        # Not blocking: opening a named pipe would wait for a writer.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise refusal("spec-not-found", file=path.name) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise refusal("spec-unreadable", file=path.name, reason=reason) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise refusal("spec-unreadable", file=path.name, reason="not a regular file")
    with os.fdopen(handle, "rb") as file:
        return file.read(limit + 1)
