{% set it = facts(cookiecutter) -%}
"""The example of another system: what it holds is found as if the service held it, and nothing is written there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from istmo.runtime import Record, create_app
from istmo.runtime.settings import load

from {{ it.answers.package }} import legacy
from {{ it.answers.package }}.legacy import example, mapping
from {{ it.answers.package }}.{{ it.answers.service }} import service

pytestmark = pytest.mark.anyio
ROWS = [
    {},
    {"a": {"b": [1, {"c": None}], "d": []}, "e/f": "~", "#": {}},
    {"list": [str(n) for n in range(12)]},
]


@pytest.mark.parametrize("document", ROWS)
def test_a_document_comes_back_from_its_rows(document: Any) -> None:
    assert mapping.document(reversed(list(mapping.rows(document)))) == document


async def test_the_service_reads_what_the_other_system_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "legacy.db"
    own = Record("invented", "e0000000-0000-4000-8000-000000000001", 0, "", 1, {"said": ["once", {"twice": 2}]})
    records = [*await example.seeded(service), own]
    example.write(database, records)
    monkeypatch.setenv(legacy.VARIABLE, str(database))
    settings = load(country={{ it.answers.country|tojson }}, database="sqlite:///:memory:", log=False)
    before = database.read_bytes()

    app = create_app(legacy.behind(service), settings=settings)
    await app.start()
    context = app.state.istmo.services[service.slug]

    async def change(work: Any) -> Record:
        found: Record = await work.get(records[0].kind, records[0].id, any_owner=True)
        saved: Record = await work.save(found, {**found.doc, "changed": True})
        return saved

    async def look(work: Any) -> list[Any]:
        return [(await work.get(one.kind, one.id, any_owner=True)).doc for one in records]

    assert await context.run(look) == [one.doc for one in records]
    await context.run(change)
    assert (await context.run(look))[0] == {**records[0].doc, "changed": True}
    await app.state.istmo.store.close()
    assert database.read_bytes() == before
