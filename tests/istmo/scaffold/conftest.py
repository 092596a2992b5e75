"""A project made once, and copies of it that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from istmo.scaffold import find, make


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the Honduran civil certificates."""
    service = find("service")
    return make(
        service, service.answered({"service": "civil_certificates", "country": "HN"}), tmp_path_factory.mktemp("made")
    )


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """A copy that belongs to one test."""
    return Path(shutil.copytree(made, tmp_path / "project"))
