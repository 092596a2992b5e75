"""What a person answers before a project is made. Answers are data: each is judged before anything is rendered."""

from __future__ import annotations

import keyword
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final

from istmo.errors import KitError
from istmo.names import kebab
from istmo.spec import JSON, catalogue, countries, profile
from istmo.texts import suggestion, text

__all__ = ["CONTACT", "Answers", "answered", "default", "judged"]

CONTACT: Final = "services@agency.invalid"  # to be replaced: a service in production refuses to start with it
LONGEST: Final = 120
# What a template, a shell, a quoted text or a path would read as more than a text.
_MEANT: Final = frozenset('{}[]<>\\"`$%|;#')
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PROJECT: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_PACKAGE: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_CONTACT: Final = re.compile(r"[A-Za-z0-9._+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
_OURS: Final = frozenset({"istmo", "istmo_services", "istmo_conformance", "test", "tests", "site", "src"})


@dataclass(frozen=True)
class Answers:
    """Everything that a project is made from, judged; `document` gives it back as JSON."""

    service: str
    country: str
    project: str  # the folder, and the name of the distribution
    package: str  # the Python package
    agency: str
    contact: str
    bare: bool = False  # stubs and a checklist instead of the reference's rules

    def document(self) -> dict[str, JSON]:
        """Return the answers by name."""
        return asdict(self)


def names() -> tuple[str, ...]:
    """Return the names of the answers, in the order in which they are asked for."""
    return tuple(one.name for one in fields(Answers))


def answered(given: Mapping[str, JSON]) -> Answers:
    """Return the answers, with defaults for those that were not given, or refuse the first that is unusable."""
    for name in given:
        if name not in names():
            raise refused("unknown", name, text("scaffold.known", names=", ".join(names())))
    chosen: dict[str, JSON] = {}
    for name in names():
        value = given.get(name)
        chosen[name] = judged(name, default(name, chosen) if value is None else value)
    return Answers(**chosen)


def default(name: str, chosen: Mapping[str, JSON]) -> JSON:
    """Return what an answer is when nobody gives it; the answers before it are known."""
    if name == "country":
        return "XX"
    if name == "project":
        return f"{chosen['country'].lower()}-{kebab(chosen['service'])}"[:60]
    if name == "package":
        return chosen["project"].replace("-", "_")
    if name == "agency":
        country = profile(chosen["country"])
        known = country.value(f"authorities.{chosen['service']}", None) or {}
        return (known.get("name") or country.name)[country.language]
    return {"contact": CONTACT, "bare": False}.get(name)


def refused(kind: str, name: str, hint: str) -> KitError:
    """The error for an answer; what was answered is never repeated, because it may be anything."""
    return KitError(
        f"answer-{kind}", text(f"scaffold.answer-{kind}", name=name[:40] if name.isidentifier() else "?"), hint
    )


def judged(name: str, value: JSON) -> JSON:
    """Return an answer in its one form, or refuse it."""
    if name == "bare":
        if not isinstance(value, bool):
            raise refused("unusable", name, text("scaffold.bare-hint"))
        return value
    if not isinstance(value, str) or not value.strip():
        raise refused("unusable", name, text("scaffold.text-hint"))
    value = unicodedata.normalize("NFC", value.strip())
    path = value.startswith(("/", "~")) or ".." in value
    if path or len(value) > LONGEST or any(_unsafe(sign) for sign in value):
        raise refused("unusable", name, text("scaffold.signs-hint", most=LONGEST))
    return _FORMS[name](value)


def _unsafe(sign: str) -> bool:
    return sign in _MEANT or unicodedata.category(sign) in _UNSEEN


def _service(value: str) -> str:
    found = value.lower().replace("-", "_")
    known = [entry.slug for entry in catalogue()]
    if found not in known:
        raise KitError("unknown-service", text("words.no-service", word=value), suggestion(found, known))
    return found


def _country(value: str) -> str:
    found, known = value.upper(), countries()
    if found not in known:
        raise KitError(
            "unknown-country", text("words.no-country", word=value), text("words.known", words=", ".join(known))
        )
    return found


def _project(value: str) -> str:
    if len(value) > 60 or _PROJECT.fullmatch(value) is None:
        raise refused("unusable", "project", text("scaffold.project-hint"))
    return value


def _package(value: str) -> str:
    taken = keyword.iskeyword(value) or value in _OURS or value in sys.stdlib_module_names
    if len(value) > 60 or taken or _PACKAGE.fullmatch(value) is None:
        raise refused("unusable", "package", text("scaffold.package-hint"))
    return value


def _contact(value: str) -> str:
    if _CONTACT.fullmatch(value) is None:
        raise refused("unusable", "contact", text("scaffold.contact-hint"))
    return value


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "service": _service,
    "country": _country,
    "project": _project,
    "package": _package,
    "agency": str,
    "contact": _contact,
}
