"""Identity number of Honduras (DNI): department, municipality, year of birth, sequence; no check digit."""

from __future__ import annotations

from typing import Final

from stdnum.exceptions import InvalidComponent

from istmo.identifiers import _parts, passes

__all__ = ["compact", "is_valid", "validate"]

LENGTH = 13
DEPARTMENTS: Final = range(1, 19)
YEARS: Final = range(1900, 2100)
compact = _parts.joined


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it."""
    found = _parts.digits(number, LENGTH)
    if int(found[:2]) not in DEPARTMENTS or int(found[4:8]) not in YEARS:
        raise InvalidComponent
    return found


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
