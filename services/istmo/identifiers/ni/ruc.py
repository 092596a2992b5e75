"""Taxpayer number of a legal person in Nicaragua (RUC): J and thirteen digits. Natural persons use their card."""

from __future__ import annotations

import re
from typing import Final

from stdnum.exceptions import InvalidLength

from istmo.identifiers import _parts, passes

__all__ = ["compact", "is_valid", "validate"]

LENGTH = 14
_FORM: Final = re.compile(r"J[0-9]{13}")
compact = _parts.joined


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it."""
    found = compact(number)
    if len(found) != LENGTH:
        raise InvalidLength
    return _parts.matched(_FORM, found)[0]


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
