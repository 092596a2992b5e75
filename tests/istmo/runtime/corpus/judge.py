"""What every answer to a hostile call must be; anything else is told as one line a fault."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jsonschema

from istmo.errors import problem_types
from istmo.runtime import parse
from istmo.runtime.trace import SAFE_HEADERS

from ._calls import json_of
from .field import Answer, Field, Ready

if TYPE_CHECKING:
    from istmo.spec import Spec

    from ._calls import Call

# Refusals of the transport, which no operation declares.
TRANSPORT = frozenset({405, 408, 431})
LEAK = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|sqlite|/(home|usr|lib)/"
    r"|\b(SELECT|INSERT|UPDATE|DELETE)\s+(\*|INTO|FROM|\w+ SET)"
    r"|Error\b|Exception|0x[0-9a-f]{6}"
)
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x1f\x7f]*")
FORMATS = jsonschema.FormatChecker()
INSTANT = FORMATS.checkers["date-time"][0]


def _is_instant(value: object) -> bool:
    """RFC 3339 knows leap seconds; the library behind `jsonschema` does not."""
    return not isinstance(value, str) or bool(INSTANT(value.upper().replace("T23:59:60", "T23:59:59")))


def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or URI.fullmatch(value) is not None


FORMATS.checks("date-time")(_is_instant)
FORMATS.checks("uri")(_is_uri)


def faults(ready: Ready, call: Call, answer: Answer, *, refused: bool, needle: str = "") -> list[str]:
    """Everything that is wrong with an answer by itself; what was stored is the caller's to compare."""
    if answer.status >= 500:
        return [f"{answer.status} {answer.body[:300]!r}"]
    found = [f"header {name.decode()} is missing" for name, _ in SAFE_HEADERS if name.decode() not in answer.headers]
    found += [
        f"header {name} holds a line end" for name, value in answer.headers.items() if re.search(r"[\r\n\0]", value)
    ]
    if answer.status < 400:
        if refused:
            found.append(f"taken with {answer.status}")
        elif call.body and json_of(ready.operation) is not None:
            found += second_opinion(ready, call)
        return found
    return found + _problem_faults(ready, call, answer, needle)


def _problem_faults(ready: Ready, call: Call, answer: Answer, needle: str) -> list[str]:
    if answer.headers.get("content-type") != "application/problem+json":
        return [f"{answer.status} is no problem but {answer.headers.get('content-type')}"]
    text = answer.body.decode()
    document = answer.json()
    schema = _schema("#/components/schemas/Problem", ready.spec)
    found = [f"not as the schema of problems says: {one.message}" for one in schema.iter_errors(document)]
    known = problem_types().get(document["code"])
    if known is None or known.status != answer.status or document["status"] != answer.status:
        found.append(f"{answer.status} with code {document['code']}")
    if document["correlationId"] != answer.headers.get("correlation-id"):
        found.append("another correlation id in the body than in the header")
    elsewhere = answer.status == 404 and call.path != ready.calls[0].path
    if str(answer.status) not in ready.operation.responses and answer.status not in TRANSPORT and not elsewhere:
        found.append(f"{answer.status} {document['code']} is not declared")
    scheme = "Signature" if ready.operation.signed else "Bearer"
    if answer.status == 401 and not answer.headers.get("www-authenticate", "").startswith(scheme):
        found.append("401 without a challenge")
    if leak := LEAK.search(text):
        found.append(f"the problem tells of the inside: {leak[0]!r}")
    if len(needle) > 5 and needle in text:
        found.append("the problem repeats the refused value")
    found += [f"the problem repeats {one!r} of the body" for one in _personal(ready) if one in text]
    if len(text) > 64 * 1024:
        found.append(f"a problem of {len(text)} characters")
    return found


def _personal(ready: Ready) -> set[str]:
    return {text for text in ready.strings if len(text) > 4 and not re.fullmatch("[a-z-]+", text)}


def second_opinion(ready: Ready, call: Call) -> list[str]:
    """What another reader says of a body that was taken: Python's own decoder, strict, then `jsonschema`."""
    try:
        value = _strict(call.body)
    except ValueError as error:
        return [f"taken, but {error}"]
    pointer = ready.operation.request[str(json_of(ready.operation))]
    if pointer is None:
        return []
    validator = _schema(pointer, ready.spec)
    return [f"taken, but {list(one.absolute_path)} {one.validator}" for one in validator.iter_errors(_composed(value))]


def _strict(body: bytes) -> Any:
    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in members}) != len(members):
            raise ValueError("a member stands twice")
        if any(parse.BAD_TEXT.search(name) for name, _ in members):
            raise ValueError("a name holds a control character")
        return dict(members)

    def constant(name: str) -> Any:
        raise ValueError(f"{name} is no JSON")

    return json.loads(body.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant)


def _composed(value: Any) -> Any:
    """The value with composed letters and whole numbers as integers; what no text may hold is an error."""
    if isinstance(value, str):
        if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", value):
            raise ValueError("a text holds a control character")
        return unicodedata.normalize("NFC", value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) > 2**53 - 1:
        raise ValueError("a number is beyond what every reader keeps")
    if isinstance(value, list):
        return [_composed(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _composed(one) for name, one in value.items()}
    return value


_SCHEMAS: dict[tuple[str, str], jsonschema.Draft202012Validator] = {}


def _schema(pointer: str, spec: Spec) -> jsonschema.Draft202012Validator:
    key = (spec.slug, pointer)
    if key not in _SCHEMAS:
        whole = {**spec.document, "$ref": pointer}
        _SCHEMAS[key] = jsonschema.Draft202012Validator(whole, format_checker=FORMATS)
    return _SCHEMAS[key]


async def judged(field: Field, ready: Ready, call: Call, *, refused: bool, needle: str = "") -> list[str]:
    """Send a call in the state that the operation wants; tell what is wrong with the answer and what it left behind."""
    before = field.digest()
    answer = await field.send(call)
    found = faults(ready, call, answer, refused=refused, needle=needle)
    if field.digest() != before:
        if answer.status >= 400:
            found.append(f"something was stored although the answer is {answer.status}")
        field.restore(ready.state)
    return found
