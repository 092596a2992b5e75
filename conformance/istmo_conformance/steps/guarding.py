"""What must be true of what stands around a body: its tag, its headers, and that it holds no more than it should."""

from __future__ import annotations

import re
from urllib.parse import unquote

from istmo.errors import Finding
from istmo_conformance.client import Answer
from istmo_conformance.steps.then import _texts, shown
from istmo_conformance.vocabulary import names_of, sentence
from istmo_conformance.words import say
from istmo_conformance.world import World


@sentence("then", en="its tag is another than before", es="su etiqueta es otra que antes")
def tag_changed(world: World) -> None:
    """The last answer that shows the resource at hand carries another tag than the one that showed it before."""
    wanted = world.it.id if world.it is not None else ""
    tags = [one.answer.header("etag") for one in world.history if _shows(one.answer, wanted)]
    if len(tags) < 2 or None in tags[-2:] or tags[-1] == tags[-2]:  # noqa: PLR2004  # a tag and one before it
        raise Finding(say("its tag is the same", "su etiqueta es la misma"))


def _shows(answer: Answer, identifier: str) -> bool:
    if answer.status >= 300 or not answer.is_json:  # noqa: PLR2004  # successes only
        return False
    document = answer.json()
    return isinstance(document, dict) and document.get("id") == identifier


@sentence("then", en="the headers reveal nothing of {who}", es="las cabeceras no revelan nada de {who}")
def headers_reveal_nothing(world: World, who: str) -> None:
    """No header of the last answers, addresses among them, holds a name, birth date or identifier of a persona."""
    persona = world.run.cast.persona(who)
    texts = set(_texts(persona.name)) | {persona.birth_date or "", persona.subject}
    texts |= set(persona.document.get("identifiers") or ())
    texts |= {str(one.get("value", "")) for one in world.run.profile.persona_identifiers(persona.persona)}
    for exchange in world.group:
        values = unquote("\n".join(value for _, value in exchange.answer.fields))
        if any(text and re.search(rf"\b{re.escape(text)}\b", values) for text in texts):
            raise Finding(
                say("a header of {what} reveals personal data of {who}",
                    "una cabecera de {what} revela datos personales de {who}", what=shown(exchange), who=who)
            )  # fmt: skip


@sentence("then", en="the answer has nothing but {names}", es="la respuesta no tiene más que {names}")
def has_nothing_but(world: World, names: str) -> None:
    """The last answer is an object with at least one of these members and no other."""
    document = world.answer.json()
    actual = set(document) if isinstance(document, dict) else set()
    if not actual or actual - set(names_of(names)):
        raise Finding(
            say("the members are {actual}", "los miembros son {actual}", actual=", ".join(sorted(actual)) or "-"),
            expected=names,
        )
