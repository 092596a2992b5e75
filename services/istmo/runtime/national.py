"""What a country adds to a service, read from the folder in which all of it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from istmo.errors import KitError, Problem
from istmo.spec import JSON, Profile, load_yaml, national_documents, national_schema, over
from istmo.texts import text

from .parse import Upload

if TYPE_CHECKING:
    from .binding import Bound
    from .store import Json
    from .work import Work

Refused: TypeAlias = Callable[[str, "Json", date, Profile], Problem | None]

PROFILE = "profile.yaml"
FIXTURES = "fixtures.yaml"


@dataclass(frozen=True)
class National:
    """The folder of a country's additions, and its rules: pure functions that refuse, by operation id and body."""

    folder: Path
    refused: Refused | None = None

    def documents(self, slug: str, stage: int | None = None) -> Mapping[str, Mapping[str, JSON]]:
        """Return the contract by language: the regional one as it was taken over, and what the country adds."""
        return national_documents(self.folder, slug=slug, stage=stage)

    @cached_property
    def schema(self) -> Mapping[str, JSON] | None:
        """The schema of the object `national`, if the country has one."""
        return national_schema(self.folder)

    def profile(self, kit: Profile) -> Profile:
        """Return the profile of the kit with the values of this country over it."""
        own = self._read(PROFILE)
        return over(kit, own, PROFILE) if own else kit

    def fixtures(self) -> dict[str, JSON] | None:
        """Return what a sandbox of the service holds after a reset, if the folder says it."""
        return self._read(FIXTURES) if (self.folder / FIXTURES).is_file() else None

    def _read(self, name: str) -> dict[str, JSON]:
        """Return the members of a file; one that is not there, or holds nothing but comments, has none."""
        path = self.folder / name
        found = load_yaml(path, trusted=True) if path.is_file() else None
        if found is not None and not isinstance(found, dict):
            raise KitError("national-file", text("national.file", file=name), text("national.file-hint"))
        return found or {}


def rule(bound: Bound, work: Work, body: Any) -> None:  # noqa: ANN401 - any JSON, or a form
    """Refuse what the rules of the country refuse; a body that may be left out and is counts as empty."""
    national = bound.context.service.national
    if bound.safe or not bound.wants_body or national is None or national.refused is None:
        return
    given = body.fields if isinstance(body, Upload) else {} if body is None else body
    refusal = national.refused(bound.operation.id, given, work.today, work.profile)
    if refusal is not None:
        raise refusal
