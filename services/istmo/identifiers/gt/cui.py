"""Unique identification code of Guatemala (CUI): eight digits, a check digit, department, municipality.

When the remainder is 10 no digit equals it; of two public descriptions one takes 0 for it and the other takes nothing.
A number that ends so is `Doubtful`.
"""

from __future__ import annotations

from typing import Final

from stdnum.exceptions import InvalidChecksum, InvalidComponent

from istmo.identifiers import Doubtful, _parts, passes

__all__ = ["MUNICIPALITIES", "calc_check_digit", "compact", "is_valid", "validate"]

LENGTH = 13
# Municipalities of the departments 01 to 22. Where the sources differ (05, 13) the larger number stands here: too small
# a one would refuse people.
MUNICIPALITIES: Final = (17, 8, 16, 16, 14, 14, 19, 8, 24, 21, 9, 30, 33, 21, 8, 17, 14, 5, 11, 11, 7, 17)
NO_DIGIT = 10
compact = _parts.joined


def _remainder(number: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(range(2, 10), number, strict=False)) % 11


def calc_check_digit(number: str) -> str:
    """Return the digit that completes the first eight: weights from 2 to 9, modulo 11; 0 where none is sure."""
    return str(_remainder(number) % NO_DIGIT)


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it."""
    found = _parts.digits(number, LENGTH)
    department, municipality = int(found[9:11]), int(found[11:])
    if not 1 <= department <= len(MUNICIPALITIES) or not 1 <= municipality <= MUNICIPALITIES[department - 1]:
        raise InvalidComponent
    if found[8] != calc_check_digit(found):
        raise InvalidChecksum
    if _remainder(found) == NO_DIGIT:
        raise Doubtful
    return found


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
