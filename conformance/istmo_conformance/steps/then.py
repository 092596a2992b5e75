"""What must be true of the last answers: status, problem, members and headers."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo_conformance.checks.observation import ensures_answers_match_the_contract
from istmo_conformance.client import Answer
from istmo_conformance.exchanges import Exchange
from istmo_conformance.needs import by_status
from istmo_conformance.trying import ensure_ready
from istmo_conformance.values import MISSING, lookup, pointer_of
from istmo_conformance.vocabulary import names_of, numbers_of, sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
NAMED = 12
LOST = frozenset({404, 409, 410, 412})  # what a call may hear that came at the moment of another, and was the later
BUSY = "idempotency-in-progress"


def problem_code(answer: Answer) -> str | None:
    """The code of a problem, if the answer is one."""
    if answer.media_type != "application/problem+json":
        return None
    document = answer.json()
    code = document.get("code") if isinstance(document, dict) else None
    return code if isinstance(code, str) else None


def shown(exchange: Exchange) -> str:
    """An answer in a few words: operation, status, code."""
    try:
        code = problem_code(exchange.answer)
    except Finding:
        code = None
    name = exchange.operation.id if exchange.operation else exchange.answer.request.method
    return f"{name} {exchange.answer.status}" + (f" {code}" if code else "")


def require(world: World, good: Any, expected: str) -> None:
    """Hold all answers of the last When against a test, and name those that fail it."""
    if not world.group and not world.unready:
        raise KitError("no-answer", "no call was made yet", "put a When before this Then")
    bad = [shown(exchange) for exchange in world.group if not good(exchange.answer)]
    if bad:
        more = f" (+{len(bad) - NAMED})" if len(bad) > NAMED else ""
        raise Finding(
            say("expected {expected}; got {bad}", "se esperaba {expected}; se recibió {bad}",
                expected=expected, bad="; ".join(bad[:NAMED]) + more),
            expected=expected, actual="; ".join(bad),
        )  # fmt: skip
    ensure_ready(world.unready)


@sentence(
    "then",
    en="{every} answer is {statuses}[ {code}]",
    es="{every} respuesta es {statuses}[ {code}]",
    needs=by_status,
)
def answer_is(world: World, every: str, statuses: str, code: str | None = None) -> None:
    """The last answer, or each of the last When, has one of these statuses and, if named, this code or violation."""
    if every == "the":
        world.group = world.group[-1:]
    allowed = numbers_of(statuses)
    expected = f"{', '.join(map(str, allowed))} {code or ''}".strip()
    require(world, lambda answer: any(_is(answer, status, code) for status in allowed), expected)


@sentence(
    "then",
    en="exactly {number} answer[s] [is ][are ]{status}[ {code}]",
    es="exactamente {number} respuesta[s] [es ][son ]{status}[ {code}]",
    needs=by_status,
)
def exactly(world: World, number: str, status: str, code: str | None = None) -> None:
    """So many answers of the last When have this status, no more and no fewer."""
    found = sum(_is(exchange.answer, int(status), code) for exchange in world.group)
    if found != int(number):
        raise Finding(
            say("{found} answers are {status}, not {number}: {all}",
                "{found} respuestas son {status}, no {number}: {all}",
                found=found, status=status, number=number,
                all=dict(Counter(exchange.answer.status for exchange in world.group)))
        )  # fmt: skip


def _is(answer: Answer, status: int, code: str | None) -> bool:
    try:
        return answer.status == status and (code is None or code in _codes(answer))
    except Finding:
        return False


def _codes(answer: Answer) -> set[str | None]:
    """What a problem is called: some violations have a code of the catalogue, and may stand alone or among others."""
    found = problem_code(answer)
    listed = {str(entry.get("code")) for entry in errors_of(answer)} if found == "validation-failed" else set()
    return {found, *listed}


def each_as_specified(world: World) -> None:
    """Every answer of the last When has a declared status, its headers, media type and a body that fits its schema."""
    for exchange in world.group:
        for found in ensures_answers_match_the_contract(world.run.contract, exchange.operation, exchange.answer):
            raise found


@sentence("then", en="the answer is the same as the one before", es="la respuesta es igual a la anterior")
def same_as_before(world: World) -> None:
    """Status, body, tag and place are those of the earlier answer to this operation."""
    operation = world.group[-1].operation
    earlier = [one.answer for one in world.history[:-1] if one.operation is operation]
    if not earlier:
        raise KitError("nothing-before", "this operation was not called before", "call it twice")
    before, after = _essence(earlier[-1]), _essence(world.answer)
    for what in before:
        if before[what] != after[what]:
            raise Finding(say("the {what} differs", "difiere: {what}", what=what))


def same_twice(world: World) -> None:
    """Of each two answers of the last When the first is a success, and the second repeats it and says so."""
    unready, bad = dict(world.unready), []
    for first, second in zip(world.group[::2], world.group[1::2], strict=True):
        if first.operation is not None and first.answer.status != first.operation.success:
            unready[first.operation.id] = shown(first)
            continue
        again = second.answer.header("idempotency-replayed") == "true"
        if not again or _essence(first.answer) != _essence(second.answer):
            bad.append(f"{shown(first)}, {second.answer.status}")
    if bad:
        raise Finding(say("not the same the second time: {bad}", "no es igual la segunda vez: {bad}",
                          bad="; ".join(bad[:NAMED])), actual="; ".join(bad))  # fmt: skip
    ensure_ready(unready)


def of_one_effect(world: World) -> None:
    """Of the answers to one operation, those that succeed are the same, and the others say that they came too late."""
    unready, bad = dict(world.unready), []
    for operation, found in groupby(world.group, key=lambda exchange: exchange.operation):
        if operation is None:
            continue
        answers = [exchange.answer for exchange in found]
        done = [answer for answer in answers if answer.status == operation.success]
        others = [answer for answer in answers if answer.status not in {operation.success, *LOST}]
        told = f"{operation.id} {', '.join(sorted(str(answer.status) for answer in answers))}"
        if len({tuple(_essence(answer).values()) for answer in done}) > 1 or (done and others):
            bad.append(told)
        elif not done and not others and all(problem_code(answer) == BUSY for answer in answers):
            bad.append(told)  # each has waited for another, and nothing was done
        elif not done:
            unready[operation.id] = told
    if bad:
        raise Finding(say("not of one effect: {bad}", "no es de un solo efecto: {bad}", bad="; ".join(bad[:NAMED])),
                      actual="; ".join(bad))  # fmt: skip
    ensure_ready(unready)


def _essence(answer: Answer) -> dict[str, Any]:
    """What a repeated answer has in common with the first one."""
    return {
        "status": answer.status,
        "body": answer.body,
        "ETag": answer.header("etag"),
        "Location": answer.header("location"),
    }


@sentence("then", en="{every} problem names {pointers}[ as {code}]",
          es="{every} problema nombra {pointers}[ como {code}]")  # fmt: skip
def problem_names(world: World, every: str, pointers: str, code: str | None = None) -> None:
    """The last problem, or each, lists an error at this pointer, or for a parameter or header of this name."""
    for answer in [exchange.answer for exchange in world.group] if every == "each" else [world.answer]:
        _name(answer, pointers, code)


def _name(answer: Answer, pointers: str, code: str | None) -> None:
    found = errors_of(answer)
    for entry in found:
        if pointers in {entry.get("pointer"), entry.get("name")} and code in {None, entry.get("code")}:
            return
    places = ", ".join(f"{entry.get('pointer') or entry.get('name')} {entry.get('code')}" for entry in found[:NAMED])
    raise Finding(
        say("the problem does not name {pointers} {code}; it names: {places}",
            "el problema no nombra {pointers} {code}; nombra: {places}",
            pointers=pointers, code=code or "", places=places or "-")
    )  # fmt: skip


@sentence("then", en="the problem lies in the {noun}", es="el problema está en {noun}")
def problem_in(world: World, noun: str) -> None:
    """The first listed error lies in the body, path, query or header."""
    found = errors_of(world.answer)
    if not found or found[0].get("in") != noun:
        raise Finding(say("the problem does not lie in the {noun}", "el problema no está en {noun}", noun=noun))


def errors_of(answer: Answer) -> list[dict[str, JSON]]:
    """The listed errors of a problem."""
    document = answer.json()
    errors = document.get("errors") if isinstance(document, dict) else None
    return [entry for entry in errors if isinstance(entry, dict)] if isinstance(errors, list) else []


# Members and headers


def member(world: World, name: str) -> JSON:
    """What the last answer holds under a name."""
    return lookup(world.answer.json(), pointer_of(name))


def header_of(thing: str) -> str | None:
    """The name of the header that words speak of; nothing where they speak of a member."""
    return None if thing.startswith('"') else name_in(thing)


def name_in(thing: str) -> str:
    """The name of a member or header."""
    return names_of(thing)[0]


@sentence("then", en="{thing} is[ {negated}] {value}", es="{thing}[ {negated}] es {value}")
def thing_is(world: World, thing: str, value: str, negated: str | None = None) -> None:
    """A member of the last answer, or a header of every answer, is there and has this value, or another one."""
    header = header_of(thing)
    if header is not None:
        _header_is(world, header, str(world.value(value)), negated)
    elif negated is not None:
        _member_is_not(world, name_in(thing), value)
    else:
        _member_is(world, name_in(thing), value)


def _header_is(world: World, name: str, text: str, negated: str | None) -> None:
    if negated is None:
        require(world, lambda answer: answer.header(name) == text, f"{name}: {text[:200]}")
    else:
        require(world, lambda answer: answer.header(name) not in {None, text}, f"{name}: not {text[:200]}")


def _member_is(world: World, name: str, value: str) -> None:
    expected, actual = world.value(value), member(world, name)
    if actual != expected or isinstance(actual, bool) is not isinstance(expected, bool):
        raise Finding(
            say('"{name}" is not as expected', '"{name}" no es lo esperado', name=name),
            expected=repr(expected)[:200], actual="-" if actual is MISSING else repr(actual)[:200],
        )  # fmt: skip


def _member_is_not(world: World, name: str, value: str) -> None:
    actual = member(world, name)
    if actual is MISSING or actual == world.value(value):
        raise Finding(say('"{name}" is absent or unchanged', '"{name}" falta o no cambió', name=name))


@sentence("then", en="{thing} is {presence}", es="{thing} está {presence}")
def thing_present(world: World, thing: str, presence: str) -> None:
    """The last answer has a member that is not empty, or every answer a header; or none does."""
    header, name, wanted = header_of(thing), name_in(thing), presence == "present"
    if header is not None and wanted:
        require(world, lambda answer: bool(answer.header(header)), header)
    elif header is not None:
        require(world, lambda answer: answer.header(header) is None, f"- {header}")
    elif wanted and member(world, name) in (MISSING, None, "", [], {}):
        raise Finding(say('"{name}" is absent or empty', '"{name}" falta o está vacío', name=name))
    elif not wanted and member(world, name) is not MISSING:
        raise Finding(say('"{name}" is present', '"{name}" está presente', name=name))


@sentence("then", en="{thing} matches {pattern}", es="{thing} cumple con {pattern}")
def thing_matches(world: World, thing: str, pattern: str) -> None:
    """A member of the last answer, or a header of every answer, is a text of this form."""
    header, name, form = header_of(thing), name_in(thing), re.compile(pattern)
    if header is not None:
        require(world, lambda answer: bool(form.fullmatch(answer.header(header) or "")), f"{header}: {pattern}")
        return
    actual = member(world, name)
    if not isinstance(actual, str) or len(actual) > 4000 or not form.fullmatch(actual):  # noqa: PLR2004  # a cap
        raise Finding(say('"{name}" has another form', '"{name}" tiene otra forma', name=name), expected=pattern)


@sentence("then", en="each header {name} differs", es="cada cabecera {name} es distinta")
def headers_differ(world: World, name: str) -> None:
    """No two answers of the last When carry the same value of a header."""
    values = [exchange.answer.header(name) for exchange in world.group]
    if None in values or len(set(values)) != len(values):
        raise Finding(say("{name} repeats itself", "{name} se repite", name=name))


@sentence("then", en="{member_} contains {value}", es="{member_} contiene {value}")
def member_contains(world: World, member_: str, value: str) -> None:
    """A list of the last answer has an item, or a text a part, of this value; an item may have more members."""
    actual, expected = member(world, member_), world.value(value)
    if isinstance(actual, str) and isinstance(expected, str) and expected in actual:
        return
    if isinstance(actual, list) and any(covers(item, expected) for item in actual):
        return
    raise Finding(
        say('"{name}" does not contain it', '"{name}" no lo contiene', name=member_),
        expected=repr(expected)[:200],
    )


@sentence(
    "then",
    en="{member_} has {number} item[s]",
    es="{member_} tiene {number} elemento[s]",
    counts=True,
)
def member_counts(world: World, member_: str, number: str) -> None:
    """A list of the last answer has so many items."""
    actual = member(world, member_)
    if not isinstance(actual, list) or len(actual) != int(number):
        count = len(actual) if isinstance(actual, list) else "-"
        raise Finding(say('"{name}" has {count} items', '"{name}" tiene {count} elementos', name=member_, count=count))


def covers(actual: JSON, expected: JSON) -> bool:
    """Whether a value has everything that another one has."""
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(
            key in actual and covers(actual[key], value) for key, value in expected.items()
        )
    return bool(actual == expected)


@sentence("then", en="the answer has[ {only}] {names}", es="la respuesta tiene[ {only}] {names}")
def has(world: World, names: str, only: str | None = None) -> None:
    """The last answer has these members, whatever else it has, or is an object with exactly these."""
    if only is not None:
        _has_only(world, set(names_of(names)))
        return
    missing = [name for name in names_of(names) if member(world, name) is MISSING]
    if missing:
        raise Finding(say("missing: {names}", "faltan: {names}", names=", ".join(missing)))


def _has_only(world: World, expected: set[str]) -> None:
    document = world.answer.json()
    actual = set(document) if isinstance(document, dict) else set()
    if actual != expected:
        raise Finding(
            say("the members are {actual}", "los miembros son {actual}", actual=", ".join(sorted(actual)) or "-"),
            expected=", ".join(sorted(expected)), actual=", ".join(sorted(actual)),
        )  # fmt: skip


@sentence("then", en="the answer reveals nothing of {who}", es="la respuesta no revela nada de {who}")
def reveals_nothing(world: World, who: str) -> None:
    """No name, birth date, subject or identifier of a persona stands anywhere in the last answers."""
    persona = world.run.cast.persona(who)
    texts = set(_texts(persona.name)) | {persona.birth_date or "", persona.subject}
    texts |= set(persona.document.get("identifiers") or ())
    texts |= {str(one.get("value", "")) for one in world.run.profile.persona_identifiers(persona.persona)}
    for exchange in world.group:
        body = exchange.answer.body.decode("utf-8", errors="replace")
        if any(text and re.search(rf"\b{re.escape(text)}\b", body) for text in texts):
            raise Finding(
                say("{what} reveals personal data of {who}", "{what} revela datos personales de {who}",
                    what=shown(exchange), who=who)
            )  # fmt: skip


def _texts(value: JSON) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else []
    return [text for item in items for text in _texts(item)]
