"""How often Python looks for objects that only hold each other.

A run keeps most of what it makes, and looking took a sixth of it.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
from collections.abc import Iterator
from typing import Final

_SELDOM: Final = (50_000, 20, 100)


def look_seldom() -> None:
    """Look less often from now on, and not at all while the process ends."""
    gc.set_threshold(*_SELDOM)
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)  # nothing that a run has kept needs to be taken apart


@contextlib.contextmanager
def unhurried() -> Iterator[None]:
    """Look less often for a while."""
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
