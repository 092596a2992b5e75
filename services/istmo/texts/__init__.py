"""What the kit says to people, in English and Spanish. Every layer may import it; it imports none."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from importlib import import_module
from typing import Final

__all__ = ["LANGUAGES", "catalogue", "language", "suggestion", "text", "use"]

LANGUAGES: Final = ("en", "es")
_VARIABLES: Final = ("ISTMO_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
_chosen: str | None = None


def use(code: str | None) -> None:
    """Choose the language of this process; `None` goes back to what the environment says."""
    global _chosen  # noqa: PLW0603 - one process speaks one language, chosen once at the command line
    if code is not None and code not in LANGUAGES:
        raise ValueError(code)
    _chosen = code


def language() -> str:
    """The chosen language, or else the first that the environment names, or else English."""
    if _chosen is not None:
        return _chosen
    for variable in _VARIABLES:
        value = os.environ.get(variable, "")
        if value:
            code = value[:2].lower()
            return code if code in LANGUAGES else "en"
    return "en"


@lru_cache
def catalogue(code: str) -> dict[str, str]:
    """Every text of one language by its key."""
    parts = (f"_{code}", f"_{code}_page", f"_{code}_profile", f"_{code}_projects")
    return {key: said for part in parts for key, said in import_module(f"istmo.texts.{part}").TEXTS.items()}


def text(key: str, /, *, lang: str | None = None, **values: object) -> str:
    """The text of a key in the current language, or in `lang`, with its values filled in."""
    return catalogue(lang or language())[key].format(**values)


def suggestion(word: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest known word, or all of them when none is near."""
    names = sorted(known)
    near = get_close_matches(word, names, n=1, cutoff=0.5)
    if near:
        return text("words.nearest", word=near[0])
    return text("words.known", words=", ".join(names)) if names else ""
