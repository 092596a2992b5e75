"""Vehicle identification number (ISO 3779): seventeen letters and digits; the ninth checks them where it is used.

Makers outside North America need not set the check digit, so a wrong one never proves a wrong number.
"""

from __future__ import annotations

import re
from typing import Final

from stdnum.exceptions import InvalidChecksum, InvalidLength

from istmo.identifiers import _parts, passes

__all__ = ["calc_check_digit", "compact", "is_valid", "validate"]

LENGTH, CHECK = 17, 8
_FORM: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES: Final = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10)), strict=True)),
}
compact = _parts.joined


def calc_check_digit(number: str) -> str:
    """Return the sign that stands in the ninth place: the weighted sum of all others modulo 11, X for 10."""
    rest = sum(weight * _VALUES[sign] for weight, sign in zip(_WEIGHTS, number, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it."""
    found = compact(number)
    if len(found) != LENGTH:
        raise InvalidLength
    _parts.matched(_FORM, found)
    if found[CHECK] != calc_check_digit(found):
        raise InvalidChecksum
    return found


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
