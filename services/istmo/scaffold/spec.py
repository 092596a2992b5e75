"""The template `spec`: a new service for the kit itself, a small case that runs and is judged from the first day."""

from __future__ import annotations

import json
import keyword
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from istmo.names import is_slug, kebab, pascal
from istmo.scaffold.answers import Answers, Chosen, Template, among, refused
from istmo.spec import JSON, bundle
from istmo.texts import text

__all__ = ["TEMPLATE", "Facts", "Room"]

_CODE: Final = re.compile(r"[A-Z]{3}")
_PLURAL: Final = re.compile(r"[a-z]{2,24}(?:-[a-z]{2,24})?s")
_AUDIENCE: Final = ("citizen", "business", "administration")
_RESERVED: Final = frozenset({"common", "standard", "profiles", "models"})
_OWN: Final = "kinds"  # what the template itself has beside the case


@dataclass(frozen=True)
class Room(Answers):
    """What a room is made from."""

    slug: str
    title_en: str
    title_es: str
    code: str  # three letters of the references
    collection: str  # what is handed in, in the plural
    audience: str

    @property
    def folder(self) -> str:
        """The folder that is rendered, before it is laid into a checkout."""
        return f"{kebab(self.slug)}-room"


def default(name: str, chosen: Chosen) -> JSON:
    """Return what an answer is when nobody gives it; nobody can guess the title in another language."""
    if name == "title_en":
        return chosen["slug"].replace("_", " ").capitalize()
    if name == "code":
        return chosen["slug"].replace("_", "")[:3].upper()
    return {"collection": "applications", "audience": _AUDIENCE[0]}.get(name)


def _slug(value: str, _: Chosen) -> str:
    found = value.lower().replace("-", "_")
    if not is_slug(found) or keyword.iskeyword(found) or found in _RESERVED:
        raise refused("unusable", "slug", text("scaffold.slug-hint"))
    return found


def _code(value: str, _: Chosen) -> str:
    if _CODE.fullmatch(value.upper()) is None:
        raise refused("unusable", "code", text("scaffold.code-hint"))
    return value.upper()


def _collection(value: str, _: Chosen) -> str:
    common = bundle("common")
    taken = {path.split("/")[1] for path in common["paths"]} | {_OWN}
    names = set(common["components"]["schemas"])
    clash = value in taken or {pascal(value[:-1]), f"{pascal(value[:-1])}Input", f"{pascal(value[:-1])}Page"} & names
    if _PLURAL.fullmatch(value) is None or clash:
        raise refused("unusable", "collection", text("scaffold.collection-hint", taken=", ".join(sorted(taken - {""}))))
    return value


@dataclass(frozen=True)
class Facts:
    """The answers, and what follows from them."""

    answers: Room

    @property
    def slug(self) -> str:
        """The slug."""
        return self.answers.slug

    @property
    def address(self) -> str:
        """The name of the service in addresses."""
        return kebab(self.answers.slug)

    @property
    def collection(self) -> str:
        """The collection of cases."""
        return self.answers.collection

    @property
    def nouns(self) -> str:
        """What is handed in, in sentences."""
        return self.answers.collection.replace("-", " ")

    @property
    def noun(self) -> str:
        """One of them, in sentences."""
        return self.nouns[:-1]

    @property
    def article(self) -> str:
        """The article before it."""
        return "an" if self.noun[0] in "aeiou" else "a"

    @property
    def plural(self) -> str:
        """The end of the identifier of the operation that lists them."""
        return pascal(self.answers.collection)

    @property
    def pascal(self) -> str:
        """The end of the identifiers of the other operations, and of the names of schemas."""
        return self.plural[:-1]

    @cached_property
    def common(self) -> list[tuple[str, str]]:
        """The paths of the common document that every service takes over, and their pointers."""
        paths = bundle("common")["paths"]
        return [(f'"{path}"' if "{" in path else path, path.replace("~", "~0").replace("/", "~1")) for path in paths]

    @property
    def today(self) -> str:
        """The day on which the values were invented."""
        return datetime.now(UTC).date().isoformat()

    def reference(self, number: int) -> str:
        """Return the reference of a case in an example."""
        from istmo.runtime.work import check_digits  # noqa: PLC0415 - loads the runtime, and only a room asks

        head = f"XX-{self.answers.code}-2027-{number:08d}"
        return f"{head}-{check_digits(head)}"


def fill(answers: Room, made: Path) -> None:
    """Write the examples as the kit writes them."""
    for path in (made / "specs" / answers.slug / "examples").glob("*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def lay(answers: Room, made: Path, output: Path) -> Path:
    """Lay the room into a checkout of the kit, and generate what follows from it."""
    from istmo.scaffold import checkout  # noqa: PLC0415 - a refused answer needs none of it

    return checkout.lay(answers, made, output)


TEMPLATE: Final = Template(
    "spec", Room, default=default, needed=frozenset({"slug", "title_es"}), facts=Facts, fill=fill, lay=lay,
    forms={"slug": _slug, "code": _code, "collection": _collection, "audience": among("audience", _AUDIENCE)},
)  # fmt: skip
