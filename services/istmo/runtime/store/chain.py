"""Verifies a journal: each link holds the digest of the one before it, so every change shows where it was made."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._protocol import JournalEntry

GENESIS = "0" * 64


def link_digest(previous: str, entry: str) -> str:
    """Return the digest of a link: over the previous digest and the canonical entry."""
    return sha256(f"{previous}\n{entry}".encode()).hexdigest()


def verify(links: Iterable[JournalEntry], *, previous: str = GENESIS, after: int = 0) -> int | None:
    """Return the number of the first link that does not fit, or None; a cut tail needs a head kept elsewhere."""
    for link in links:
        after += 1
        if link.seq != after or link.previous != previous or link.digest != link_digest(previous, link.entry):
            return link.seq
        previous = link.digest
    return None
