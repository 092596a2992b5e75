"""Identity document of El Salvador (DUI): eight digits and a check digit. It is also the tax number of its holder."""

from __future__ import annotations

from stdnum.exceptions import InvalidChecksum

from istmo.identifiers import _parts, passes

__all__ = ["calc_check_digit", "compact", "is_valid", "validate"]

LENGTH = 9
compact = _parts.joined


def calc_check_digit(number: str) -> str:
    """Return the digit that completes the first eight: weights from 9 down to 2, the rest to the next ten."""
    total = sum(weight * int(digit) for weight, digit in zip(range(9, 1, -1), number, strict=False))
    return str(-total % 10)


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it."""
    found = _parts.digits(number, LENGTH)
    if found[-1] != calc_check_digit(found):
        raise InvalidChecksum
    return found


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
