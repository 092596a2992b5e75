"""Every test gets an application of its own, and runs on every engine that stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import databases
from tests.istmo.runtime.desk import Desk
from tests.istmo.runtime.host import Host

# These modules store nothing: once is enough.
STORELESS = {"test_signatures", "test_pdf", "test_multipart", "test_proxies", "test_safety", "test_corpus"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.module.__name__.rpartition(".")[2] in STORELESS:
        metafunc.module.ENGINES = databases.ENGINES[:1]
    databases.parametrized(metafunc)


@pytest.fixture(scope="session", autouse=True)
def engine(request: pytest.FixtureRequest) -> str:
    return databases.engine_of(request) if hasattr(request, "param") else "sqlite"


@pytest.fixture
def database(engine: str, tmp_path: Path) -> Iterator[str]:
    """A database that outlives the applications on it."""
    with databases.database(engine, tmp_path) as url:
        yield url


@pytest.fixture
def host() -> Iterator[Host]:
    found = Host()
    yield found
    found.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    found = Desk()
    yield found
    found.close()
