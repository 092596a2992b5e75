"""Social security number of Belize: nine digits, no check digit known. The card is the usual proof of identity."""

from __future__ import annotations

from istmo.identifiers import _parts, passes

__all__ = ["compact", "is_valid", "validate"]

LENGTH = 9
compact = _parts.joined


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it."""
    return _parts.digits(number, LENGTH)


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
