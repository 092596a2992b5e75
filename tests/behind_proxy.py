"""A service in production behind a proxy that ends the encryption: `--app tests.behind_proxy:application`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from istmo import rooms
from istmo.runtime import create_app
from istmo.runtime.settings import load

HOST = "services.test"
Scope: TypeAlias = MutableMapping[str, Any]
App: TypeAlias = Callable[[Scope, Any, Any], Awaitable[None]]


def application() -> App:
    """The reference with the settings of the environment, as its proxy calls it."""
    inner = create_app(rooms.load("civil_certificates"), settings=load())

    async def proxied(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            kept = [(name, value) for name, value in scope["headers"] if name != b"host"]
            added = [(b"host", HOST.encode()), (b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"127.0.0.1")]
            scope = {**scope, "headers": [*kept, *added]}
        await inner(scope, receive, send)

    return proxied
