"""Opaque cursors: a position sealed for one caller, one operation and one filter."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from istmo.errors import Problem

from . import problems

if TYPE_CHECKING:
    from .work import Work

_ENCODE = json.JSONEncoder(sort_keys=True).encode
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+", re.ASCII)
SEAL = 16  # bytes of the code that are kept


def purpose(work: Work, owner: str | None, keys: Mapping[str, str | Sequence[str]]) -> bytes:
    """Return what a cursor is good for; a cursor of anything else does not open."""
    wanted = tuple((name, value if isinstance(value, str) else tuple(value)) for name, value in keys.items())
    return _digest(work.operation_id, work.caller.subject, work.caller.acting_for, owner, wanted)


@lru_cache(1024)
def _digest(*parts: Any) -> bytes:  # noqa: ANN401 - as many words as there are, and pairs of them
    *words, wanted = parts
    return hashlib.sha256(_ENCODE([*words, dict(wanted)]).encode()).digest()


def write(work: Work, seq: int, what_for: bytes) -> str:
    """Return the cursor that continues after a record."""
    position = seq.to_bytes(8, "big")
    seal = work.context.keys.mac("cursor", what_for + position)[:SEAL]
    return base64.urlsafe_b64encode(position + seal).rstrip(b"=").decode()


def read(work: Work, cursor: str | None, what_for: bytes) -> int:
    """Return the position of a cursor, 0 when there is none; refuse one that this service did not make."""
    if cursor is None:
        return 0
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise bad_cursor() from None
    position, seal = data[:8], data[8:]
    again = write(work, int.from_bytes(position, "big"), what_for) if len(data) == 8 + SEAL else ""
    if len(seal) != SEAL or not _same(again, cursor):
        raise bad_cursor()
    return int.from_bytes(position, "big")


def link(work: Work, cursor: str) -> str:
    """Return the address of the next page."""
    query = {**work.request.query, "cursor": cursor}
    return work.request.path + "?" + "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in query.items()])


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote(text)


def bad_cursor() -> Problem:
    """Return the refusal of a cursor."""
    return Problem("invalid-parameter", errors=[problems.parameter_item("query", "cursor", "wrong-format")])


def _same(one: str, other: str) -> bool:

    return hmac.compare_digest(one.encode(), other.encode())
