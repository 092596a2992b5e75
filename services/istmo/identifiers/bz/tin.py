"""Taxpayer number of Belize: six digits, perhaps with one or two more, of which the sources disagree."""

from __future__ import annotations

from stdnum.exceptions import InvalidFormat, InvalidLength

from istmo.identifiers import _parts, passes

__all__ = ["compact", "is_valid", "validate"]

SHORTEST, LONGEST = 6, 8
compact = _parts.joined


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it."""
    found = compact(number)
    if not (found.isascii() and found.isdigit()):
        raise InvalidFormat
    if not SHORTEST <= len(found) <= LONGEST:
        raise InvalidLength
    return found


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
