"""The language in which a run speaks: every text of the suite stands in English and in Spanish."""

from __future__ import annotations

from contextvars import ContextVar

LANGUAGES = ("en", "es")
_language: ContextVar[str] = ContextVar("istmo_conformance_language", default="en")


def speak(language: str) -> None:
    """Choose the language of everything said from here on."""
    _language.set(language if language in LANGUAGES else "en")


def say(en: str, es: str, **values: object) -> str:
    """The text in the language of the run, with its values filled in."""
    text = es if _language.get() == "es" else en
    return text.format(**values) if values else text
