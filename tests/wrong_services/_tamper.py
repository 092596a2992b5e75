"""Tampering with a right service from outside: buffered requests and answers around an ASGI application."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from istmo.spec import Operation, Spec

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass
class Call:
    """One buffered request and the operation that the spec says it is, if any."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    operation: Operation | None = None
    parameters: dict[str, str] = field(default_factory=dict)

    def is_for(self, *operation_ids: str) -> bool:
        """Tell whether the call addresses one of the operations."""
        return self.operation is not None and self.operation.id in operation_ids

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def drop(self, name: str) -> None:
        """Remove a header."""
        self.headers = [(key, value) for key, value in self.headers if key.lower() != name.lower()]

    def set(self, name: str, value: str) -> None:
        """Replace a header."""
        self.drop(name)
        self.headers.append((name.lower(), value))


@dataclass
class Reply:
    """One buffered answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - a document has any shape
        """The body as JSON, or None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def put(self, document: object) -> None:
        """Answer with another document of the same media type."""
        self.body = json.dumps(document, ensure_ascii=False).encode()

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def drop(self, name: str) -> None:
        """Remove a header."""
        self.headers = [(key, value) for key, value in self.headers if key.lower() != name.lower()]

    def set(self, name: str, value: str) -> None:
        """Replace a header."""
        self.drop(name)
        self.headers.append((name.lower(), value))


Tamper = Callable[[Call, "Forward"], Awaitable[Reply]]
Forward = Callable[[Call], Awaitable[Reply]]


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(chunks)


def _scope(scope: Scope, call: Call) -> Scope:
    return {
        **scope,
        "method": call.method,
        "path": call.path,
        "raw_path": call.path.encode(),
        "query_string": call.query.encode(),
        "headers": [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in call.headers],
    }


async def forward(app: App, scope: Scope, call: Call) -> Reply:
    """Send a buffered call to an application and collect its answer."""
    sent = False
    reply = Reply(500, [], b"")
    call.set("content-length", str(len(call.body))) if call.body else call.drop("content-length")

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": call.body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            reply.headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in message["headers"]]
        elif message["type"] == "http.response.body":
            reply.body += message.get("body", b"")

    await app(_scope(scope, call), receive, send)
    return reply


def tampered(app: App, spec: Spec, tamper: Tamper) -> App:
    """Wrap an application so that every call of the service passes through `tamper`."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"]]
        query = scope["query_string"].decode("latin-1")
        call = Call(scope["method"], scope["path"], query, headers, await _body(receive))
        inner = call.path.removeprefix(spec.base_path)
        if inner != call.path:
            found = spec.match(call.method, inner or "/")
            if found is not None:
                call.operation, call.parameters = found[0], dict(found[1])
        reply = await tamper(call, lambda changed: forward(app, scope, changed))
        if reply.status not in {204, 304}:
            reply.set("content-length", str(len(reply.body)))
        encoded = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in reply.headers]
        await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
        await send({"type": "http.response.body", "body": reply.body})

    return wrapped
