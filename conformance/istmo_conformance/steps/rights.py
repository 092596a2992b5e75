"""What may be done by whom, told for every operation at once, and what no body may decide."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import pytest

from istmo.errors import Finding
from istmo.spec import Operation, Spec
from istmo_conformance import walk
from istmo_conformance.calls import Call
from istmo_conformance.composing import Composer
from istmo_conformance.exchanges import JSON_TYPE
from istmo_conformance.forging import parts_of
from istmo_conformance.modes import Mode
from istmo_conformance.steps.then_compare import members
from istmo_conformance.values import changed, items_at
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
# One of the cast for each set of rights; the others hold the same ones.
ROLES = ("ana", "eva", "fito", "gov")
UNUSUAL = ("another-issuer", "id-token", "no-audience", "no-subject", "several-audiences")
NOWHERE = "not-in-specification"


@sentence(
    "given",
    en="the sandbox issues tokens of every kind",
    es="el entorno de pruebas emite tokens de toda clase",
    needs=Mode.FULL,
)
def issues_every_kind(world: World) -> None:
    """Go on only where the sandbox issues well signed tokens of another type, issuer, audience or claims."""
    good = world.run.cast.token("ana", "plain", None, world.instant)
    for kind in UNUSUAL:
        token = world.run.cast.token("ana", kind, None, world.instant)
        if good is None or token is None or _shown(token) == _shown(good):
            raise Finding(
                say("the sandbox issues no token like {kind}", "el entorno de pruebas no emite un token como {kind}",
                    kind=kind)
            )  # fmt: skip


def _shown(token: str) -> JSON:
    header, claims = parts_of(token)
    return [header.get("typ"), claims.get("iss"), claims.get("aud"), sorted(claims)]


@sentence(
    "when",
    en="{who} tries to write each member that only the service sets",
    es="{who} intenta escribir cada miembro que solo el servicio fija",
    needs=Mode.WRITE,
)
def writes_own_members(world: World, who: str) -> None:
    """Send the body of a new case and of a change once for each member that a case has and no body may have."""
    case = walk.case_paths(world)
    document, kept = walk.reread(world, who).doc, []
    shown = set(document) & _shown_members(world.spec, case.read)
    for operation in (one for one in (case.replace, case.create) if one is not None):
        body = Composer(world).document(Call(who, operation), operation)
        for name in sorted(shown - members_of(world.spec, operation.request[JSON_TYPE])):
            text = json.dumps(changed(body, f"/{name}", _other(document[name])), ensure_ascii=False)
            world.perform(Call(who, operation, body=text))
            kept.extend(world.group)
    if not kept:
        pytest.skip(NOWHERE)
    world.group = kept


def _other(value: JSON) -> JSON:
    """Another value of the same kind: what somebody would like to have there."""
    if isinstance(value, bool):
        return not value
    return "completed" if isinstance(value, str) else value


def _shown_members(spec: Spec, read: Operation | None) -> set[str]:
    """The members that a reading shows, as the specification says."""
    response = read.response(read.success) if read is not None else None
    return members_of(spec, response.media.get(JSON_TYPE) if response is not None else None)


def members_of(spec: Spec, pointer: str | None) -> set[str]:
    """The members that a schema names at its top, those of the schemas that it adds up to among them."""
    found: set[str] = set()
    waiting: list[JSON] = [{"$ref": pointer}]
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, dict):
            found |= set(schema.get("properties") or {})
            waiting += [spec.schema(schema["$ref"])] if isinstance(schema.get("$ref"), str) else []
            waiting += [part for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word) or ()]
    return found


@sentence(
    "then",
    en="the list shows no more of it than {name}",
    es="la lista no muestra de él más que {name}",
    counts=True,
)
def list_shows_no_more(world: World, name: str) -> None:
    """In the last list the resource at hand has no member that a remembered reading of it does not have."""
    known: JSON = world.known.get(name)
    wanted = known.get("id") if isinstance(known, dict) else None
    found = [item for item in items_at(world.answer.json(), "/items") if item.get("id") == wanted]
    if not found:
        raise Finding(say("the list does not have it", "la lista no lo incluye"))
    more = sorted(members(found[0]) - members({key: value for key, value in known.items() if key != "_etag"}))
    if more:
        raise Finding(say("the list shows more: {names}", "la lista muestra más: {names}", names=", ".join(more[:8])))


@sentence("then", en="the answer does not name it", es="la respuesta no lo nombra")
def does_not_name(world: World) -> None:
    """No answer of the last When holds the identifier of the resource at hand, in its body or in its headers."""
    wanted = world.it.id if world.it is not None else ""
    for exchange in world.group:
        answer = exchange.answer
        if not wanted or wanted.encode() in answer.body or any(wanted in value for _, value in answer.fields):
            raise Finding(say("the answer names it", "la respuesta lo nombra"))
