"""Taxpayer number of a company in Panama (RUC): three groups of digits. Natural persons use their card.

The two digits of verification (DV) are written apart from it. Public descriptions of them disagree: keep, never judge.
"""

from __future__ import annotations

import re
from typing import Final

from istmo.identifiers import _parts, passes
from istmo.identifiers.pa import cedula

__all__ = ["compact", "is_valid", "validate"]

_FORM: Final = re.compile(r"[0-9]{1,10}-[0-9]{1,4}-[0-9]{1,6}")
compact = cedula.compact


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it."""
    return _parts.matched(_FORM, compact(number))[0]


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
