"""Whether the process can serve now, and what it is made of."""

from __future__ import annotations

import asyncio
import hmac
import logging
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from . import identity, logs, safety, sources, trace
from .clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from starlette.types import Receive, Scope, Send

    from .identity import Verifier
    from .limits import RateLimiter
    from .service import AppContext
    from .settings import Settings
    from .store import Store
    from .work import Work

PATIENCE = 2.0  # seconds after which a database that has not answered is not ready
FRESH = 0.5  # seconds for which a finding holds: however often probes ask, the database is asked twice a second


@lru_cache
def kit_version() -> str:
    """Return the installed version of the kit."""
    return version("istmo")


@runtime_checkable
class Shown(Protocol):
    """An observer whose figures can be shown as text."""

    def text(self, now: Iterable[Any]) -> bytes:
        """Return the figures, together with those of this moment."""
        ...


class Readiness:
    """Finds out whether requests can be served: not draining, keys to check tokens with, a database that writes."""

    def __init__(self, app: AppContext, verifier: Verifier) -> None:
        self._app = app
        self._verifier = verifier
        self._database = False
        self._until = -FRESH
        self._lock = asyncio.Lock()
        self._sources = sources.Standing(
            [source for context in app.services.values() for source in context.sources.values()]
        )

    async def ready(self) -> bool:
        """Tell whether requests can be served now."""
        if self._app.draining:
            return False
        if not self._verifier.ready:  # nobody is sent here before it is ready: then no request would fetch the keys
            await self._verifier.refresh()
        stands = self._verifier.ready and await self.database() and await self._sources.ready()
        return stands and not self._app.draining

    def warnings(self) -> list[str]:
        """Return what an operator should know."""
        return warnings(self._app.store, self._app.settings)

    async def database(self) -> bool:
        """Tell whether the database takes a write now."""
        async with self._lock:
            if monotonic() >= self._until:
                found = await self._look()
                if self._database and not found:
                    logs.write(logs.PROCESS, logging.ERROR, "database-lost")
                self._database = found
                self._until = monotonic() + FRESH
            return self._database

    async def _look(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._app.store.ready()
        except Exception as error:  # noqa: BLE001 - whatever a driver raises, the database is not ready
            logs.write(logs.PROCESS, logging.WARNING, "database-unready", **logs.cause(error))
            return False


def figures(
    app: AppContext, readiness: Readiness, rates: RateLimiter, metrics: Shown
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Return the endpoint that shows the metrics: in production to the holder of the token only."""
    from .metrics import MEDIA_TYPE, now  # noqa: PLC0415 - loaded only where metrics are on

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the ASGI signature
        trace.of(scope).operation = "metrics"
        _admit(app, rates, scope)
        database = await readiness.database()
        body = metrics.text(await now(app, ready=await readiness.ready(), database=database))
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    return endpoint


def _admit(app: AppContext, rates: RateLimiter, scope: Scope) -> None:
    """Refuse whoever does not hold the token, when there is one; attempts are limited like those of identity."""
    token = app.settings.metrics_token
    if token is None:
        return
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    wanted = f"Bearer {token.get_secret_value()}".encode()
    if len(given) == 1 and hmac.compare_digest(given[0], wanted):
        return
    client = scope.get("client")
    rates.take(f"a:{client[0] if client else ''}")
    raise identity.unauthenticated(presented=bool(given))


def warnings(store: Store, settings: Settings) -> list[str]:
    """Return what an operator should know: in production, reports outside tell only that there is something."""
    return [*safety.warnings(settings), *store.warnings()]


def facts(store: Store, settings: Settings) -> dict[str, Any]:
    """Return what runs here: versions, the database, what an operator should know about it."""
    engine, engine_version = store.engine()
    return {
        "kitVersion": kit_version(),
        "database": {"engine": engine, "version": engine_version},
        "warnings": warnings(store, settings),
    }


async def get_health(work: Work) -> dict[str, Any]:
    """Tell whether the service works; no machine and no person is named, and in production no version to attack."""
    known = facts(work.context.store, work.settings)
    told = {"status": "warn" if known["warnings"] else "pass", "version": work.spec.version, "time": work.stamp}
    return {**told, **known} if work.settings.sandbox else told
