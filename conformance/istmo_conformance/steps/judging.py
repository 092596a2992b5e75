"""What must be true of each answer as a whole: one sentence, with one check for each of its endings."""

from __future__ import annotations

from collections.abc import Callable

from istmo_conformance.steps import breaking, forms, then, writing
from istmo_conformance.vocabulary import sentence
from istmo_conformance.world import World


def in_default_language(world: World) -> None:
    """Every answer of the last When says that it is in the default language of the country's profile."""
    language = world.run.profile.language
    then.require(world, lambda answer: answer.header("content-language") == language, f"Content-Language: {language}")


QUALITIES: dict[str, Callable[[World], None]] = {
    "is as the specification says": then.each_as_specified,
    "is in the language of the country": in_default_language,
    "is a readable PDF": forms.each_pdf,
    "is a JSON Schema": forms.each_schema,
    "has its moments in UTC": writing.moments_in_utc,
    "holds the identifier in its normal form": writing.holds_normal,
    "names what is wrong": breaking.each_names_it,
    "is the same the second time": then.same_twice,
    "is of one effect": then.of_one_effect,
}


@sentence("then", en="each answer {quality}", es="cada respuesta {quality}")
def each_answer(world: World, quality: str) -> None:
    """Every answer of the last When is as the words say; such an ending is a check of its own."""
    QUALITIES[quality](world)
