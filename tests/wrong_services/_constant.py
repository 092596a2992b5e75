"""Servers that know nothing of what they are asked: no scenario that claims a requirement may pass on them.

Some answer everything alike, some in the right shape with values that are nobody's. The manifest and the sandbox
surface are the reference's own, so that every scenario really gets to the service.
"""

from __future__ import annotations

import json
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING

from ._gallery import Reference
from ._tamper import Call, Forward, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    from istmo.spec import Operation, Spec

    from ._tamper import App

    Server: TypeAlias = Callable[[Spec, Call], Reply]

OF = "__of__"  # between the name of a server and the service in whose place it stands
_HTML = b"<!doctype html><html><title>Welcome</title><p>It works!</p></html>"


def _fixed(status: int, body: bytes, media_type: str = "application/json") -> Server:
    return lambda _spec, _call: Reply(status, [("content-type", media_type)], body)


def _example(spec: Spec, call: Call) -> Reply:
    """Answer with the spec's own example of success: well-formed, right for nobody."""
    operation = call.operation
    if operation is None:
        return Reply(404, [("content-type", "application/problem+json")], b"{}")
    document = spec.success_example(operation.id)
    headers = [("content-type", "application/json"), ("etag", '"1"')]
    body = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
    return Reply(operation.success, headers, body)


def _echo(_: Spec, call: Call) -> Reply:
    """Give back what came."""
    return Reply(200, [*_proper(call), ("content-type", call.header("content-type") or "application/json")], call.body)


def _proper(call: Call) -> list[tuple[str, str]]:
    """The headers that every right answer has, so that no scenario ends for the want of one."""
    return [
        ("correlation-id", call.header("correlation-id") or str(uuid.uuid4())), ("api-version", "1.0.0"),
        ("x-content-type-options", "nosniff"), ("cache-control", "no-store"), ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"), ("etag", '"1"'),
        ("strict-transport-security", "max-age=31536000"), ("location", "/x"), ("retry-after", "1"),
        ("www-authenticate", "Bearer"),
    ]  # fmt: skip


def _refusing(code: str) -> Server:
    """Refuse everything in the same words, as the standard wants them."""

    def answer(_: Spec, call: Call) -> Reply:
        from istmo.errors import problem_types  # noqa: PLC0415 - the gallery lists without loading the kernel

        kind, headers = problem_types()[code], _proper(call)
        document = {
            "type": kind.type, "title": kind.title("es"), "status": kind.status, "code": code,
            "correlationId": headers[0][1], "instance": "urn:uuid:" + headers[0][1],
            **({"errors": [{"in": "body", "pointer": "/copies", "code": "range", "message": "1..10"}]}
               if code == "validation-failed" else {}),
            **({"currentStatus": "draft", "allowedActions": []} if code == "illegal-transition" else {}),
        }  # fmt: skip
        content = ("content-type", "application/problem+json")
        return Reply(kind.status, [*headers, content], json.dumps(document).encode())

    return answer


def _last(spec: Spec, call: Call) -> Reply:
    """Answer with the last named example of an operation, whatever was asked."""
    if call.operation is None:
        return _refusing("not-found")(spec, call)
    examples = list(spec.success_examples(call.operation.id).values())
    return _shown(call, call.operation, examples[-1] if examples else None)


def _shown(call: Call, operation: Operation, document: object) -> Reply:
    media = next(iter(operation.responses[str(operation.success)].media), "application/json")
    body = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
    return Reply(operation.success, [*_proper(call), ("content-type", media)], body)


def _other_values(spec: Spec, call: Call) -> Reply:
    """Answer in the right shape with values of which none is true."""
    if call.operation is None:
        return _refusing("not-found")(spec, call)
    return _shown(call, call.operation, _untrue(spec, call.operation.id))


@lru_cache
def _untrue(spec: Spec, operation_id: str) -> object:
    """The example of an operation with every value changed that its schema lets change."""
    document = spec.success_example(operation_id)
    operation = spec.operations[operation_id]
    pointer = operation.responses[str(operation.success)].media.get("application/json")
    if not isinstance(document, dict) or pointer is None:
        return document
    document = json.loads(json.dumps(document))
    validator = spec.validator(str(pointer))
    for holder, name in list(_leaves(document)):
        kept = holder[name]
        for candidate in _others(kept):
            holder[name] = candidate
            if not validator.violations(document):
                break
            holder[name] = kept
    return document


def _leaves(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - a document has any shape
    for name, inner in list(value.items()) if isinstance(value, dict) else list(enumerate(value)):
        if isinstance(inner, dict | list):
            yield from _leaves(inner)
        else:
            yield value, name


def _others(value: object) -> Iterator[object]:
    """Other values of the same kind, the most likely to fit first."""
    if isinstance(value, bool) or value is None:
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
    elif isinstance(value, str):
        yield str(uuid.uuid5(uuid.NAMESPACE_OID, value))
        yield value.replace("2027", "2031").replace("2026", "2031").replace("1988", "1971")
        yield "".join(str((int(one) + 1) % 10) if one.isdigit() else one for one in value)
        yield from ("draft", "completed", "revoked", "valid", "other", "death", "extract", "post")
        yield value + " x"


SERVERS: dict[str, Server] = {
    "constant_object": _fixed(200, b"{}"),
    "constant_list": _fixed(200, b"[]"),
    "constant_string": _fixed(200, b'"x"'),
    "constant_200": _fixed(200, b"{}", "text/plain"),
    "constant_400": _fixed(400, b"{}", "application/problem+json"),
    "constant_404": _fixed(404, b"{}", "application/problem+json"),
    "constant_500": _fixed(500, b"{}", "application/problem+json"),
    "constant_html": _fixed(200, _HTML, "text/html"),
    "constant_empty": _fixed(200, b""),
    "constant_example": _example,
    "constant_echo": _echo,
    **{
        f"refusing_{code.replace('-', '_')}": _refusing(code)
        for code in (
            "unauthenticated",
            "missing-scope",
            "not-found",
            "illegal-transition",
            "validation-failed",
            "too-many-requests",
        )
    },
    "wrong_last": _last,
    "wrong_values": _other_values,
}


def build(name: str, slug: str) -> App:
    """Build the constant server of that name in the place of a service."""
    answer, reference = SERVERS[name], Reference(slug)
    spec = reference.spec

    async def tamper(call: Call, forward: Forward) -> Reply:
        outside = call.path.startswith(("/.well-known/", "/_sandbox", "/_health"))
        return await forward(call) if outside else answer(spec, call)

    return reference.tampered(tamper)
