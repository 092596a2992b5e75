"""Tax number of El Salvador (NIT): as python-stdnum checks it, and with a day that exists in its date of birth."""

from __future__ import annotations

from stdnum.exceptions import InvalidFormat
from stdnum.sv import nit

from istmo.identifiers import _parts, passes

__all__ = ["calc_check_digit", "compact", "is_valid", "validate"]

DATE = slice(4, 10)
compact = nit.compact
calc_check_digit = nit.calc_check_digit


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it: the form first, then the check digit."""
    found = compact(number)
    if not (found.isascii() and found.isdigit()):
        raise InvalidFormat
    if len(found) == len("MMMMDDMMYYSSSC"):
        _parts.day_exists(found[DATE])
    return nit.validate(found)


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
