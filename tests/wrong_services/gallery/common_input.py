"""Wrong readers: bodies, members, parameters, and what refusals repeat."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App, Call, Reply

KERNEL, PARSE, PROBLEMS = "istmo.runtime.kernel:Kernel", "istmo.runtime.parse", "istmo.runtime.problems"
FEES = "istmo.runtime.fees"
Json = dict[str, Any]
Items = list[Json]


def _problem(code: str, **members: object) -> Exception:
    from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

    return Problem(code, **members)  # type: ignore[arg-type] # passed on as they came


# Bytes to values


def _decoding(reference: Reference, lenient: Any) -> App:
    """Build the reference with a reader that sees the bytes first; what it returns is read by the right one."""
    original = reference.original(PARSE, "decode")

    def decode(data: bytes, limits: Any = None) -> Any:
        try:
            data = lenient(data)
        except (ValueError, RecursionError):
            raise _problem("malformed-json") from None
        return original(data, limits)

    reference.replace(PARSE, decode=decode)
    return reference.app()


@wrong(
    "common/malformed-json",
    "Of two members of one name the last one counts.",
    also=("common/utf8-only",),  # the usual reader guesses the encoding
)
def last_member_counts(reference: Reference) -> App:
    return _decoding(reference, lambda data: json.dumps(json.loads(data)).encode() if data else data)


@wrong("common/malformed-json", "NaN is read as nothing.")
def nan_is_null(reference: Reference) -> App:
    def lenient(data: bytes) -> bytes:
        return data.replace(b":NaN", b":null").replace(b":-Infinity", b":null")

    return _decoding(reference, lenient)


@wrong("common/malformed-json", "What follows the end of a body is not looked at.")
def rest_of_body_unread(reference: Reference) -> App:
    def lenient(data: bytes) -> bytes:
        text = data.decode()
        return text[: json.JSONDecoder().raw_decode(text)[1]].encode() if text else data

    return _decoding(reference, lenient)


@wrong("common/malformed-json", "Nothing is read as an empty object.")
def nothing_is_an_object(reference: Reference) -> App:
    return _decoding(reference, lambda data: data or b"{}")


@wrong("common/malformed-json", "A comma too many is forgiven.")
def comma_forgiven(reference: Reference) -> App:
    return _decoding(reference, lambda data: data.replace(b",}", b"}").replace(b",]", b"]"))


@wrong(
    "common/malformed-json",
    "What is no JSON is refused like a wrong value.",
    also=("common/utf8-only",),  # bytes that are no UTF-8 are no JSON
)
def malformed_refused_as_invalid(reference: Reference) -> App:
    from istmo.errors import Problem  # noqa: PLC0415 - see above

    original = reference.original(PARSE, "decode")

    def decode(data: bytes, limits: Any = None) -> Any:
        try:
            return original(data, limits)
        except Problem as problem:
            if problem.code == "malformed-json":
                item = {"in": "body", "pointer": "", "code": "wrong-type"}
                raise _problem("validation-failed", errors=[item]) from None
            raise

    reference.replace(PARSE, decode=decode)
    return reference.app()


# Server errors: what a reader without care does with odd values


def _stumbling(reference: Reference, over: Any) -> App:
    """Build the reference with a reader that breaks over some values."""
    original = reference.original(PARSE, "decode")

    def decode(data: bytes, limits: Any = None) -> Any:
        value = original(data, limits)
        over(value)
        return value

    reference.replace(PARSE, decode=decode)
    return reference.app()


@wrong(
    "common/no-server-errors", "A body is taken for an object before anybody looks.", also=("common/constraints-hold",)
)
def stumbles_over_lists(reference: Reference) -> App:
    return _stumbling(reference, lambda value: value.items())


@wrong(
    "common/no-server-errors",
    "The items of a list are taken for objects before anybody looks.",
    also=("common/constraints-hold",),
)
def stumbles_over_null_in_list(reference: Reference) -> App:
    return _stumbling(
        reference, lambda value: isinstance(value, dict) and [line.get("code") for line in value.get("lines", [])]
    )


@wrong("common/no-server-errors", "Half a character breaks the text.")
def stumbles_over_half_a_character(reference: Reference) -> App:
    original = reference.original(PARSE, "decode")

    def decode(data: bytes, limits: Any = None) -> Any:
        if b"\\ud8" in data:
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        return original(data, limits)

    reference.replace(PARSE, decode=decode)
    return reference.app()


@wrong("common/no-server-errors", "A number that no column holds breaks the query.")
def stumbles_over_huge_limit(reference: Reference) -> App:
    original = reference.original(KERNEL, "_parameters")

    def parameters(call: Any) -> Any:
        if b"limit=9999999999999999" in call.scope["query_string"]:
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        return original(call)

    reference.replace(KERNEL, _parameters=staticmethod(parameters))
    return reference.app()


# Violations


def _violations(reference: Reference, change: Any) -> App:
    """Build the reference with other lists of violations; `change` gets the items and the value."""
    original = reference.original(PROBLEMS, "schema_items")

    def schema_items(validator: Any, value: Any) -> Items:
        found: Items = change(original(validator, value), value)
        return found

    reference.replace(PROBLEMS, schema_items=schema_items)
    return reference.app()


@wrong("common/all-violations", "The first violation is told, the rest after its repair.")
def first_violation_only(reference: Reference) -> App:
    return _violations(reference, lambda items, _: items[:1])


@wrong("common/all-violations", "Violations of one kind are told once.")
def violations_of_a_kind_once(reference: Reference) -> App:
    return _violations(reference, lambda items, _: list({item["code"]: item for item in items}.values()))


@wrong(
    "common/all-violations",
    "The pointer leads to the object around the place.",
    # These ask for the place too.
    also=(
        "common/values-not-converted",
        "common/real-dates",
        "common/dates-without-time",
        "common/utc-times",
        "civil_certificates/copies-range",
        "civil_certificates/event-not-in-future",
        "common/constraints-hold",
    ),
)
def pointer_to_parent(reference: Reference) -> App:
    def change(items: Items, _: object) -> Items:
        return [
            item if item["code"] == "unknown-property" else {**item, "pointer": item["pointer"].rpartition("/")[0]}
            for item in items
        ]

    return _violations(reference, change)


@wrong(
    "common/all-violations",
    "The pointer is written with dots.",
    # These ask for the place too.
    also=(
        "common/values-not-converted",
        "common/real-dates",
        "common/dates-without-time",
        "common/utc-times",
        "common/money-as-text",
        "common/money-scale",
        "common/money-currency",
        "common/identifier-format",
        "common/control-characters-refused",
        "common/constraints-hold",
    ),
)
def pointer_with_dots(reference: Reference) -> App:
    def change(items: Items, _: object) -> Items:
        return [
            item
            if item["code"] == "unknown-property"
            else {**item, "pointer": "/" + item["pointer"][1:].replace("/", ".")}
            for item in items
        ]

    return _violations(reference, change)


def _unknown(item: Json) -> bool:
    return bool(item["code"] == "unknown-property")


@wrong(
    "common/unknown-body-member",
    "Unknown members are let pass.",
    also=(
        "common/own-members-refused",  # what the service decides is unknown to a body
        "common/answers-match-the-contract",  # what was let in is shown again, and the contract does not know it
        "common/constraints-hold",  # that nothing else may stand there is a rule of the schema
    ),
)
def unknown_members_let_pass(reference: Reference) -> App:
    return _violations(reference, lambda items, _: [item for item in items if not _unknown(item)])


@wrong(
    "common/unknown-body-member",
    "Unknown members deep in a body are let pass.",
    also=(
        "common/answers-match-the-contract",
        "common/constraints-hold",
    ),  # what was let in is shown again, and the contract does not know it
)
def unknown_members_let_pass_inside(reference: Reference) -> App:
    return _violations(
        reference, lambda items, _: [item for item in items if not _unknown(item) or item["pointer"].count("/") == 1]
    )


@wrong("common/unknown-body-member", "Unknown members are told as if their value were wrong.")
def unknown_members_told_as_wrong(reference: Reference) -> App:
    return _violations(
        reference, lambda items, _: [{**item, "code": "not-in-list"} if _unknown(item) else item for item in items]
    )


@wrong(
    "common/unknown-body-member",
    "Actions take members that the contract does not know.",
    also=(
        "common/constraints-hold",
        "common/answers-match-the-contract",
    ),
)
def actions_take_anything(reference: Reference) -> App:
    original = reference.original(KERNEL, "_schema")

    def schema(call: Any, value: Any) -> Items:
        items: Items = original(call, value)
        return [item for item in items if not _unknown(item)] if call.bound.operation.transition else items

    reference.replace(KERNEL, _schema=staticmethod(schema))
    return reference.app()


# Parameters


def _known(call: Call, name: str) -> bool:
    return call.operation is None or call.operation.parameter(name, "query") is not None


def _keep(call: Call) -> None:
    pairs = parse_qsl(call.query, keep_blank_values=True, encoding="latin-1")
    if not all(_known(call, name) for name, _ in pairs):
        call.query = urlencode([(name, value) for name, value in pairs if _known(call, name)], encoding="latin-1")


@wrong("common/unknown-parameter", "Unknown parameters are let pass.")
def unknown_parameters_let_pass(reference: Reference) -> App:
    return reference.asking(_keep)


@wrong("common/unknown-parameter", "Only lists look at their parameters.")
def only_lists_look_at_parameters(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.operation is not None and call.operation.parameter("limit") is None:
            _keep(call)

    return reference.asking(change)


@wrong("common/unknown-parameter", "An unknown parameter is refused like a value out of range.")
def unknown_parameter_refused_as_range(reference: Reference) -> App:
    from istmo.errors import Problem  # noqa: PLC0415 - see above

    original = reference.original(KERNEL, "_parameters")

    def parameters(call: Any) -> Any:
        try:
            return original(call)
        except Problem as problem:
            if problem.code == "unknown-parameter":
                raise _problem("validation-failed", errors=problem.errors) from None
            raise

    reference.replace(KERNEL, _parameters=staticmethod(parameters))
    return reference.app()


@wrong("common/unknown-parameter", "Unknown parameters are looked at only where something is read.")
def writes_look_at_no_parameters(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.method != "GET":
            _keep(call)

    return reference.asking(change)


# Echoes


@wrong("common/values-not-echoed", "A violation quotes the value, as libraries do.")
def violations_quote_values(reference: Reference) -> App:
    def change(items: Items, value: Any) -> Items:
        text = json.dumps(value)
        return [{**item, "message": f"{text} is not valid"} for item in items]

    return _violations(reference, change)


@wrong("common/values-not-echoed", "A fee that does not exist is named in the refusal.")
def unknown_fee_named(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        document = reply.json if call.is_for("createFeeQuote") and reply.status == 422 else None
        if document is not None:
            found = re.search(rb'"code"\s*:\s*"([\w-]+)"', call.body)
            if found:
                reply.put({**document, "detail": f"there is no fee {found[1].decode()}"})

    return reference.answering(change)


@wrong("common/values-not-echoed", "What was looked for and not found is named in the refusal.")
def unknown_identifier_named(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        document = reply.json if reply.status == 404 and call.parameters else None
        if document is not None:
            reply.put({**document, "detail": f"there is no {call.parameters.get('id')}"})

    return reference.answering(change)
