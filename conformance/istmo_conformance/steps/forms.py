"""Forms and schemas that a service serves, held against what its operations really take."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, TypeAlias

import jsonschema_rs

from istmo.errors import Finding
from istmo.spec import Operation, Spec
from istmo_conformance.calls import Call
from istmo_conformance.client import Answer
from istmo_conformance.exchanges import JSON_TYPE
from istmo_conformance.modes import Mode
from istmo_conformance.needs import by_choice
from istmo_conformance.steps.contract import served
from istmo_conformance.steps.files import pdf_text
from istmo_conformance.steps.then import problem_code
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
DRAFT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_TYPE = "application/schema+json"
MOST_BROKEN = 40
DEEPEST = 4
MALFORMED = frozenset({"validation-failed", "unknown-property", "malformed-json"})


def each_pdf(world: World) -> None:
    """Every answer of the last When is a PDF with text in it."""
    for exchange in world.group:
        if exchange.answer.media_type != "application/pdf" or not pdf_text(exchange.answer).strip():
            raise Finding(say("an answer is no PDF with text", "una respuesta no es un PDF con texto"))


def each_schema(world: World) -> None:
    """Every answer of the last When is a valid JSON Schema of draft 2020-12 that needs no other file."""
    for exchange in world.group:
        validator_of(exchange.answer)


def validator_of(answer: Answer) -> jsonschema_rs.Draft202012Validator:
    """The validator of a served schema; nothing that it names is ever fetched."""
    document = answer.json()
    if answer.media_type != SCHEMA_TYPE or not isinstance(document, dict) or document.get("$schema") != DRAFT:
        raise Finding(
            say("an answer is no JSON Schema 2020-12", "una respuesta no es un JSON Schema 2020-12"),
            expected=f"{SCHEMA_TYPE} {DRAFT}", actual=answer.media_type,
        )  # fmt: skip
    try:
        jsonschema_rs.meta.validate(document)
        return jsonschema_rs.Draft202012Validator(
            document, validate_formats=True, ignore_unknown_formats=True, retriever=_never
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        place = "/".join(map(str, getattr(error, "instance_path", ())))
        raise Finding(
            say("a JSON Schema is not valid at /{place}", "un JSON Schema no es válido en /{place}", place=place)
        ) from None


def _never(uri: str) -> JSON:
    raise ValueError(uri)


# What a form says and what its operation does


@sentence(
    "then",
    en="the schema of each form judges as {judge} does",
    es="el esquema de cada formulario juzga como {judge}",
    needs=by_choice("judge", ["its operation"], Mode.WRITE, Mode.READ),
)
def forms_judge(world: World, judge: str) -> None:
    """The schema of each form accepts and refuses the bodies that the served contract, or its operation, does."""
    JUDGES[judge](world)


def forms_as_contract(world: World) -> None:
    """The schema of each form accepts and refuses the bodies that the served contract accepts and refuses.

    A form may come before the operation that takes it: what is not claimed yet is judged by the regional contract.
    """
    national, group = served(world), world.group
    for code, operation, schema in _forms(world, group):
        awaited = operation.id not in national.operations and operation.stage > world.run.subject.claimed_stage
        contract = world.spec if awaited else national
        own = contract.operations.get(operation.id)
        pointer = own.request.get(JSON_TYPE) if own is not None else None
        if pointer is None:
            raise Finding(say("the contract has no {name}", "el contrato no tiene {name}", name=operation.id))
        rule = contract.validator(pointer)
        for name, body in _bodies(world.spec, operation):
            _agree(code, name, accepted=rule.is_valid(body), by_form=schema.is_valid(body))


def forms_as_operation(world: World) -> None:
    """The schema of each form accepts the bodies that its operation takes and refuses those it finds malformed.

    A body that the specification forbids and the service takes, or the other way round, is the matter of other
    requirements: nothing is concluded from it here.
    """
    seen: set[bool] = set()
    for code, operation, schema in _forms(world, world.group):
        if operation.stage > world.run.stage:
            continue
        rule = world.spec.validator(str(operation.request[JSON_TYPE]))
        for name, body in _bodies(world.spec, operation):
            call = Call(world.run.cast.entitled(operation), operation, body=json.dumps(body, ensure_ascii=False))
            accepted = _taken(world.perform(call)[-1], operation)
            if accepted is rule.is_valid(body):
                _agree(code, name, accepted=accepted, by_form=schema.is_valid(body))
                seen.add(accepted)
    if seen != {True, False}:
        raise Finding(
            say("no operation both takes what is right and refuses what is wrong",
                "ninguna operación acepta lo correcto y rechaza lo incorrecto")
        )  # fmt: skip


JUDGES = {"the contract": forms_as_contract, "its operation": forms_as_operation}


def _taken(answer: Answer, operation: Operation) -> bool | None:
    """Whether a body was taken, refused as malformed, or refused for what it says (None)."""
    if answer.status == operation.success:
        return True
    return False if answer.status in {400, 422} and problem_code(answer) in MALFORMED else None


def _agree(code: str, name: str, *, accepted: bool, by_form: bool) -> None:
    if accepted is not by_form:
        word = say("accepts", "acepta") if by_form else say("refuses", "rechaza")
        raise Finding(
            say("the form {code} {word} {name}", "el formulario {code} {word} {name}", code=code, word=word, name=name),
            expected="accepted" if accepted else "refused", actual="accepted" if by_form else "refused",
        )  # fmt: skip


def _forms(world: World, group: list[Any]) -> Iterator[tuple[str, Operation, jsonschema_rs.Draft202012Validator]]:
    """Code, operation and schema of each form that was fetched."""
    listed = {str(item.get("code")): item for item in world.collected if isinstance(item, dict)}
    for exchange in group:
        code = exchange.answer.request.path.rpartition("/")[2]
        operation = world.spec.operations.get(str(listed.get(code, {}).get("operationId")))
        # A form of a national operation is judged by nobody here: the region does not know what it takes.
        if operation is not None and JSON_TYPE in operation.request:
            yield code, operation, validator_of(exchange.answer)


def _bodies(spec: Spec, operation: Operation) -> Iterator[tuple[str, JSON]]:
    """The named examples of an operation, and bodies that are broken so that the specification forbids them."""
    examples = {name: spec.example(operation.id, name) for name in spec.request_examples(operation.id)}
    yield from ((f'"{name}"', body) for name, body in examples.items())
    rule = spec.validator(str(operation.request[JSON_TYPE]))
    left = MOST_BROKEN
    for name, body in [pair for example in list(examples.values())[:1] for pair in broken(example)]:
        if left and not rule.is_valid(body):
            left -= 1
            yield name, body


def broken(example: JSON) -> Iterator[tuple[str, JSON]]:
    """Bodies that differ from an example in one place: a member gone, of another type, empty, too large, unknown."""
    for path, value in _places(example, ()):
        place = "/" + "/".join(map(str, path))
        if path:
            yield f"{place} -", _with(example, path, ...)
            for odd in _odd(value):
                yield f"{place} = {json.dumps(odd)[:20]}", _with(example, path, odd)
        if isinstance(value, dict):
            yield f"{place} +", _with(example, (*path, "istmoNoSuchMember"), True)


def _places(node: JSON, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], JSON]]:
    """All places of a document down to some depth, the outer ones first."""
    level = [(path, node)]
    while level:
        yield from level
        level = [
            ((*above, key), value)
            for above, found in level
            if isinstance(found, dict) and len(above) < DEEPEST
            for key, value in found.items()
        ]


def _odd(value: JSON) -> list[JSON]:
    """Values that stand where this one stands and should not."""
    if isinstance(value, bool):
        return ["true"]
    if isinstance(value, str):
        return [17, ""]
    if isinstance(value, int):
        return [str(value), -1, 10**12]
    return ["istmo"]


def _with(document: JSON, path: tuple[Any, ...], value: JSON) -> JSON:
    """A copy with another value at a place, or without it."""
    result = copy.deepcopy(document)
    place = result
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return result
