"""What the kernel answers itself: the contract, the service's health, and the host's own addresses."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem

from . import parse, trace
from .work import Answer, Work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from .health import Readiness
    from .service import AppContext


async def get_open_api(work: Work) -> Answer:
    """Serve the specification that the service implements, in the language asked for."""
    documents = work.context.documents
    language = work.language if work.language in documents else "en"
    body = documents[language]
    return Answer(body, etag=hashlib.sha256(body).hexdigest()[:32], language=language)


def manifest(app: AppContext) -> dict[str, Any]:
    """Return what the host offers."""
    settings = app.settings
    first = next(iter(app.services.values()))
    return {
        "country": settings.country,
        "operator": settings.operator,
        "environment": settings.environment,
        "services": [
            {
                "slug": context.kebab,
                "specVersion": context.spec.version,
                "baseUrl": settings.base_url.rstrip("/") + context.base_path,
                "claimedStage": context.claimed_stage,
            }
            for context in app.services.values()
        ],
        "languages": list(settings.languages),
        "profileVersion": str(getattr(first.profile, "version", "") or first.spec.version),
        "contact": settings.contact,
    }


def keys(app: AppContext) -> dict[str, Any]:
    """Return the public keys of the host; a sandbox, which issues its own tokens, publishes their keys too."""
    issued = app.issuer.jwks()["keys"] if app.issuer is not None else []
    return {"keys": [*app.keys.jwks()["keys"], *issued]}


def fixed(name: str, document: Callable[[], Any]) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Return an endpoint that answers a JSON document, and goes by a name in logs and metrics."""

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the ASGI signature
        trace.of(scope).operation = name
        if not accepts_json(scope):
            raise Problem("not-acceptable")
        await send_json(scope, send, 200, document())

    return endpoint


def accepts_json(scope: Scope) -> bool:
    """Tell whether the caller takes JSON."""
    wanted = b", ".join(value for name, value in scope["headers"] if name == b"accept")
    return not wanted or parse.accepts(wanted.decode("latin-1"), ["application/json"]) is not None


async def send_json(scope: Scope, send: Send, status: int, document: Any) -> None:  # noqa: ANN401 - any JSON
    """Send a JSON document as the whole answer."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def readiness(found: Readiness) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Return the endpoint that tells whether requests can be served now."""

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the ASGI signature
        trace.of(scope).operation = "ready"
        if not await found.ready():
            raise Problem("unavailable", headers={"Retry-After": "5"})
        await send_json(scope, send, 200, {"status": "ready", "warnings": len(found.warnings())})

    return endpoint
