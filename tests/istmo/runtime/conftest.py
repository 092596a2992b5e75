"""Every test gets an application of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.istmo.runtime.desk import Desk
from tests.istmo.runtime.host import Host


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
