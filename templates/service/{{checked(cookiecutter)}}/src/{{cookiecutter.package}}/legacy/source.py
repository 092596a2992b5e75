"""Reads the records of the other system: SQL in, records of the service out."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from istmo.runtime import Record
from istmo.runtime.store import Query

from .mapping import document

RECORD = "SELECT numero, clave, clase, titular FROM expediente"


class Legacy:
    """The other system's database, opened for reading only; each question has a connection of its own."""

    name = "legacy"

    def __init__(self, path: Path) -> None:
        self.path = path

    async def get(self, kind: str, record_id: str) -> Record | None:
        """Return a record by its id."""
        found = await asyncio.to_thread(self._ask, f"{RECORD} WHERE clase = ? AND clave = ?", [kind, record_id])
        return found[0] if found else None

    async def find(self, query: Query) -> list[Record]:
        """Return the records that match, in the order of their numbers."""
        terms, values = ["clase = ?", "numero > ?"], [query.kind, query.after]
        if query.owner is not None:
            terms.append("titular = ?")
            values.append(query.owner)
        for name, wanted in query.keys.items():
            choices = [wanted] if isinstance(wanted, str) else list(wanted)
            marks = ", ".join("?" * len(choices))
            terms.append(f"numero IN (SELECT numero FROM indice WHERE nombre = ? AND valor IN ({marks}))")  # noqa: S608 - marks only
            values += [name, *choices]
        order = "DESC" if query.newest_first else "ASC"
        statement = f"{RECORD} WHERE {' AND '.join(terms)} ORDER BY numero {order} LIMIT ?"
        return await asyncio.to_thread(self._ask, statement, [*values, query.limit])

    async def ready(self) -> bool:
        """Tell whether the other system answers."""
        try:
            return bool(await asyncio.to_thread(self.kinds))
        except sqlite3.Error:
            return False

    def kinds(self) -> set[str]:
        """Return the kinds of records that the other system holds."""
        with closing(self._open()) as database:
            return {str(row[0]) for row in database.execute("SELECT DISTINCT clase FROM expediente")}

    def _ask(self, statement: str, values: list[Any]) -> list[Record]:
        with closing(self._open()) as database:
            return [self._record(database, *row) for row in database.execute(statement, values).fetchall()]

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)

    @staticmethod
    def _record(database: sqlite3.Connection, number: int, key: str, kind: str, owner: str) -> Record:
        rows: Iterator[tuple[str, str]] = database.execute("SELECT ruta, valor FROM dato WHERE numero = ?", [number])
        parts = document(rows)
        index = database.execute("SELECT nombre, valor FROM indice WHERE numero = ?", [number])
        return Record(kind, key, number, owner, 1, parts.get("doc", {}), parts.get("hidden", {}), dict(index.fetchall()))
