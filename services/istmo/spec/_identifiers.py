"""National identifiers: one form, and check digits by the policy of the profile.

A wrong form is always refused. A wrong check digit is refused only where the profile says `enforce`: real numbers
fail the formulas of some schemes, so elsewhere the identifier is kept and marked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Final

from istmo.errors import Problem
from istmo.spec._json import JSON
from istmo.spec._refusal import refusal

__all__ = ["IdentifierError", "Normalised", "normalise"]

# Dots, blanks and every dash that a keyboard or a word processor offers.
_BLANKS: Final = re.compile(r"[\s.]+")
_DASHES: Final = re.compile("[-\u2010-\u2015\u2212]")
_STDNUM: Final = re.compile(r"[a-z]{2}\.[a-z0-9_]{2,20}|luhn|verhoeff|damm|iso7064\.mod_97_10|iso7064\.mod_11_2")
_LONGEST: Final = 64


class IdentifierError(Problem):
    """An identifier has the wrong form (`reason` is format) or the wrong check digit (checksum)."""

    def __init__(self, reason: str, scheme: str) -> None:
        super().__init__(f"identifier-{reason}", scheme=scheme)
        self.reason = reason
        self.scheme = scheme


@dataclass(frozen=True)
class Normalised:
    """An identifier in its one form."""

    scheme: str
    value: str
    country: str
    kind: str
    checksum: str

    def document(self) -> dict[str, str]:
        """Return the members of the schema Identifier."""
        return {
            "scheme": self.scheme,
            "value": self.value,
            "country": self.country,
            "kind": self.kind,
            "checksum": self.checksum,
        }


def normalise(country: str, described: Mapping[str, JSON] | None, scheme: str, value: str) -> Normalised:
    """Return the one form of an identifier of a scheme that the profile describes."""
    if described is None or len(value) > _LONGEST:
        raise IdentifierError("format", scheme)
    text = _BLANKS.sub("", unicodedata.normalize("NFC", value).upper())
    text = _DASHES.sub("-" if described.get("keepHyphens") else "", text)
    if not text.isascii() or _pattern(described["pattern"]).fullmatch(text) is None:
        raise IdentifierError("format", scheme)
    checksum = _judge(described, text)
    if checksum == "failed" and described.get("checksum") == "enforce":
        raise IdentifierError("checksum", scheme)
    return Normalised(scheme, text, country, str(described.get("kind", "both")), checksum)


@lru_cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _judge(described: Mapping[str, JSON], text: str) -> str:
    name = described.get("algorithm")
    if described.get("checksum", "none") == "none" or not name:
        return "not_applicable"
    return "passed" if _algorithm(str(name))(text) else "failed"


@lru_cache
def _algorithm(name: str) -> Callable[[str], bool]:
    """Return the check of a name of python-stdnum: `luhn`, or a national module such as `do.cedula`."""
    if _STDNUM.fullmatch(name) is None:
        raise refusal("profile-algorithm", name=name)
    try:
        found: Callable[[str], bool] = import_module(f"stdnum.{name}").is_valid
    except ImportError:
        raise refusal("profile-algorithm", name=name) from None
    return found
