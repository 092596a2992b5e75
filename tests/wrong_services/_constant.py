"""Servers that answer everything alike: no scenario that claims a requirement may pass on them.

The manifest and the sandbox surface are the reference's own, so that every scenario really gets to the service.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ._gallery import Reference
from ._tamper import Call, Forward, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._tamper import App

_HTML = b"<!doctype html><html><title>Welcome</title><p>It works!</p></html>"


def _fixed(status: int, body: bytes, media_type: str = "application/json") -> Callable[[Call], Reply]:
    return lambda _call: Reply(status, [("content-type", media_type)], body)


def _example(call: Call) -> Reply:
    """Answer with the spec's own example of success: well-formed, right for nobody."""
    operation = call.operation
    if operation is None:
        return Reply(404, [("content-type", "application/problem+json")], b"{}")
    document = Reference().spec.success_example(operation.id)
    headers = [("content-type", "application/json"), ("etag", '"1"')]
    body = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
    return Reply(operation.success, headers, body)


SERVERS: dict[str, Callable[[Call], Reply]] = {
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
}


def build(name: str) -> App:
    """Build the constant server of that name."""
    answer = SERVERS[name]

    async def tamper(call: Call, forward: Forward) -> Reply:
        outside = call.path.startswith(("/.well-known/", "/_sandbox", "/_health"))
        return await forward(call) if outside else answer(call)

    return Reference().tampered(tamper)
