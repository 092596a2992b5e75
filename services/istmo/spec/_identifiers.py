"""National identifiers: one form, and check digits by the policy of the profile.

A wrong form is always refused. A wrong check digit is refused only where the profile says `enforce`: real numbers
fail the formulas of some schemes, so elsewhere the identifier is kept and marked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Final

from istmo.errors import Problem
from istmo.identifiers import Doubtful, InvalidChecksum, ValidationError, find
from istmo.spec._json import JSON
from istmo.spec._refusal import refusal

__all__ = ["IdentifierError", "Normalised", "normalise"]

# Dots, blanks and every dash that a keyboard or a word processor offers.
_BLANKS: Final = re.compile(r"[\s.]+")
_DASHES: Final = re.compile("[-\u2010-\u2015\u2212]")
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
    module = _module(described)
    text = _compacted(described, module, scheme, value)
    if _pattern(described["pattern"]).fullmatch(text) is None:
        raise IdentifierError("format", scheme)
    failed = _failure(module, text)
    if failed is not None and not isinstance(failed, InvalidChecksum):
        raise IdentifierError("format", scheme)
    policy = described.get("checksum", "none")
    # Where the sources disagree about the check digit itself, nobody is refused for it.
    if failed is not None and policy == "enforce" and not isinstance(failed, Doubtful):
        raise IdentifierError("checksum", scheme)
    checksum = "not_applicable" if policy == "none" or module is None else "failed" if failed else "passed"
    return Normalised(scheme, text, country, str(described.get("kind", "both")), checksum)


def _compacted(described: Mapping[str, JSON], module: ModuleType | None, scheme: str, value: str) -> str:
    """Return what was written without what means nothing; a module of the scheme knows best what that is."""
    text = _DASHES.sub("-", _BLANKS.sub("", unicodedata.normalize("NFC", value).upper()))
    if not text.isascii():
        raise IdentifierError("format", scheme)
    if module is not None and hasattr(module, "compact"):
        return str(module.compact(text))
    return text if described.get("keepHyphens") else text.replace("-", "")


def _failure(module: ModuleType | None, text: str) -> ValidationError | None:
    """Return why the module of the scheme refuses a number that has the form of the profile, if it does."""
    if module is None:
        return None
    try:
        module.validate(text)
    except ValidationError as error:
        return error
    return None


@lru_cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _module(described: Mapping[str, JSON]) -> ModuleType | None:
    name = described.get("algorithm")
    if not name:
        return None
    try:
        return find(str(name))
    except LookupError:
        raise refusal("profile-algorithm", name=name) from None
