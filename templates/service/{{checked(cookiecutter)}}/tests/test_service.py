{% set it = facts(cookiecutter) -%}
"""The service answers, in the name of this country, with the contract that it publishes."""

from __future__ import annotations

import httpx2
import pytest

pytestmark = pytest.mark.anyio


async def test_the_service_is_alive(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/health")

    assert answer.status_code == 200


async def test_the_service_speaks_for_the_country(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/.well-known/istmo", headers={"Accept": "application/json"}, follow_redirects=False)
    if answer.status_code == 404:  # the manifest lies at the root of the host
        answer = await client.get("http://127.0.0.1:8000/.well-known/istmo")

    assert answer.json()["country"] == {{ it.answers.country|tojson }}


async def test_the_national_schema_is_published(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/schemas/national")

    assert answer.json()["title"] == {{ ("National additions of " ~ it.countries.en)|tojson }}
