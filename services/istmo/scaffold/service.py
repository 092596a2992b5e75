"""The template `service`: a national project, made of the reference's room and what a nation adds to it."""

from __future__ import annotations

import keyword
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from istmo.errors import KitError
from istmo.names import kebab
from istmo.paths import data
from istmo.scaffold.answers import CONTACT, Answers, Chosen, Template, country, refused
from istmo.spec import JSON, catalogue, profile
from istmo.texts import suggestion, text

if TYPE_CHECKING:
    from istmo.scaffold.facts import Facts

__all__ = ["TEMPLATE", "Project"]

README: Final = "README"
_PROJECT: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_PACKAGE: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_CONTACT: Final = re.compile(r"[A-Za-z0-9._+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
_OURS: Final = frozenset({"istmo", "istmo_services", "istmo_conformance", "test", "tests", "site", "src"})


@dataclass(frozen=True)
class Project(Answers):
    """What a national project is made from."""

    service: str
    country: str
    project: str  # the folder, and the name of the distribution
    package: str  # the Python package
    agency: str
    contact: str
    bare: bool = False  # stubs and a checklist instead of the reference's rules

    @property
    def folder(self) -> str:
        """The folder of the project."""
        return self.project


def default(name: str, chosen: Chosen) -> JSON:
    """Return what an answer is when nobody gives it; the answers before it are known."""
    if name == "country":
        return "XX"
    if name == "project":
        return f"{chosen['country'].lower()}-{kebab(chosen['service'])}"[:60]
    if name == "package":
        return chosen["project"].replace("-", "_")
    if name == "agency":
        home = profile(chosen["country"])
        known = home.value(f"authorities.{chosen['service']}", None) or {}
        return (known.get("name") or home.name)[home.language]
    return {"contact": CONTACT, "bare": False}.get(name)


def fill(answers: Project, project: Path) -> None:
    """Add to a rendered project what is not in the template: room, contract, fixtures, deployment, kit, record."""
    from istmo.scaffold import deployment, record, room  # noqa: PLC0415 - a refused answer needs none of them
    from istmo.spec import vendor  # noqa: PLC0415 - as above

    it = _facts(answers)
    room.lay(answers, project)
    folder = project / "src" / answers.package / answers.service / "national"
    vendor(answers.service, folder)
    fixtures = data("specs") / answers.service / "fixtures.yaml"
    if fixtures.is_file():
        shutil.copyfile(fixtures, folder / "fixtures.yaml")
    deployment.lay(answers, project, it.kit)
    if it.kit.wheel is not None:
        shutil.copyfile(it.kit.wheel, project / "vendor" / it.kit.wheel.name)
    (project / f"{README}.{it.language}.md").rename(project / f"{README}.md")
    record.write(answers, it.kit, project)


def _service(value: str, _: Chosen) -> str:
    found = value.lower().replace("-", "_")
    known = [entry.slug for entry in catalogue()]
    if found not in known:
        raise KitError("unknown-service", text("words.no-service", word=value), suggestion(found, known))
    return found


def _project(value: str, _: Chosen) -> str:
    if len(value) > 60 or _PROJECT.fullmatch(value) is None:
        raise refused("unusable", "project", text("scaffold.project-hint"))
    return value


def _package(value: str, _: Chosen) -> str:
    taken = keyword.iskeyword(value) or value in _OURS or value in sys.stdlib_module_names
    if len(value) > 60 or taken or _PACKAGE.fullmatch(value) is None:
        raise refused("unusable", "package", text("scaffold.package-hint"))
    return value


def _contact(value: str, _: Chosen) -> str:
    if _CONTACT.fullmatch(value) is None:
        raise refused("unusable", "contact", text("scaffold.contact-hint"))
    return value


def _facts(answers: Project) -> Facts:
    from istmo.scaffold.facts import Facts  # noqa: PLC0415 - facts know the answers

    return Facts(answers)


TEMPLATE: Final = Template(
    "service", Project, default=default, needed=frozenset({"service", "country"}), facts=_facts, fill=fill,
    forms={"service": _service, "country": country, "project": _project, "package": _package, "contact": _contact},
    switches=frozenset({"bare"}),
)  # fmt: skip
