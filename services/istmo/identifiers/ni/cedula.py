"""Identity card of Nicaragua: municipality, day of birth as DDMMYY, sequence, and a letter that checks the digits.

The letter is not published officially; two independent programs and a sample agree on it. The century is not told:
never derive an age from the number.
"""

from __future__ import annotations

import re
from typing import Final

from stdnum.exceptions import InvalidChecksum, InvalidLength

from istmo.identifiers import _parts, passes

__all__ = ["LETTERS", "calc_check_digit", "compact", "is_valid", "validate"]

LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXY"
_FORM: Final = re.compile(rf"([0-9]{{3}})([0-9]{{6}})([0-9]{{4}})([{LETTERS}])")
LENGTH = 14
compact = _parts.joined


def calc_check_digit(number: str) -> str:
    """Return the letter that completes thirteen digits: their number modulo 23."""
    return LETTERS[int(number[: LENGTH - 1]) % len(LETTERS)]


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it."""
    found = compact(number)
    if len(found) != LENGTH:
        raise InvalidLength
    parts = _parts.matched(_FORM, found)
    _parts.day_exists(parts[2])
    if parts[4] != calc_check_digit(found):
        raise InvalidChecksum
    return found


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
