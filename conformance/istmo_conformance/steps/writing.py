"""Writing a value where the specification asks for one of its sort, whatever the service, and what becomes of it.

The place is found in the schemas: in the body that creates a case, else in the question what something costs, else
in any other body. A specification that asks for no such value makes the scenario not applicable.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest

from istmo.errors import Finding, KitError
from istmo.spec import IdentifierError, Operation
from istmo_conformance import places
from istmo_conformance.calls import Call
from istmo_conformance.composing import Composer
from istmo_conformance.modes import Mode
from istmo_conformance.places import Place
from istmo_conformance.steps.then import errors_of, require
from istmo_conformance.values import MISSING, changed, lookup
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
ABSENT = "not-in-profile"
NOWHERE = "not-in-specification"
REFUSED = 422
LONGEST = 39  # of written moments
# What a wording of "where a date belongs" is looked for as.
SORTS = {"a date": "date", "a moment": "moment", "a text": "text", "an amount": "money"}


# Where and what


def place_of(world: World, sort: str) -> Place:
    """The place for a sort of value; without one the scenario does not apply."""
    found = places.find(world.spec, sort, world.run.stage, world.run.default_example)
    if found is None or (found.operation.id == places.QUOTE and not world.run.profile.fees(world.spec.slug)):
        pytest.skip(NOWHERE if found is None else ABSENT)
    return found


def write(world: World, who: str, sort: str, values: list[JSON]) -> None:
    """Send an example once for each value, with that value at the place of its sort, and keep all answers."""
    place = place_of(world, sort)
    kept = []
    for value in values:
        document = changed(_document(world, place), place.pointer, value)
        world.perform(Call(who, place.operation, body=json.dumps(document, ensure_ascii=False)))
        kept.extend(world.group)
    world.group, world.place = kept, place.pointer


def _document(world: World, place: Place) -> JSON:
    """The example of a place, as this country takes it."""
    document = Composer(world).document(Call(world.who, place.operation, example=place.example), place.operation)
    return of_this_country(world, place.operation, document)


def of_this_country(world: World, operation: Operation, document: JSON) -> JSON:
    """An example of an operation; a question what something costs is asked about a fee of the country."""
    fees = world.run.profile.fees(world.spec.slug)
    if operation.id != places.QUOTE or not fees:
        return document
    with_base = [fee for fee in fees if fee.get("formula")]  # only such a fee takes an amount
    return changed(document, "/lines/0/code", (with_base or fees)[0]["code"])


@sentence(
    "when",
    en="{who} writes {value}[ in {currency}] where {sort} belongs",
    es="{who} escribe {value}[ en {currency}] donde va {sort}",
    needs=Mode.WRITE,
)
def writes(world: World, who: str, value: str, sort: str, currency: str | None = None) -> None:
    """Send an example with this value at the first place of its sort; an amount in a currency, else the country's.

    A currency that is named must be foreign to the country: elsewhere the scenario does not apply.
    """
    written = world.value(value)
    if SORTS[sort] == "money":
        own = world.run.profile.currencies
        if currency in own:
            pytest.skip(ABSENT)
        written = {"amount": written, "currency": currency or own[0]}
    elif currency is not None:
        raise KitError("unreadable-value", f"{sort} has no currency", "leave the currency out")
    write(world, who, SORTS[sort], [written])


# Identifiers


@sentence(
    "given",
    en="this country has identifiers whose check digits it treats by {policy}",
    es="este país tiene identificadores cuyos dígitos verificadores trata con {policy}",
    needs=Mode.READ,
)
def has_scheme(world: World, policy: str) -> None:
    """Speak of the first scheme of the country with this policy (enforce, warn, none) and samples that fail it."""
    for scheme in world.run.profile.schemes.values():
        if scheme["checksum"] == policy and (policy == "none" or scheme["samples"]["badChecksum"]):
            world.known["scheme"] = dict(scheme)
            return
    pytest.skip(ABSENT)


@sentence(
    "when",
    en="{who} writes each {sample} sample[ {grouped}] where an identifier belongs",
    es="{who} escribe cada muestra {sample}[ {grouped}] donde va un identificador",
    needs=Mode.WRITE,
)
def writes_samples(world: World, who: str, sample: str, grouped: str | None = None) -> None:
    """Send an example with each sample of the profile (valid, badFormat, badChecksum) as its identifier.

    In groups is as people write it: between blanks, and with hyphens where the scheme has none of its own.
    """
    samples = _samples(world, sample)
    if grouped is not None:
        hyphen = " " if _scheme(world).get("keepHyphens") else "-"
        samples = [f" {value[:3]}{hyphen}{value[3:5]} {value[5:]}" for value in samples]
    write(world, who, "identifier", [_identifier(world, value) for value in samples])


def _scheme(world: World) -> dict[str, JSON]:
    """The scheme at hand, else the first of the country."""
    known: JSON = world.known.get("scheme")
    schemes = world.run.profile.schemes
    if known is None and not schemes:
        pytest.skip(ABSENT)
    return dict(known or next(iter(schemes.values())))


def _samples(world: World, name: str) -> list[str]:
    found = [str(value) for value in _scheme(world)["samples"].get(name) or ()]
    if not found:
        pytest.skip(ABSENT)
    return found


def _identifier(world: World, value: str) -> JSON:
    return {"scheme": _scheme(world)["scheme"], "value": value, "country": world.run.profile.country}


def holds_normal(world: World) -> None:
    """Every answer shows what was sent in the one form that the profile describes, its check digit judged likewise."""
    for exchange in world.group:
        sent = lookup(json.loads(exchange.answer.request.body), world.place)
        try:
            expected = world.run.profile.identifier(sent["scheme"], sent["value"])
        except IdentifierError:
            pytest.skip(ABSENT)
        found = [one for one in _objects(exchange.answer.json()) if one.get("scheme") == expected.scheme]
        if not any(
            one.get("value") == expected.value and one.get("checksum", expected.checksum) == expected.checksum
            for one in found
        ):
            raise Finding(
                say("the identifier does not come back in its normal form",
                    "el identificador no vuelve en su forma normal")
            )  # fmt: skip


def _objects(document: JSON) -> list[dict[str, JSON]]:
    """All objects of a document, at any depth."""
    found, waiting = [], [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            found.append(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return found


# What becomes of it


@sentence("then", en="it is taken as[ {instant}] {value}", es="se toma como[ {instant}] {value}")
def taken_as(world: World, value: str, instant: str | None = None) -> None:
    """The call succeeds, and its answer holds this value at the same place; or this very moment, written in UTC."""
    actual, expected = _taken(world), world.value(value)
    if instant is not None:
        _same_moment(world, actual, str(expected))
    elif actual != expected:
        raise Finding(
            say("{place} holds something else", "{place} contiene otra cosa", place=world.place),
            expected=ascii(expected)[:200], actual="-" if actual is MISSING else ascii(actual)[:200],
        )  # fmt: skip


def _same_moment(world: World, actual: JSON, expected: str) -> None:
    if not isinstance(actual, str) or _utc(actual) is None or _utc(actual) != _utc(expected):
        raise Finding(
            say("{place} holds another moment", "{place} contiene otro instante", place=world.place),
            expected=expected, actual=repr(actual)[:60],
        )  # fmt: skip


def _taken(world: World) -> JSON:
    operation = world.group[-1].operation
    require(world, lambda answer: operation is not None and answer.status == operation.success, "2xx")
    return lookup(world.answer.json(), world.place)


def _utc(text: str) -> datetime | None:
    """The moment of a text in UTC that ends in Z; nothing for any other text."""
    if not text.endswith("Z"):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def moments_in_utc(world: World) -> None:
    """Every answer holds at least one date with a time, and each of them ends in Z."""
    for exchange in world.group:
        moments = _moments(exchange.answer.json())
        wrong = [text for text in moments if _utc(text) is None]
        if not moments or wrong:
            raise Finding(
                say("a moment is not in UTC", "un instante no está en UTC"),
                expected="…Z", actual=", ".join(wrong[:5]),
            )  # fmt: skip


def _moments(document: JSON) -> list[str]:
    """All texts of a document that are dates with a time."""
    texts = [value for one in _objects(document) for value in one.values() if isinstance(value, str)]
    return [
        text for text in texts if len(text) <= LONGEST and text[4:5] == "-" and text[10:11] == "T" and _moment(text)
    ]


def _moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


@sentence("then", en="it is[ {negated}] refused there[ as {code}]",
          es="[{negated} ]se rechaza en ese lugar[ como {code}]")  # fmt: skip
def refused_there(world: World, code: str | None = None, negated: str | None = None) -> None:
    """The call answers 422 with an error at the place that was written; if not, it succeeds or fails otherwise."""
    if negated is not None:
        _not_refused(world, code)
        return
    require(world, lambda answer: answer.status == REFUSED, str(REFUSED))
    if not _errors_there(world, code):
        codes = ", ".join(str(entry.get("code")) for entry in _errors_there(world))
        raise Finding(
            say("the problem does not name {place} {code}", "el problema no nombra {place} {code}",
                place=world.place, code=code or ""),
            actual=codes or "-",
        )  # fmt: skip


def _not_refused(world: World, code: str | None) -> None:
    operation = world.group[-1].operation
    success = operation.success if operation is not None else 0
    require(world, lambda answer: answer.status in {success, REFUSED}, f"{success}, {REFUSED}")
    if world.answer.status == REFUSED and (_errors_there(world, code) or not errors_of(world.answer)):
        raise Finding(say("{place} is refused", "{place} se rechaza", place=world.place))


def _errors_there(world: World, code: str | None = None) -> list[dict[str, JSON]]:
    """The listed errors at the place that was written, or within it; of one code, if any is named."""
    return [
        entry
        for entry in errors_of(world.answer)
        if f"{entry.get('pointer')}/".startswith(f"{world.place}/")
        and entry.get("code") != "not-allowed-here"  # the member as such, whatever its value
        and code in {None, entry.get("code")}
    ]
