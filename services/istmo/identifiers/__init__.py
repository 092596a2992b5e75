"""National identifiers that python-stdnum does not know, in modules of its shape: `compact`, `validate`, `is_valid`.

A module raises the errors of python-stdnum: `InvalidLength`, `InvalidFormat` and `InvalidComponent` mean a wrong form,
`InvalidChecksum` a wrong check digit, and `Doubtful` a check digit about which the sources disagree. Every layer may
import this package; it imports none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Final

from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

__all__ = [
    "Doubtful", "InvalidChecksum", "InvalidComponent", "InvalidFormat", "InvalidLength", "ValidationError", "find",
    "passes",
]  # fmt: skip

_NAME: Final = re.compile(r"([a-z]{2}\.)?[a-z][a-z0-9_]{1,20}|iso7064\.[a-z0-9_]{6,11}")


class Doubtful(InvalidChecksum):
    """The check digit is wrong by one description of the scheme and right by another."""


@lru_cache
def find(name: str) -> ModuleType:
    """Return the module of an algorithm: one of ours such as `sv.dui`, or one of python-stdnum such as `do.cedula`."""
    if _NAME.fullmatch(name) is None:
        raise LookupError(name)
    for package in (__name__, "stdnum"):
        try:
            found = import_module(f"{package}.{name}")
        except ModuleNotFoundError:
            continue
        if callable(getattr(found, "validate", None)):
            return found
    raise LookupError(name)


def passes(validate: Callable[[str], str], number: str) -> bool:
    """Tell whether a number is valid by a function that raises when it is not."""
    try:
        return bool(validate(number))
    except ValidationError:
        return False
