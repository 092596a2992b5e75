"""What the specification says about an answer, compiled once a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from istmo.errors import Finding
from istmo.spec import Operation, Response, Spec
from istmo_conformance.client import Answer
from istmo_conformance.words import say

JSON: TypeAlias = Any
PROBLEM = "application/problem+json"
# Answers that any operation may give without declaring them: they belong to HTTP, not to the operation.
ALWAYS_ALLOWED = frozenset({405, 431})
# Headers that a requirement of their own watches over: their lack counts there, and only there.
WATCHED = frozenset({"correlation-id", "api-version", "www-authenticate"})
NOT_MODIFIED = 304


class Contract:
    """Validators by schema, and the lookups around them."""

    def __init__(self, spec: Spec, problem_codes: dict[str, int]) -> None:
        self.spec = spec
        self.problem_codes = problem_codes
        self.problem_pointer = "#/components/schemas/Problem"

    def declared(self, operation: Operation, status: int) -> Response | None:
        """What an operation declares for a status."""
        return operation.response(status)

    def violations(self, pointer: str, document: JSON) -> list[str]:
        """Every violation of a schema, by place and rule, never by value."""
        return [f"{one.pointer or '/'}: {one.code}" for one in self.spec.validator(pointer).violations(document)]


def ensures_declared_status(contract: Contract, operation: Operation, answer: Answer) -> Iterator[Finding]:
    """The status is one that the specification declares for the operation, or that HTTP itself gives."""
    if answer.status == NOT_MODIFIED and any(name.lower() == "if-none-match" for name, _ in answer.request.headers):
        return
    if answer.status not in ALWAYS_ALLOWED and contract.declared(operation, answer.status) is None:
        yield Finding(
            say("{operation} answers {status}, which the specification does not declare",
                "{operation} responde {status}, que la especificación no declara",
                operation=operation.id, status=answer.status),
            expected=", ".join(operation.responses), actual=str(answer.status),
        )  # fmt: skip


def ensures_declared_media_type(contract: Contract, operation: Operation, answer: Answer) -> Iterator[Finding]:
    """The media type is one that the specification declares for this status."""
    response = contract.declared(operation, answer.status)
    if response is None or answer.status >= 400:
        return
    if not response.media:
        if answer.body:
            yield Finding(
                say("{operation} sends a body with {status}, which has none",
                    "{operation} envía un cuerpo con {status}, que no lo lleva",
                    operation=operation.id, status=answer.status)
            )  # fmt: skip
    elif answer.media_type not in response.media and "*/*" not in response.media:
        yield Finding(
            say("{operation} answers in {actual}", "{operation} responde en {actual}",
                operation=operation.id, actual=answer.media_type or "-"),
            expected=", ".join(response.media), actual=answer.media_type,
        )  # fmt: skip


def ensures_body_matches_schema(contract: Contract, operation: Operation, answer: Answer) -> Iterator[Finding]:
    """A JSON body is what its schema says, every violation listed."""
    response = contract.declared(operation, answer.status)
    pointer = response.media.get(answer.media_type) if response is not None and answer.status < 400 else None
    if pointer is None or not answer.is_json:
        return
    try:
        found = contract.violations(pointer, answer.json())
    except Finding as unreadable:
        yield unreadable
        return
    if found:
        yield Finding(
            say("the answer of {operation} is not what its schema says: {found}",
                "la respuesta de {operation} no es lo que dice su esquema: {found}",
                operation=operation.id, found="; ".join(found[:8])),
            expected=pointer, actual="; ".join(found[:20]),
        )  # fmt: skip


def ensures_declared_headers(contract: Contract, operation: Operation, answer: Answer) -> Iterator[Finding]:
    """Headers that the specification requires with this status are there."""
    response = contract.declared(operation, answer.status)
    if response is None:
        return
    for name, header in response.headers.items():
        watched = name.lower() in WATCHED
        if header.get("required") is True and not watched and answer.header(name) is None:
            yield Finding(
                say("{operation} answers {status} without {name}", "{operation} responde {status} sin {name}",
                    operation=operation.id, status=answer.status, name=name)
            )  # fmt: skip
