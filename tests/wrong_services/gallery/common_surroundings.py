"""Wrong surroundings: systems that fail, sandboxes in production, headers, and what refusals let slip."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem
from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_services._tamper import App, Call, Forward, Reply

CASE, WORK = "istmo.runtime.cases._machine:Case", "istmo.runtime.work:Work"
REGISTER = "istmo_services.civil_certificates.register"
SANDBOX = "/_sandbox/"
REFUSED = 400


# Systems that the service needs


def _refusing(reference: Reference, mode: str, instead: Callable[[], Problem]) -> App:
    """Build the reference with another refusal for systems in one mode."""
    original = reference.original(WORK, "upstream")

    def upstream(self: Any, name: str) -> None:  # noqa: ANN401 - the kernel's own types
        if self.context.faults.get(name) == mode:
            raise instead()
        original(self, name)

    reference.replace(WORK, upstream=upstream)
    return reference.app()


def _silence_is_no(reference: Reference, code: str) -> App:
    """Build the reference with a look-up that takes a failure for the answer that there is nothing."""
    original = reference.original(REGISTER, "look_up")

    async def look_up(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - passed on as they came
        try:
            return await original(*arguments, **options)
        except Problem as problem:
            if problem.code == code:
                return None
            raise

    reference.replace(REGISTER, look_up=look_up)
    return reference.app()


@wrong("common/upstream-down", "A system that is down is told as one that answers nonsense.")
def down_refused_as_error(reference: Reference) -> App:
    return _refusing(reference, "down", lambda: Problem("upstream-error"))


@wrong("common/upstream-down", "A register that is down has no record, so the request is rejected.")
def down_means_no_record(reference: Reference) -> App:
    return _silence_is_no(reference, "unavailable")


@wrong("common/upstream-down", "The step before the failure is kept: the answer is 503 and the case has moved.")
def half_done_when_down(reference: Reference) -> App:
    original = reference.original(CASE, "_walk")
    careless = False

    async def walk(self: Any, work: Any, case: Any) -> None:  # noqa: ANN401 - the kernel's own types
        try:
            await original(self, work, case)
        except Problem:
            if not careless:
                raise

    async def tamper(call: Call, forward: Forward) -> Reply:
        nonlocal careless
        reply = await forward(call)
        if call.operation is not None and call.operation.transition and reply.status == 503:
            again = replace(call, headers=[*call.headers])
            again.set("idempotency-key", secrets.token_hex(16))
            careless = True
            await forward(again)
            careless = False
        return reply

    reference.replace(CASE, _walk=walk)
    return reference.tampered(tamper)


@wrong("common/upstream-slow", "A system that is slow is told as one that is down.")
def slow_refused_as_down(reference: Reference) -> App:
    return _refusing(reference, "slow", lambda: Problem("unavailable", headers={"Retry-After": "5"}))


@wrong("common/upstream-slow", "A register that takes too long has no record, so the request is rejected.")
def slow_means_no_record(reference: Reference) -> App:
    return _silence_is_no(reference, "upstream-timeout")


# Production


def _in_production(reference: Reference, sandbox: Callable[[Call, Reply], None]) -> App:
    """Build the reference as it looks in production, with something left of the sandbox."""

    def change(call: Call, reply: Reply) -> None:
        if call.path.startswith(SANDBOX):
            sandbox(call, reply)
        elif call.path == "/.well-known/istmo" and reply.status == 200:
            reply.put({**reply.json, "environment": "production"})
        elif call.is_for("getHealth") and reply.status == 200:
            reply.put({name: value for name, value in reply.json.items() if name in {"status", "version", "time"}})

    return reference.answering(change)


@wrong("common/no-sandbox-in-production", "The sandbox of the tests was left open in production.")
def sandbox_open_in_production(reference: Reference) -> App:
    return _in_production(reference, lambda _call, _reply: None)


@wrong("common/no-sandbox-in-production", "Of the sandbox only the maker of tokens was forgotten in production.")
def tokens_left_in_production(reference: Reference) -> App:
    def sandbox(call: Call, reply: Reply) -> None:
        if call.path != f"{SANDBOX}tokens":
            reply.status = 404
            reply.set("content-type", "application/problem+json")
            problem = {"type": "urn:istmo:problem:not-found", "title": "Not found", "status": 404, "code": "not-found"}
            reply.put({**problem, "correlationId": reply.header("correlation-id")})

    return _in_production(reference, sandbox)


# Headers


@wrong("common/security-headers", "The safe headers are set where the service answers, and not where it refuses.")
def refusals_without_safe_headers(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        if reply.status >= REFUSED:
            for name in ("x-content-type-options", "content-security-policy", "referrer-policy"):
                reply.drop(name)

    return reference.answering(change)


@wrong("common/security-headers", "What anybody may read may lie in every cache for an hour.")
def public_answers_kept(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.method == "GET" and call.header("authorization") is None and reply.status < REFUSED:
            reply.set("cache-control", "public, max-age=3600")

    return reference.answering(change)


@wrong("common/security-headers", "Frames are refused with the old header, which not all browsers heed.")
def frames_refused_the_old_way(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        reply.set("content-security-policy", "default-src 'none'")
        reply.set("x-frame-options", "DENY")

    return reference.answering(change)


# What refusals let slip


def _explaining(reference: Reference, status: int, detail: Callable[[Call], str]) -> App:
    """Build the reference with a detail in the refusals of one status."""

    def change(call: Call, reply: Reply) -> None:
        document = reply.json if reply.status == status and not call.path.startswith(SANDBOX) else None
        if isinstance(document, dict):
            reply.put({**document, "detail": detail(call)})

    return reference.answering(change)


@wrong("common/errors-reveal-nothing", "The framework was left in debug mode: refusals end with their stack trace.")
def refusals_with_stack_trace(reference: Reference) -> App:
    trace = 'Traceback (most recent call last):\n  File "service/lists.py", line 61, in page\nValueError: limit'
    return _explaining(reference, 400, lambda _: trace)


@wrong("common/errors-reveal-nothing", "What is not found is told with the query that did not find it.")
def refusals_with_query(reference: Reference) -> App:
    return _explaining(reference, 404, lambda _: "no rows: SELECT doc FROM records WHERE kind = ? AND id = ?")


@wrong("common/errors-reveal-nothing", "An unknown address is told with the file that was looked for.")
def refusals_with_file(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        document = reply.json if reply.status == 404 and call.operation is None else None
        if isinstance(document, dict) and not call.path.startswith(SANDBOX):
            reply.put({**document, "detail": f"no such file: /srv/istmo/public{call.path}"})

    return reference.answering(change)
