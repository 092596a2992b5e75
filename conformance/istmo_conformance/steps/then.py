"""What must be true of the last answers: status, problem, members, headers, lists, documents."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo_conformance.checks.observation import ensures_answers_match_the_contract
from istmo_conformance.client import Answer
from istmo_conformance.values import MISSING, find_member, lookup, pointer_of
from istmo_conformance.vocabulary import names_of, numbers_of, sentence
from istmo_conformance.words import say
from istmo_conformance.world import Exchange, World

JSON: TypeAlias = Any
NAMED = 12


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
    if not world.group:
        raise KitError("no-answer", "no call was made yet", "put a When before this Then")
    bad = [shown(exchange) for exchange in world.group if not good(exchange.answer)]
    if bad:
        more = f" (+{len(bad) - NAMED})" if len(bad) > NAMED else ""
        raise Finding(
            say("expected {expected}; got {bad}", "se esperaba {expected}; se recibió {bad}",
                expected=expected, bad="; ".join(bad[:NAMED]) + more),
            expected=expected, actual="; ".join(bad),
        )  # fmt: skip


@sentence("then", en="the answer is {status}[ {code}]", es="la respuesta es {status}[ {code}]")
def answer_is(world: World, status: str, code: str | None = None) -> None:
    """The last answer has this status and, if named, this problem code."""
    world.group = world.group[-1:]
    require(world, lambda answer: _is(answer, int(status), code), f"{status} {code or ''}".strip())


@sentence("then", en="each answer is {status}[ {code}]", es="cada respuesta es {status}[ {code}]")
def each_is(world: World, status: str, code: str | None = None) -> None:
    """Every answer of the last When has this status and, if named, this problem code."""
    require(world, lambda answer: _is(answer, int(status), code), f"{status} {code or ''}".strip())


@sentence("then", en="each answer is one of {statuses}", es="cada respuesta es una de {statuses}")
def each_is_one_of(world: World, statuses: str) -> None:
    """Every answer of the last When has one of these statuses."""
    allowed = numbers_of(statuses)
    require(world, lambda answer: answer.status in allowed, statuses)


@sentence("then", en="exactly {number} answer[s] [is ][are ]{status}[ {code}]",
          es="exactamente {number} respuesta[s] [es ][son ]{status}[ {code}]")  # fmt: skip
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
        return answer.status == status and (code is None or problem_code(answer) == code)
    except Finding:
        return False


@sentence("then", en="each answer is as the specification says", es="cada respuesta es como dice la especificación")
def each_as_specified(world: World) -> None:
    """Every answer of the last When has a declared status, its headers, media type and a body that fits its schema."""
    for exchange in world.group:
        for found in ensures_answers_match_the_contract(world.run.contract, exchange.operation, exchange.answer):
            raise found


@sentence("then", en="all answers are the same", es="todas las respuestas son iguales")
def all_same(world: World) -> None:
    """Every answer of the last When has the same status and body."""
    bodies = {(exchange.answer.status, exchange.answer.body) for exchange in world.group}
    if len(bodies) != 1:
        raise Finding(
            say("{number} different answers", "{number} respuestas distintas", number=len(bodies)),
            actual="; ".join(shown(exchange) for exchange in world.group[:NAMED]),
        )


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


def _essence(answer: Answer) -> dict[str, Any]:
    """What a repeated answer has in common with the first one."""
    return {
        "status": answer.status,
        "body": answer.body,
        "ETag": answer.header("etag"),
        "Location": answer.header("location"),
    }


@sentence("then", en="the problem names {pointers}[ as {code}]", es="el problema nombra {pointers}[ como {code}]")
def problem_names(world: World, pointers: str, code: str | None = None) -> None:
    """The problem lists an error at this pointer, or for a parameter or header of this name."""
    _name(world.answer, pointers, code)


@sentence("then", en="each problem names {pointers}[ as {code}]", es="cada problema nombra {pointers}[ como {code}]")
def each_problem_names(world: World, pointers: str, code: str | None = None) -> None:
    """Every problem of the last When lists an error at this pointer, or for a parameter or header of this name."""
    for exchange in world.group:
        _name(exchange.answer, pointers, code)


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


# Members


def member(world: World, name: str) -> JSON:
    """What the last answer holds under a name."""
    return lookup(world.answer.json(), pointer_of(name))


@sentence("then", en="{member_} is {value}", es="{member_} es {value}")
def member_is(world: World, member_: str, value: str) -> None:
    """A member of the last answer has this value."""
    expected, actual = world.value(value), member(world, member_)
    if actual != expected or isinstance(actual, bool) is not isinstance(expected, bool):
        raise Finding(
            say('"{name}" is not as expected', '"{name}" no es lo esperado', name=member_),
            expected=repr(expected)[:200], actual="-" if actual is MISSING else repr(actual)[:200],
        )  # fmt: skip


@sentence("then", en="{member_} differs from {value}", es="{member_} difiere de {value}")
def member_differs(world: World, member_: str, value: str) -> None:
    """A member of the last answer is there and has another value."""
    actual = member(world, member_)
    if actual is MISSING or actual == world.value(value):
        raise Finding(say('"{name}" is absent or unchanged', '"{name}" falta o no cambió', name=member_))


@sentence("then", en="{member_} is absent", es="falta {member_}")
def member_absent(world: World, member_: str) -> None:
    """The last answer does not have a member."""
    if member(world, member_) is not MISSING:
        raise Finding(say('"{name}" is present', '"{name}" está presente', name=member_))


@sentence("then", en="{member_} is present", es="está {member_}")
def member_present(world: World, member_: str) -> None:
    """The last answer has a member, and it is not empty."""
    if member(world, member_) in (MISSING, None, "", [], {}):
        raise Finding(say('"{name}" is absent or empty', '"{name}" falta o está vacío', name=member_))


@sentence("then", en="{member_} matches {pattern}", es="{member_} cumple con {pattern}")
def member_matches(world: World, member_: str, pattern: str) -> None:
    """A member of the last answer is a text of this form."""
    actual = member(world, member_)
    if not isinstance(actual, str) or len(actual) > 4000 or not re.fullmatch(pattern, actual):  # noqa: PLR2004  # a cap
        raise Finding(say('"{name}" has another form', '"{name}" tiene otra forma', name=member_), expected=pattern)


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


@sentence("then", en="{member_} has {number} item[s]", es="{member_} tiene {number} elemento[s]")
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


@sentence("then", en="the answer has only {names}", es="la respuesta tiene solo {names}")
def has_only(world: World, names: str) -> None:
    """The last answer is an object with exactly these members."""
    document = world.answer.json()
    actual = set(document) if isinstance(document, dict) else set()
    expected = set(names_of(names))
    if actual != expected:
        raise Finding(
            say("the members are {actual}", "los miembros son {actual}", actual=", ".join(sorted(actual)) or "-"),
            expected=", ".join(sorted(expected)), actual=", ".join(sorted(actual)),
        )  # fmt: skip


@sentence("then", en="the answer has {names}", es="la respuesta tiene {names}")
def has(world: World, names: str) -> None:
    """The last answer has these members, whatever else it has."""
    missing = [name for name in names_of(names) if member(world, name) is MISSING]
    if missing:
        raise Finding(say("missing: {names}", "faltan: {names}", names=", ".join(missing)))


@sentence("then", en="the answer reveals nothing of {who}", es="la respuesta no revela nada de {who}")
def reveals_nothing(world: World, who: str) -> None:
    """No name, birth date, subject or identifier of a persona stands anywhere in the last answers."""
    persona = world.run.cast.persona(who)
    texts = set(_texts(persona.name)) | {persona.birth_date or "", persona.subject}
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


# Headers


@sentence("then", en="[each ]header {name} is {content}", es="[cada ]cabecera {name} es {content}")
def header_is(world: World, name: str, content: str) -> None:
    """Every answer of the last When carries a header of this value."""
    require(world, lambda answer: answer.header(name) == content, f"{name}: {content}")


@sentence("then", en="[each ]header {name} is present", es="[cada ]cabecera {name} está presente")
def header_present(world: World, name: str) -> None:
    """Every answer of the last When carries a header."""
    require(world, lambda answer: bool(answer.header(name)), name)


@sentence("then", en="[each ]header {name} is absent", es="[cada ]cabecera {name} falta")
def header_absent(world: World, name: str) -> None:
    """No answer of the last When carries a header."""
    require(world, lambda answer: answer.header(name) is None, f"- {name}")


@sentence("then", en="[each ]header {name} equals {value}", es="[cada ]cabecera {name} equivale a {value}")
def header_equals(world: World, name: str, value: str) -> None:
    """Every answer of the last When carries a header of a value that only the run knows."""
    expected = str(world.value(value))
    require(world, lambda answer: answer.header(name) == expected, f"{name}: {expected[:200]}")


@sentence("then", en="[each ]header {name} matches {pattern}", es="[cada ]cabecera {name} cumple con {pattern}")
def header_matches(world: World, name: str, pattern: str) -> None:
    """Every answer of the last When carries a header of this form."""
    form = re.compile(pattern)
    require(world, lambda answer: bool(form.fullmatch(answer.header(name) or "")), f"{name}: {pattern}")


@sentence("then", en="each header {name} differs", es="cada cabecera {name} es distinta")
def headers_differ(world: World, name: str) -> None:
    """No two answers of the last When carry the same value of a header."""
    values = [exchange.answer.header(name) for exchange in world.group]
    if None in values or len(set(values)) != len(values):
        raise Finding(say("{name} repeats itself", "{name} se repite", name=name))


# Documents, digests, signatures


@sentence("then", en="the PDF says {value}", es="el PDF dice {value}")
def pdf_says(world: World, value: str) -> None:
    """The text of the PDF contains a value."""
    wanted = str(world.value(value))
    text = pdf_text(world.answer)
    if "".join(wanted.split()) not in "".join(text.split()):
        raise Finding(say("the PDF does not say it", "el PDF no lo dice"), expected=wanted[:120])


def pdf_text(answer: Answer) -> str:
    """The text of a PDF."""
    import io

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.body)).pages[:20])
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Finding(say("the answer is not a readable PDF", "la respuesta no es un PDF legible")) from error


@sentence("then", en="{value} is the digest of the answer", es="{value} es el resumen de la respuesta")
def digest_of_answer(world: World, value: str) -> None:
    """A SHA-256 in hexadecimal is that of the bytes of the last answer."""
    if str(world.value(value)).lower() != hashlib.sha256(world.answer.body).hexdigest():
        raise Finding(say("the digest is another", "el resumen es otro"))


@sentence("then", en="{member_} verifies with the served keys", es="{member_} se verifica con las llaves publicadas")
def signature_verifies(world: World, member_: str) -> None:
    """A compact JWS of the last answer verifies with the keys that the service publishes."""
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    from istmo_conformance.client import Request

    served = world.run.client.send(Request("GET", "/.well-known/jwks.json", (("Accept", "application/json"),)))
    token = find_member(world.answer.json(), member_) if not member_.startswith("/") else member(world, member_)
    try:
        keys = KeySet.import_key_set(served.json())
        jws.deserialize_compact(str(token), keys, algorithms=["Ed25519", "EdDSA", "ES256"])
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Finding(
            say(
                "the signature does not verify ({why})",
                "la firma no se verifica ({why})",
                why=type(error).__name__,
            )
        ) from None


@sentence("then", en="the answer does not say {text_}", es="la respuesta no dice {text_}")
def does_not_say(world: World, text_: str) -> None:
    """Nothing of the last answer, headers included, contains a text."""
    answer = world.answer
    if text_.encode() in answer.body or any(text_ in value for _, value in answer.fields):
        raise Finding(say("the answer repeats what it must not say", "la respuesta repite lo que no debe decir"))
