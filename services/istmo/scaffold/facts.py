"""What a project's files ask of the standard about the answers: one object, so that no template computes anything."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from istmo.names import kebab
from istmo.scaffold.kit import Kit, running
from istmo.scaffold.service import Project
from istmo.spec import ServiceEntry, catalogue, profile

__all__ = ["Facts"]

LANGUAGES: Final = ("en", "es")


@dataclass(frozen=True)
class Facts:
    """The answers, and what follows from them."""

    answers: Project

    @cached_property
    def entry(self) -> ServiceEntry:
        """The line of the catalogue."""
        return next(one for one in catalogue() if one.slug == self.answers.service)

    @cached_property
    def language(self) -> str:
        """The language of the country, English or Spanish."""
        chosen = profile(self.answers.country).language
        return chosen if chosen in LANGUAGES else LANGUAGES[0]

    @property
    def other(self) -> str:
        """The other language of the README."""
        return next(one for one in LANGUAGES if one != self.language)

    @property
    def titles(self) -> dict[str, str]:
        """The name of the service by language."""
        return dict(self.entry.titles)

    @property
    def countries(self) -> dict[str, str]:
        """The name of the country by language."""
        return dict(profile(self.answers.country).name)

    @property
    def address(self) -> str:
        """The name of the service in addresses."""
        return kebab(self.answers.service)

    @property
    def cc(self) -> str:
        """The code of the country as paths of national operations write it."""
        return self.answers.country.lower()

    @property
    def stages(self) -> int:
        """The stage that the project claims at first."""
        return 1 if self.answers.bare else self.entry.stages

    @property
    def kit(self) -> Kit:
        """The kit that the project depends on."""
        return running()
