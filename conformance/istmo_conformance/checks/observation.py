"""What every answer is held against, whatever the scenario was after.

The findings of this module do not fail the scenario at hand: they count against the requirement that they break.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from istmo.errors import Finding
from istmo.spec import Operation
from istmo_conformance.checks.contract import (
    PROBLEM,
    Contract,
    ensures_body_matches_schema,
    ensures_declared_headers,
    ensures_declared_media_type,
    ensures_declared_status,
)
from istmo_conformance.client import Answer
from istmo_conformance.words import say

JSON: TypeAlias = Any
Check: TypeAlias = Callable[[Contract, Operation | None, Answer], Iterator[Finding]]
SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=",
}
# Stack traces, queries, names of drivers and places of files, as the usual platforms write them.
_LEAK = re.compile(
    rb"Traceback \(most recent call last\)|\w\.(?:py|java|js|ts|php|cs|rb|go)[\"'\\]*(?:, line |:line |:)[0-9]"
    rb"|sqlite3?\.|psycopg|asyncpg|SQLSTATE|ORA-[0-9]{5}|syntax error at or near"
    rb"|SELECT .{1,80} FROM |INSERT INTO \w|UPDATE \w{1,60} SET |DELETE FROM \w"
    rb"|/(?:usr|home|var|opt|srv|root|etc)/[\w.-]{1,60}/|\b[A-Z]:\\\\\w"
)
_SEMVER = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+].*)?")


@dataclass(frozen=True)
class Observation:
    """A finding of a passive check and the requirement against which it counts."""

    requirement: str
    message: str
    operation: str


def ensures_correlation(_: Contract, __: Operation | None, answer: Answer) -> Iterator[Finding]:
    """The answer carries a correlation id: the one that was sent, or a new one."""
    found = answer.header("correlation-id")
    sent = next((value for name, value in answer.request.headers if name.lower() == "correlation-id"), None)
    if found is None:
        yield Finding(say("the answer has no Correlation-Id", "la respuesta no tiene Correlation-Id"))
    elif sent is not None and _uuid(sent) and found != sent:
        yield Finding(say("the Correlation-Id is not the one sent", "el Correlation-Id no es el enviado"))
    elif not _uuid(found):
        yield Finding(say("the Correlation-Id is not a UUID", "el Correlation-Id no es un UUID"))


def ensures_api_version(_: Contract, operation: Operation | None, answer: Answer) -> Iterator[Finding]:
    """The answer says which version of the specification it follows."""
    if operation is not None and not _SEMVER.fullmatch(answer.header("api-version") or ""):
        yield Finding(say("the answer has no API-Version", "la respuesta no tiene API-Version"))


def ensures_safe_headers(_: Contract, __: Operation | None, answer: Answer) -> Iterator[Finding]:
    """The answer carries the headers that keep browsers and caches out of it."""
    for name, wanted in SAFE_HEADERS.items():
        if wanted not in (answer.header(name) or "").lower():
            yield Finding(
                say("the answer lacks {name}: {wanted}", "a la respuesta le falta {name}: {wanted}",
                    name=name, wanted=wanted)
            )  # fmt: skip


def ensures_problem_details(contract: Contract, _: Operation | None, answer: Answer) -> Iterator[Finding]:
    """Every refusal is a problem document that tells the truth about itself."""
    if answer.status < 400:
        return
    if answer.media_type != PROBLEM:
        yield Finding(
            say("a {status} is not a problem document", "un {status} no es un documento de problema",
                status=answer.status),
            expected=PROBLEM, actual=answer.media_type,
        )  # fmt: skip
        return
    try:
        document = answer.json()
    except Finding as unreadable:
        yield unreadable
        return
    yield from _problem_truth(contract, document, answer)


def _problem_truth(contract: Contract, document: JSON, answer: Answer) -> Iterator[Finding]:
    found = contract.violations(contract.problem_pointer, document)
    if found:
        yield Finding(
            say("the problem is not what its schema says: {found}", "el problema no es lo que dice su esquema: {found}",
                found="; ".join(found[:8]))
        )  # fmt: skip
        return
    code = document.get("code")
    if document.get("status") != answer.status:
        yield Finding(
            say("the problem's status is not the answer's", "el estado del problema no es el de la respuesta")
        )
    if code not in contract.problem_codes:
        yield Finding(
            say(
                "the catalogue has no problem {code}",
                "el catálogo no tiene el problema {code}",
                code=repr(code)[:60],
            )
        )
    elif document.get("type") != f"urn:istmo:problem:{code}":
        yield Finding(say("the problem's type is not its code's", "el tipo del problema no es el de su código"))
    if document.get("correlationId") != answer.header("correlation-id"):
        yield Finding(
            say(
                "the problem names another correlation id",
                "el problema nombra otro identificador de correlación",
            )
        )


def ensures_no_internals(_: Contract, __: Operation | None, answer: Answer) -> Iterator[Finding]:
    """No refusal shows the inside of the service."""
    if answer.status >= 400 and _LEAK.search(answer.body):
        yield Finding(
            say("a {status} shows internals of the service", "un {status} muestra interioridades del servicio",
                status=answer.status)
        )  # fmt: skip


def ensures_no_server_error(_: Contract, __: Operation | None, answer: Answer) -> Iterator[Finding]:
    """What a client sends never breaks the service."""
    if answer.status == 500:
        yield Finding(say("the service answers 500", "el servicio responde 500"))


def ensures_not_redirected(_: Contract, __: Operation | None, answer: Answer) -> Iterator[Finding]:
    """A call is answered where it was made."""
    if 300 <= answer.status < 400 and answer.status != 304:
        yield Finding(say("the service redirects the call", "el servicio redirige la llamada"))


def ensures_answers_match_the_contract(
    contract: Contract, operation: Operation | None, answer: Answer
) -> Iterator[Finding]:
    """Status, media type, headers and body are the declared ones."""
    if operation is None:
        return
    for check in (
        ensures_declared_status,
        ensures_declared_media_type,
        ensures_declared_headers,
        ensures_body_matches_schema,
    ):
        yield from check(contract, operation, answer)


# Which requirement each passive check watches over.
PASSIVE: dict[str, tuple[Check, ...]] = {
    "common/answers-match-the-contract": (ensures_answers_match_the_contract, ensures_not_redirected),
    "common/correlation-id": (ensures_correlation,),
    "common/api-version": (ensures_api_version,),
    "common/problem-details": (ensures_problem_details,),
    "common/security-headers": (ensures_safe_headers,),
    "common/errors-reveal-nothing": (ensures_no_internals,),
    "common/no-server-errors": (ensures_no_server_error,),
}


def observe(contract: Contract, operation: Operation | None, answer: Answer) -> list[Observation]:
    """Everything that the passive checks hold against an answer."""
    name = operation.id if operation is not None else f"{answer.request.method} -"
    return [
        Observation(requirement, str(finding), name)
        for requirement, checks in PASSIVE.items()
        for check in checks
        for finding in check(contract, operation, answer)
    ]


def _uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return len(text) == 36  # noqa: PLR2004  # the one length of the written form
