"""Identity card of Panama: province or class, volume, entry; no check digit.

Hyphens are part of the number and leading zeros vary, so numbers are the same when their parts are the same integers:
`08-0123-00456` is `8-123-456`.
"""

from __future__ import annotations

import re
from typing import Final

from istmo.identifiers import _parts, passes

__all__ = ["compact", "is_valid", "validate"]

PROVINCE: Final = "(?:1[0-3]|[1-9])"
_FORM: Final = re.compile(
    rf"(?:{PROVINCE}(?:AV|PI)?|PE|E|N)-[0-9]{{1,4}}-[0-9]{{1,6}}|{PROVINCE}-NT-[0-9]{{1,4}}-[0-9]{{1,6}}"
)
_ZEROS: Final = re.compile(r"(?<![0-9])0+(?=[0-9])")


def compact(number: str) -> str:
    """Return the number without blanks, its parts between hyphens without leading zeros, its letters as capitals."""
    return _ZEROS.sub("", number.replace(" ", "").upper())


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it."""
    return _parts.matched(_FORM, compact(number))[0]


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
