"""A running application in the test's own process, called without a socket."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from contextlib import AsyncExitStack, ExitStack
from typing import Any, TypeVar

import httpx2
from tests.databases import passing, reach
from tests.istmo.runtime.notes import service as notes

from istmo.runtime.app import Application, create_app
from istmo.runtime.service import AppContext, Service, ServiceContext
from istmo.runtime.settings import load
from istmo.runtime.store import Store

T = TypeVar("T")

ANA = "11111111-1111-4111-8111-111111111111"
BRUNO = "22222222-2222-4222-8222-222222222222"
BASE = "/notes/v1"


class Host:
    """One application on an event loop of its own."""

    def __init__(self, service: Service | None = None, store: Store | None = None, **settings: Any) -> None:
        self.service = service or notes()
        chosen = {"validate_answers": True, "log": False, **settings}
        self._database = ExitStack()
        if "database" not in chosen:
            chosen["database"] = self._database.enter_context(passing())
        self._stack = AsyncExitStack()
        with self._database.pop_all() as begun:
            self.app: Application = create_app(self.service, settings=load(**chosen), store=store)
            self.runner = asyncio.Runner()
            self.do(self._open())
            self._database = begun.pop_all()

    async def _open(self) -> None:
        await self._stack.enter_async_context(self.app.router.lifespan_context(self.app))
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.client = await self._stack.enter_async_context(
            httpx2.AsyncClient(transport=transport, base_url="http://istmo.test")
        )

    def close(self) -> None:
        self.do(self._stack.aclose())
        self.runner.close()
        self._database.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @property
    def shared(self) -> AppContext:
        found: AppContext = self.app.state.istmo
        return found

    @property
    def context(self) -> ServiceContext:
        return self.shared.services[self.service.slug]

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Reach past the store, as an intruder or a repair would."""
        return self.do(reach(self.shared.store, statement))

    @property
    def issuer_key(self) -> dict[str, Any]:
        """The private key of the development issuer, for forging tokens."""
        assert self.shared.issuer is not None
        return self.shared.issuer._private  # noqa: SLF001 - the point: forgers hold what nobody should

    def token(self, subject: str = ANA, *verbs: str, acr: str | None = "urn:istmo:loa:substantial", **more: Any) -> str:
        issuer = self.shared.issuer
        assert issuer is not None
        scopes = [f"{self.service.kebab}:{verb}" for verb in verbs or ("read", "write")]
        return issuer.token(subject=subject, scopes=scopes, acr=acr, **more)

    def auth(self, *args: str, **more: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(*args, **more)}"}

    def call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        return self.do(self.client.request(method, path if path.startswith("/_") else BASE + path, **more))

    def create(self, body: dict[str, Any], *args: str, key: str | None = None, **more: Any) -> httpx2.Response:
        headers = {**self.auth(*args), "Idempotency-Key": key or str(uuid.uuid4())}
        return self.call("POST", "/notes", json=body, headers=headers, **more)

    def together(self, *requests: Coroutine[Any, Any, httpx2.Response]) -> list[httpx2.Response]:
        async def gather() -> list[httpx2.Response]:
            return list(await asyncio.gather(*requests))

        return self.do(gather())
