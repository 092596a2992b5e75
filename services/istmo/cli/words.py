"""Words that a person types: known ones are returned in their one spelling, others get a suggestion."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from istmo.errors import KitError
from istmo.paths import data
from istmo.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterable


def suggestion(word: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest known word, or all of them when none is near."""
    names = sorted(known)
    near = get_close_matches(word, names, n=1, cutoff=0.5)
    if near:
        return text("words.nearest", word=near[0])
    return text("words.known", words=", ".join(names)) if names else ""


def slugs() -> list[str]:
    """The slugs of the catalogue, without reading any document."""
    return sorted(path.parent.name for path in data("specs").glob("*/service.yaml"))


def slug(word: str) -> str:
    """The slug that a word means; the form of addresses, with hyphens, is understood too."""
    found = word.strip().lower().replace("-", "_")
    known = slugs()
    if found not in known:
        message = text("words.no-service", word=word)
        raise KitError("unknown-service", message, suggestion(found, known))
    return found


def country(word: str) -> str:
    """The code of a country whose profile the kit holds."""
    found = word.strip().upper()
    known = sorted(path.stem for path in (data("specs") / "profiles").glob("[A-Z][A-Z].yaml"))
    if found not in known:
        message = text("words.no-country", word=word)
        raise KitError("unknown-country", message, suggestion(found, known))
    return found
