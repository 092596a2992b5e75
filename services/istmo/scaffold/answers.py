"""What a person answers before something is made. Answers are data: each is judged before anything is rendered."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, Generic, TypeAlias, TypeVar

from istmo.errors import KitError
from istmo.spec import JSON, countries
from istmo.texts import text

__all__ = ["CONTACT", "Answers", "Template", "among", "country", "refused"]

CONTACT: Final = "services@agency.invalid"  # to be replaced: a service in production refuses to start with it
LONGEST: Final = 120
# What a template, a shell, a quoted text or a path would read as more than a text.
_MEANT: Final = frozenset('{}[]<>\\"`$%|;#')
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

Chosen: TypeAlias = Mapping[str, JSON]  # the answers before the one in question
Form: TypeAlias = Callable[[str, Chosen], str]


@dataclass(frozen=True)
class Answers(ABC):
    """Everything that something is made from, judged; each template has a class of its own."""

    @property
    @abstractmethod
    def folder(self) -> str:
        """The name of the folder that is rendered."""

    def document(self) -> dict[str, JSON]:
        """Return the answers by name."""
        return asdict(self)


A = TypeVar("A", bound=Answers)


@dataclass(frozen=True)
class Template(Generic[A]):
    """A template of the kit: what it asks, how answers are judged, and what is added to what was rendered.

    The first answer is the one that a command takes without an option.
    """

    name: str
    answers: type[A]
    forms: Mapping[str, Form]
    default: Callable[[str, Chosen], JSON]  # none: somebody has to answer
    needed: frozenset[str]  # without these a person is asked; the others have safe defaults
    facts: Callable[[A], object]  # what the files ask about the answers
    fill: Callable[[A, Path], None]  # adds to the rendered folder what is in no template
    lay: Callable[[A, Path, Path], Path] | None = None  # into a folder that is there; none: a folder of its own
    switches: frozenset[str] = frozenset()  # answers that are true or false
    optional: frozenset[str] = frozenset()  # answers that may be empty

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the answers, in the order in which they are asked for."""
        return tuple(one.name for one in fields(self.answers))

    def answered(self, given: Mapping[str, JSON]) -> A:
        """Return the answers, with defaults for those not given, or refuse the first that is unusable."""
        for name in given:
            if name not in self.names:
                raise refused("unknown", name, text("scaffold.known", names=", ".join(self.names)))
        chosen: dict[str, JSON] = {}
        for name in self.names:
            value = given.get(name)
            chosen[name] = self.judged(name, self.default(name, chosen) if value is None else value, chosen)
        return self.answers(**chosen)

    def judged(self, name: str, value: JSON, chosen: Chosen) -> JSON:
        """Return an answer in its one form, or refuse it."""
        if name in self.switches:
            if not isinstance(value, bool):
                raise refused("unusable", name, text("scaffold.switch-hint"))
            return value
        if name in self.optional and value == "":
            return value
        if not isinstance(value, str) or not value.strip():
            raise refused("unusable", name, text("scaffold.text-hint"))
        value = unicodedata.normalize("NFC", value.strip())
        path = value.startswith(("/", "~")) or ".." in value
        if path or len(value) > LONGEST or any(_unsafe(sign) for sign in value):
            raise refused("unusable", name, text("scaffold.signs-hint", most=LONGEST))
        return self.forms[name](value, chosen) if name in self.forms else value


def refused(kind: str, name: str, hint: str) -> KitError:
    """The error for an answer; what was answered is never repeated, because it may be anything."""
    return KitError(
        f"answer-{kind}", text(f"scaffold.answer-{kind}", name=name[:40] if name.isidentifier() else "?"), hint
    )


def _unsafe(sign: str) -> bool:
    return sign in _MEANT or unicodedata.category(sign) in _UNSEEN


def among(name: str, known: Collection[str]) -> Form:
    """Return the form of an answer that is one of a few words."""

    def form(value: str, _: Chosen) -> str:
        if value not in known:
            raise refused("unusable", name, text("scaffold.known", names=", ".join(known)))
        return value

    return form


def country(value: str, _: Chosen) -> str:
    """Return the code of a country that the kit knows."""
    found, known = value.upper(), countries()
    if found not in known:
        raise KitError(
            "unknown-country", text("words.no-country", word=value), text("words.known", words=", ".join(known))
        )
    return found
