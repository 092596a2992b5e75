{% set it = facts(cookiecutter) -%}
"""What the tests share: the sandbox in this process, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from istmo.runtime.app import Application

from {{ it.answers.package }}.app import build


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    """The service as a sandbox that forgets everything."""
    monkeypatch.delenv("ISTMO_DATABASE", raising=False)
    monkeypatch.setenv("ISTMO_LOG", "false")
    yield build()


@pytest.fixture
async def client(app: Application) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the service; addresses begin with the base path of the service."""
    base = next(iter(app.state.istmo.services.values())).base_path
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:8000{base}") as client:
        yield client
    await app.state.istmo.store.close()
