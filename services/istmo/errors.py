"""The three families of errors; no error of Istmo stands outside them.

    Exception
    ├── Problem              a service refuses a request: problem details of one stable code
    ├── AssertionError
    │   └── Finding          the judged service is wrong: what was expected, what came
    └── KitError             the user or the kit is wrong: code, message, hint       exit 2
        └── Undecided        nothing could be said about the service                 exit 3

Every layer may import this module; it imports none but `istmo.paths`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar

from istmo.paths import data

__all__ = ["Finding", "KitError", "Problem", "ProblemType", "Undecided", "problem_types"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class ProblemType:
    """One row of the catalogue of problems: a code, its HTTP status, its titles by language."""

    code: str
    status: int
    titles: Mapping[str, str]
    description: str

    @property
    def type(self) -> str:
        """The `type` member of a problem document."""
        return f"urn:istmo:problem:{self.code}"

    def title(self, language: str) -> str:
        """Return the title in a language, in English when there is none in it."""
        return self.titles.get(language) or self.titles["en"]


@lru_cache
def problem_types() -> Mapping[str, ProblemType]:
    """Return the catalogue of problems by code, from the one list of the standard."""
    source = data("specs") / "common" / "problems.csv"
    with source.open(encoding="utf-8", newline="") as rows:
        found = {row["code"]: _problem_type(row) for row in csv.DictReader(rows)}
    return MappingProxyType(found)


def _problem_type(row: dict[str, str]) -> ProblemType:
    titles = {name.removeprefix("title_"): text for name, text in row.items() if name.startswith("title_")}
    return ProblemType(row["code"], int(row["status"]), titles, row["description"])


@dataclass(eq=False, init=False)
class Problem(Exception):
    """A service refuses; `code` is one of the catalogue, which also gives the status when none is said."""

    code: str
    detail: str | None
    status: int
    rule: str | None
    errors: Sequence[Mapping[str, Any]]
    headers: Mapping[str, str]
    members: Mapping[str, Any]

    def __init__(
        self,
        code: str,
        *,
        detail: str | None = None,
        status: int | None = None,
        rule: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,  # noqa: ANN401 - extension members of a problem are any JSON
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.status = problem_types()[code].status if status is None else status
        self.rule = rule
        self.errors = errors
        self.headers = _NOTHING if headers is None else headers
        self.members = members

    def __str__(self) -> str:
        """Return the code and, when there is one, the rule: never a value of the request."""
        return self.code if self.rule is None else f"{self.code} ({self.rule})"


@dataclass(eq=False)
class Finding(AssertionError):
    """The judged service is wrong; the caller decides how severe that is."""

    message: str
    requirement: str | None = field(default=None, kw_only=True)
    expected: str | None = field(default=None, kw_only=True)
    actual: str | None = field(default=None, kw_only=True)

    def __str__(self) -> str:
        """Return what is wrong in one sentence."""
        return self.message


@dataclass(eq=False)
class KitError(Exception):
    """The user or the kit is wrong: a stable code, what happened, and what to do about it."""

    code: str
    message: str
    hint: str = ""

    exit_code: ClassVar[int] = 2

    def __post_init__(self) -> None:
        super().__init__(self.code, self.message, self.hint)

    def __str__(self) -> str:
        """Return the message and, when there is one, the hint."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


@dataclass(eq=False)
class Undecided(KitError):
    """The service could not be judged at all: it is neither conformant nor not."""

    exit_code: ClassVar[int] = 3
