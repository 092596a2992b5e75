"""Identity card of Costa Rica: province, volume of four digits, entry of four; no check digit.

python-stdnum keeps a leading zero (`cr.cpf`); here the one form is that of the card, nine digits without it. Groups may
be written without their zeros (`1-613-584`), as is usual; an empty group, which python-stdnum fills, is refused.
"""

from __future__ import annotations

from stdnum.cr import cpf
from stdnum.exceptions import InvalidComponent, InvalidFormat

from istmo.identifiers import passes

__all__ = ["compact", "is_valid", "validate"]


def compact(number: str) -> str:
    """Return the nine digits of the card; the leading zero of ten digits is left out."""
    if "" in number.split("-"):
        return number
    found = cpf.compact(number)
    return found[1:] if len(found) == len("0PTTTTAAAA") and found.startswith("0") else found


def validate(number: str) -> str:
    """Return the number in its one form, or raise what is wrong with it."""
    found = compact(number)
    if "-" in found:
        raise InvalidFormat
    cpf.validate(found)
    if found.startswith("0"):
        raise InvalidComponent
    return found


def is_valid(number: str) -> bool:
    """Tell whether the number is valid."""
    return passes(validate, number)
