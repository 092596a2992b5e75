"""The schema is made, kept and brought up to date; nobody loads the migration tool for a database that needs none."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.databases import server
from tests.istmo.runtime.store.conftest import Counter

from istmo.errors import KitError
from istmo.runtime.store import Query, Record, Writer, connect, database, migrations

FIRST = migrations.statements("sqlite", 1)


@pytest.fixture
def empty(engine: str, tmp_path: Path) -> Any:
    """An empty database."""
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    url = asyncio.run(server().create("template0"))
    yield url
    asyncio.run(server().drop(url))


def schema(url: str, engine: str) -> list[Any]:
    """What a database holds: its tables, columns and indexes, but for Alembic's mark in SQLite files."""
    counter = Counter(url)
    statement = (
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version' ORDER BY 1, 2, 3"
        if engine == "sqlite"
        else """SELECT table_name, column_name, data_type, is_nullable, collation_name FROM information_schema.columns
        WHERE table_schema = 'public' UNION ALL SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1, 2"""
    )
    found = counter.sql(statement)
    counter.close()
    return [row for row in found if "alembic_version" not in row]


def test_a_migrated_database_is_like_one_that_was_made_at_once(empty: str, engine: str, database: str) -> None:
    migrations.upgrade(empty)
    assert schema(empty, engine) == schema(database, engine) != []
    migrations.upgrade(empty)
    migrations.upgrade(database)


def outdate(url: str, engine: str) -> None:
    """Bring a database back to the first version, with a record in it."""
    if engine == "sqlite":
        path = url.removeprefix("sqlite:///")
        with sqlite3.connect(path) as connection:
            for statement in FIRST:
                connection.execute(statement)
            connection.execute("INSERT INTO record VALUES (7, 'notes', 'notes', 'old', 'ana', 1, '{}', '{}', '{}')")
            connection.execute("PRAGMA user_version = 1")
        connection.close()
        return
    counter = Counter(url)

    async def unit(writer: Writer) -> None:
        await writer.add(Record("notes", "old", 0, "ana", 1, {}), {})

    counter.write(unit)
    stamp = "UPDATE alembic_version SET version_num = '0001'"
    for statement in ("DROP TABLE shared", "DROP TABLE failure", "DROP INDEX delivery_parked", stamp):
        counter.sql(statement)
    counter.close()


def test_an_outdated_database_is_brought_up_to_date_by_a_sandbox(empty: str, engine: str) -> None:
    outdate(empty, engine)
    counter = Counter(empty)
    assert [one.id for one in counter.do(counter.reader.find(Query("notes")))] == ["old"]
    counter.do(counter.store.share("name", "value"))
    counter.close()


def test_an_outdated_database_is_brought_up_to_date_by_the_command(empty: str, engine: str) -> None:
    assert database.state(empty).word == "empty"
    outdate(empty, engine)
    assert database.state(empty).word == "outdated"
    before, after = database.upgrade(empty)
    assert (before.version, after.version, after.word) == (1, after.latest, "current")
    counter = Counter(empty, migrate=False)
    assert [one.id for one in counter.do(counter.reader.find(Query("notes")))] == ["old"]
    counter.close()


def test_production_does_not_change_a_schema_by_itself(empty: str, engine: str) -> None:
    if engine == "sqlite":
        Counter(empty, migrate=False).close()  # a file belongs to the process that opens it
        return
    for outdated in (False, True):
        if outdated:
            outdate(empty, engine)
        with pytest.raises(KitError) as refused:
            asyncio.run(connect(empty, migrate=False).open())
        assert refused.value.code == "outdated-database"
        assert "istmo db upgrade" in refused.value.hint


def test_a_newer_database_is_refused(empty: str, engine: str) -> None:
    Counter(empty).close()
    if engine == "sqlite":
        with sqlite3.connect(empty.removeprefix("sqlite:///")) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
    else:
        counter = Counter(empty)
        counter.sql("UPDATE alembic_version SET version_num = '0099'")
        counter.close()
    assert database.state(empty).word == "newer"
    for step in (lambda: asyncio.run(connect(empty).open()), lambda: database.upgrade(empty)):
        with pytest.raises(KitError, match="newer"):
            step()


def test_a_table_of_somebody_else_is_left_alone(empty: str, engine: str) -> None:
    statement = "CREATE TABLE record (a int)"
    if engine == "sqlite":
        with sqlite3.connect(empty.removeprefix("sqlite:///")) as connection:
            connection.execute(statement)
        connection.close()
    else:
        asyncio.run(_run(empty, statement))
    with pytest.raises(KitError) as refused:
        asyncio.run(connect(empty).open())
    assert refused.value.code == "database"


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


OPENED = """
import asyncio, json, sys
from istmo.runtime.store import connect
async def main():
    store = connect(sys.argv[1])
    await store.open()
    await store.close()
asyncio.run(main())
print(json.dumps([name for name in ("alembic", "sqlalchemy", "asyncpg") if name in sys.modules]))
"""


def test_no_migration_tool_is_loaded_where_nothing_is_to_be_migrated(empty: str, engine: str) -> None:
    for _ in ("fresh", "up to date"):
        command = [sys.executable, "-c", OPENED, empty]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == (["asyncpg"] if engine == "postgresql" else [])


def test_every_version_has_its_statements_on_each_engine_and_its_revision() -> None:
    lengths = {dialect: len(scripts) for dialect, scripts in migrations.SCRIPTS.items()}
    revisions = sorted(path.name[1:5] for path in migrations.HERE.glob("versions/v*.py"))
    assert len(set(lengths.values())) == 1, lengths
    assert revisions == [migrations.revision(number + 1) for number in range(len(revisions))]
    assert len(revisions) == lengths["sqlite"]
