"""What several schemes share: cleaning, digits, dates of which the century is not told."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from stdnum.exceptions import InvalidComponent, InvalidFormat, InvalidLength
from stdnum.util import clean

__all__ = ["day_exists", "digits", "joined", "matched"]

_CENTURIES: Final = (1900, 2000)


def joined(number: str) -> str:
    """Return a number without blanks and hyphens, its letters as capitals."""
    return clean(number, " -").strip().upper()


def digits(number: str, length: int) -> str:
    """Return a number of so many digits without blanks and hyphens, or raise what is wrong with it."""
    found = joined(number)
    if not (found.isascii() and found.isdigit()):
        raise InvalidFormat
    if len(found) != length:
        raise InvalidLength
    return found


def matched(pattern: re.Pattern[str], number: str) -> re.Match[str]:
    """Return the match of a whole number, or raise that its format is wrong."""
    found = pattern.fullmatch(number)
    if found is None:
        raise InvalidFormat
    return found


def day_exists(text: str) -> None:
    """Raise when no day is written so as DDMMYY; the century is not told, so one in which it exists is enough."""
    day, month, year = int(text[:2]), int(text[2:4]), int(text[4:])
    for century in _CENTURIES:
        try:
            date(century + year, month, day)
        except ValueError:
            continue
        return
    raise InvalidComponent
