"""Runtimes that anybody can fill, hold or confuse."""

from __future__ import annotations

from typing import Any

from istmo.errors import Problem
from tests.parts import Parts
from tests.wrong_runtimes._register import wrong

REFUSING, FRAMING = "tests/istmo/runtime/test_refusing.py::test_", "tests/cli/test_framing.py::test_"
BODY, EDGE = "istmo.runtime.edge:Body", "istmo.runtime.edge:EdgeMiddleware"
GUARDED = "istmo.runtime.connections:Guarded"
LIMITS = "istmo.runtime.limits"
RATES, FAILURES = f"{LIMITS}:RateLimiter", f"{LIMITS}:FailureLimiter"
BOUNDARIES, LIMITED = "common/message-boundaries", "common/callers-limited"
ENDLESS = 10**12


def _body(runtime: Parts, **changed: Any) -> None:
    """Change what is remembered of a body before its first byte has come."""
    right = runtime.original(BODY, "__init__")

    def begin(body: Any, *given: Any) -> None:
        right(body, *given)
        for name, value in changed.items():
            setattr(body, name, value)

    runtime.replace(BODY, __init__=begin)


@wrong("common/body-size-bounded", "A body that announces no length is read to its end.",
       REFUSING + "a_large_body_is_cut_off_while_it_comes")  # fmt: skip
def body_read_to_its_end(runtime: Parts) -> None:
    _body(runtime, _left=ENDLESS)


@wrong("common/slow-bodies-cut", "A body may take as long as it likes.", REFUSING + "a_slow_body_is_cut_off")
def slow_body_waited_for(runtime: Parts) -> None:
    from istmo.runtime.deadlines import Deadlines

    right = runtime.original(BODY, "__init__")

    def begin(body: Any, scope: Any, receive: Any, settings: Any, _reading: Any) -> None:
        right(body, scope, receive, settings, Deadlines(ENDLESS))

    runtime.replace(BODY, __init__=begin)


@wrong("common/slow-bodies-cut", "Each part of a body gets the whole time again.", REFUSING + "a_slow_body_is_cut_off")
def dripping_body_waited_for(runtime: Parts) -> None:
    right = runtime.original(BODY, "__call__")

    async def call(body: Any) -> Any:
        body._until = 0.0
        return await right(body)

    runtime.replace(BODY, __call__=call)


@wrong("common/headers-bounded", "Headers and addresses of any size are taken.",
       REFUSING + "headers_and_targets_are_bounded")  # fmt: skip
def any_headers(runtime: Parts) -> None:
    runtime.replace(EDGE, _check_form=lambda *_: None)


@wrong("common/headers-bounded", "Many small headers pass where one large one does not.",
       REFUSING + "headers_and_targets_are_bounded")  # fmt: skip
def any_number_of_headers(runtime: Parts) -> None:
    right = runtime.original(EDGE, "_check_form")

    def check(edge: Any, scope: Any) -> None:
        right(edge, {**scope, "headers": [max(scope["headers"], key=lambda pair: len(pair[1]), default=(b"", b""))]})

    runtime.replace(EDGE, _check_form=check)


@wrong(BOUNDARIES, "A request without a host, with two, or with somebody else's is served.",
       FRAMING + "a_message_for_no_clear_host_is_refused", REFUSING + "hosts_that_are_not_served")  # fmt: skip
def any_host(runtime: Parts) -> None:
    runtime.replace(EDGE, _check_host=lambda *_: None)


@wrong(BOUNDARIES, "Of a length and pieces, the pieces count.",
       FRAMING + "a_message_with_doubtful_boundaries_is_refused")  # fmt: skip
def length_beside_pieces(runtime: Parts) -> None:
    right = runtime.original(GUARDED, "connection_made")

    def made(protocol: Any, transport: Any) -> None:
        right(protocol, transport)
        protocol.parser.set_dangerous_leniencies(lenient_chunked_length=True)

    runtime.replace(GUARDED, connection_made=made)


@wrong(LIMITED, "Nobody is too fast.", REFUSING + "a_busy_client_waits_and_another_does_not")
def no_rate(runtime: Parts) -> None:
    runtime.replace(RATES, take=lambda *_: None)


@wrong(LIMITED, "One busy client makes everybody wait.", REFUSING + "a_busy_client_waits_and_another_does_not")
def one_rate_for_all(runtime: Parts) -> None:
    right = runtime.original(RATES, "take")
    runtime.replace(RATES, take=lambda limiter, _: right(limiter, "everybody"))


@wrong(LIMITED, "Nobody fails too often.", REFUSING + "failures_are_limited_by_address")
def no_count_of_failures(runtime: Parts) -> None:
    async def note(*_: Any) -> None:
        """Forget it."""

    runtime.replace(FAILURES, note=note)


@wrong(LIMITED, "Whoever failed too often is told to come back in a second.",
       REFUSING + "failures_are_limited_by_address")  # fmt: skip
def any_word_when(runtime: Parts) -> None:
    runtime.replace(LIMITS, too_many=lambda _: Problem("too-many-requests"))


@wrong(LIMITED, "Nobody is told when to come back.",
       REFUSING + "a_busy_client_waits_and_another_does_not")  # fmt: skip
def no_retry_after(runtime: Parts) -> None:
    any_word_when(runtime)
    runtime.replace("istmo.runtime.problems", RETRY_AFTER={})
