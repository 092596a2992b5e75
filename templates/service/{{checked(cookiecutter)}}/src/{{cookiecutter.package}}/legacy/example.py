{% set it = facts(cookiecutter) -%}
"""Makes the example: the records that the sandbox is seeded with, in the database of the invented older system.

    python -m {{ it.answers.package }}.legacy.example legacy.db
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from istmo.runtime import Record, Service, create_app
from istmo.runtime.settings import load

from . import VARIABLE
from .mapping import rows

COUNTRY = {{ it.answers.country|tojson }}


async def seeded(service: Service) -> list[Record]:
    """Return the records that a fresh sandbox of the service holds."""
    noted: list[tuple[str, str]] = []

    async def seed(work: Any, fixtures: Any) -> None:
        add = work.add

        async def noting(kind: str, doc: dict[str, Any], **rest: Any) -> Record:
            record: Record = await add(kind, doc, **rest)
            noted.append((kind, record.id))
            return record

        work.add = noting
        if service.seed is not None:
            await service.seed(work, fixtures)

    app = create_app(replace(service, seed=seed), settings=load(country=COUNTRY, database="sqlite:///:memory:", log=False))
    await app.start()
    reader = app.state.istmo.services[service.slug].reader
    found = [await reader.get(kind, record_id) for kind, record_id in noted]
    await app.state.istmo.store.close()
    return [record for record in found if record is not None]


def write(path: Path, records: Iterable[Record]) -> int:
    """Write records into a new database of the older system; return how many."""
    schema = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
    count = 0
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(schema)
        for count, record in enumerate(records, start=1):
            database.execute("INSERT INTO expediente VALUES (?, ?, ?, ?)", (count, record.id, record.kind, record.owner))
            data = rows({"doc": record.doc, "hidden": record.hidden})
            database.executemany("INSERT INTO dato VALUES (?, ?, ?)", ((count, *row) for row in data))
            index = record.keys.items()
            database.executemany("INSERT INTO indice VALUES (?, ?, ?)", ((name, value, count) for name, value in index))
    return count


def main(arguments: list[str]) -> int:
    """Run the command."""
    if len(arguments) != 1 or Path(arguments[0]).exists():
        sys.stderr.write("name one file that is not there yet\n")
        return 2
    os.environ.pop(VARIABLE, None)
    from ..{{ it.answers.service }} import service

    count = write(Path(arguments[0]), asyncio.run(seeded(service)))
    sys.stdout.write(f"{arguments[0]}: {count}. {VARIABLE}={arguments[0]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
