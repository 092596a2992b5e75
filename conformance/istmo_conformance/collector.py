"""How often Python looks for objects that only hold each other.

A run keeps most of what it makes, and looking took a sixth of it.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import Final

_SELDOM: Final = (50_000, 20, 100)


def look_seldom() -> None:
    """Look less often from now on, in a process that ends with what it does."""
    gc.set_threshold(*_SELDOM)


@contextlib.contextmanager
def unhurried() -> Iterator[None]:
    """Look less often for a while."""
    before = gc.get_threshold()
    look_seldom()
    try:
        yield
    finally:
        gc.set_threshold(*before)
