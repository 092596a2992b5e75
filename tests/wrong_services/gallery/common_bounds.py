"""Wrong bounds: bodies in any encoding, of any size, depth and type, numbers and dates that are made to fit."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_services._tamper import App, Call, Forward, Reply

KEY, FORM = "idempotency-key", re.compile(r"[A-Za-z0-9_.:-]{8,64}")
MOMENT_WITHOUT_ZONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}")
UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
DATE = re.compile(r"([0-9]{4})-([0-9]{2})-(29|30|31)")
WORD = 2**64
SAFE = 2**53
Json = dict[str, Any]


def _values(reference: Reference, change: Callable[[Any], Any]) -> App:
    """Build the reference with other values in the JSON bodies that it gets."""

    def mapped(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return {name: mapped(inner) for name, inner in value.items()}
        return [mapped(inner) for inner in value] if isinstance(value, list) else change(value)

    def rewrite(call: Call) -> None:
        if call.operation is None or "application/json" not in call.operation.request:
            return
        try:
            document = json.loads(call.body.decode())
            changed = mapped(document)
        except (ValueError, RecursionError):
            return  # what is no JSON is refused further in
        if changed != document or repr(changed) != repr(document):  # any other body goes on byte for byte
            call.body = json.dumps(changed, ensure_ascii=False).encode("utf-8", "surrogatepass")

    return reference.asking(rewrite)


# Encodings


@wrong("common/utf8-only", "A compressed body is unpacked, however large it becomes.")
def compressed_bodies_unpacked(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.header("content-encoding") == "gzip":
            call.drop("content-encoding")
            call.body = gzip.decompress(call.body)

    return reference.asking(change)


@wrong("common/utf8-only", "A mark of byte order is skipped.")
def byte_order_mark_skipped(reference: Reference) -> App:
    def change(call: Call) -> None:
        call.body = call.body.removeprefix(b"\xef\xbb\xbf")

    return reference.asking(change)


@wrong("common/utf8-only", "What is not UTF-8 is read as Latin-1.")
def latin_letters_guessed(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.body[:1] == b"{":
            try:
                call.body.decode()
            except UnicodeDecodeError:
                call.body = call.body.decode("latin-1").encode()

    return reference.asking(change)


# Size and shape


def _limited(reference: Reference, **limits: int) -> App:
    from istmo.runtime.settings import Limits  # noqa: PLC0415 - the gallery lists without loading the kernel

    reference.settings["limits"] = Limits(**limits)
    return reference.app()


@wrong("common/body-size-bounded", "A body is read to its end, whatever its size.")
def body_read_to_its_end(reference: Reference) -> App:
    return _limited(reference, json_bytes=2**30)


@wrong("common/body-shape-bounded", "A body may be as deep as the reader bears.")
def depth_unbounded(reference: Reference) -> App:
    return _limited(reference, depth=900)


@wrong("common/body-shape-bounded", "A body may have as many members as there is room for.")
def members_unbounded(reference: Reference) -> App:
    return _limited(reference, members=10**7, json_bytes=8 * 2**20)


@wrong("common/body-shape-bounded", "Four levels are enough for everybody.")
def four_levels_are_enough(reference: Reference) -> App:
    return _limited(reference, depth=9)


# Numbers and types


@wrong("common/safe-integers", "A number that is too long loses its upper bits.")
def numbers_wrap_around(reference: Reference) -> App:
    def change(value: Any) -> Any:  # noqa: ANN401 - any JSON
        return value % WORD if type(value) is int and abs(value) >= SAFE else value

    return _values(reference, change)


@wrong("common/safe-integers", "A number that is too long is the nearest one that fits.")
def numbers_rounded(reference: Reference) -> App:
    def change(value: Any) -> Any:  # noqa: ANN401 - any JSON
        return max(-SAFE + 1, min(SAFE - 1, value)) if type(value) is int else value

    return _values(reference, change)


def _quantities(reference: Reference, change: Callable[[Any], Any]) -> App:
    """Build the reference with other quantities in questions what something costs."""

    def rewrite(call: Call) -> None:
        if not call.is_for("createFeeQuote") or call.header("content-type") != "application/json":
            return
        try:
            document = json.loads(call.body.decode())
            line = document["lines"][0]
            fitted = change(line["quantity"])
        except (ValueError, KeyError, TypeError, IndexError, RecursionError):
            return  # refused further in
        if fitted is not line["quantity"]:
            line["quantity"] = fitted
            call.body = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")

    return reference.asking(rewrite)


@wrong("common/values-not-converted", "A number may be written as a text.", also=("common/constraints-hold",))
def texts_read_as_numbers(reference: Reference) -> App:
    return _quantities(reference, lambda value: int(value) if isinstance(value, str) and value.isdecimal() else value)


@wrong("common/values-not-converted", "True is one.")
def true_is_one(reference: Reference) -> App:
    return _quantities(reference, lambda value: int(value) if isinstance(value, bool) else value)


@wrong("common/values-not-converted", "What is between two numbers is the lower one.")
def fractions_cut(reference: Reference) -> App:
    return _quantities(reference, lambda value: int(value) if isinstance(value, float) and abs(value) < SAFE else value)


# Dates, moments, texts


def _next_day(match: re.Match[str]) -> str:
    from datetime import date, timedelta  # noqa: PLC0415 - one variant needs it

    year, month, day = (int(part) for part in match.groups())
    try:
        return (date(year, month, 1) + timedelta(days=day - 1)).isoformat()
    except (ValueError, RecursionError):
        return match[0]


@wrong("common/real-dates", "29 February of a common year is 1 March.", also=("common/constraints-hold",))
def days_roll_over(reference: Reference) -> App:
    def change(value: Any) -> Any:  # noqa: ANN401 - any JSON
        return DATE.sub(_next_day, value) if isinstance(value, str) and DATE.fullmatch(value) else value

    return _values(reference, change)


@wrong("common/real-dates", "A moment without a time zone is one of this country.")
def zone_guessed(reference: Reference) -> App:
    def change(value: Any) -> Any:  # noqa: ANN401 - any JSON
        return f"{value}-06:00" if isinstance(value, str) and MOMENT_WITHOUT_ZONE.fullmatch(value) else value

    return _values(reference, change)


@wrong("common/invisible-characters-refused", "What nobody sees is left out without a word.")
def unseen_characters_dropped(reference: Reference) -> App:
    return _values(reference, lambda value: UNSEEN.sub("", value) if isinstance(value, str) else value)


# Parameters and keys


@wrong("common/repeated-parameter", "Of two values of one parameter the last one counts.")
def last_parameter_counts(reference: Reference) -> App:
    def change(call: Call) -> None:
        pairs = parse_qsl(call.query, keep_blank_values=True, encoding="latin-1")
        if len(dict(pairs)) != len(pairs):
            call.query = urlencode(dict(pairs), encoding="latin-1")

    return reference.asking(change)


@wrong("common/idempotency-key-form", "Any text does as a key.", also=("common/constraints-hold",))
def any_text_is_a_key(reference: Reference) -> App:
    def change(call: Call) -> None:
        key = call.header(KEY)
        if key is not None and not FORM.fullmatch(key):
            call.set(KEY, hashlib.sha256(key.encode()).hexdigest())

    return reference.asking(change)


# Tags, health, verbs, addresses


@wrong("common/etag-follows-state", "Everything is sent again, whatever the reader has already.")
def sent_again_unchanged(reference: Reference) -> App:
    return reference.asking(lambda call: call.drop("if-none-match"))


@wrong("common/health-tells-little", "Health names the machine.")
def health_names_machine(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("getHealth") and reply.status < 400:
            reply.put({**reply.json, "host": "node-7.registry.example", "store": "SQLite 3.40.1"})

    return reference.answering(change)


@wrong("common/health-tells-little", "While another system is down, nobody can ask for the health of this one.")
def health_silent_with_others(reference: Reference) -> App:
    down: set[str] = set()

    async def tamper(call: Call, forward: Forward) -> Reply:
        reply = await forward(call)
        if call.path == "/_sandbox/faults":
            order = json.loads(call.body)
            (down.discard if order["mode"] == "none" else down.add)(order["upstream"])
        elif call.path == "/_sandbox/reset":
            down.clear()
        elif call.is_for("getHealth") and down:
            reply.status = 503
            reply.set("content-type", "application/problem+json")
            reply.set("retry-after", "5")
            about = {"code": "unavailable", "correlationId": reply.header("correlation-id"), "retryable": True}
            reply.put({"type": "urn:istmo:problem:unavailable", "title": "Unavailable", "status": 503, **about})
        return reply

    return reference.tampered(tamper)


@wrong(
    "common/wrong-method",
    "TRACE sends back what it got.",
    also=("common/answers-match-the-contract",),  # which knows no such answer
)
def trace_echoes(reference: Reference) -> App:
    async def tamper(call: Call, forward: Forward) -> Reply:
        if call.method != "TRACE":
            return await forward(call)
        call.method = "OPTIONS"
        reply = await forward(call)
        reply.status, reply.body = 200, b"TRACE " + call.path.encode()
        reply.set("content-type", "message/http")
        return reply

    return reference.tampered(tamper)


@wrong("common/identifiers-not-in-addresses", "The address of a new case says whose it is.")
def new_case_named_after_person(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("createRequest") and reply.status == 201:
            reply.set("location", f"{reply.header('location')}?of=Ana%20Mar%C3%ADa%20Ficticia")

    return reference.answering(change)
