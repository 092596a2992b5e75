"""What must be true of the language of answers."""

from __future__ import annotations

from istmo_conformance.steps.then import require
from istmo_conformance.vocabulary import sentence
from istmo_conformance.world import World


@sentence("then", en="each answer is in the language of the country", es="cada respuesta está en el idioma del país")
def in_default_language(world: World) -> None:
    """Every answer of the last When says that it is in the default language of the country's profile."""
    language = world.run.profile.language
    require(world, lambda answer: answer.header("content-language") == language, f"Content-Language: {language}")
