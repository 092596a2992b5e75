"""Words that a person types: known ones are returned in their one spelling, others get a suggestion."""

from __future__ import annotations

from istmo.errors import KitError
from istmo.paths import data
from istmo.texts import suggestion, text

__all__ = ["country", "slug", "slugs", "suggestion"]


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
