"""Where data lies: the folders of a checkout, or the data folder of an installed kit. Any layer may import it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

__all__ = ["ROOT", "data"]

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_data"

# The checkout; meaningless in an installed kit, where only `data` may be asked.
ROOT = _PACKAGE.parent.parent


@lru_cache
def data(name: str) -> Path:
    """Return the folder of one kind of data: `specs`, `templates` or `conformance` (which holds `features`)."""
    return (_INSTALLED if _INSTALLED.is_dir() else ROOT) / name
