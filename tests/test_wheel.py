"""The wheel is the project: the same data, three packages, and a command that works far from any checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DATA = {
    "specs": "istmo/_data/specs",
    "templates": "istmo/_data/templates",
    "conformance/features": "istmo/_data/conformance/features",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built once from the checkout as it lies there."""
    folder = tmp_path_factory.mktemp("wheel")
    script = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return folder / done.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def tracked(place: str) -> Iterator[str]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", place]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return (name for name in found if name and (ROOT / name).is_file())


@pytest.mark.parametrize("place", DATA)
def test_the_data_of_the_wheel_is_that_of_the_checkout(place: str, names: set[str]) -> None:
    home = DATA[place]
    expected = {home + name.removeprefix(place) for name in tracked(place)}

    assert {name for name in names if name.startswith(home + "/")} == expected


def test_the_wheel_brings_three_packages_and_nothing_else(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}

    assert tops == {"istmo", "istmo_services", "istmo_conformance"}
    for package in tops:
        assert f"{package}/py.typed" in names


def test_what_the_packages_need_beside_code_is_in_the_wheel(names: set[str]) -> None:
    for place, prefix in (("services", "services/"), ("conformance/istmo_conformance", "conformance/")):
        inside = {name.removeprefix(prefix) for name in tracked(place) if "/" in name.removeprefix(prefix)}
        assert {name for name in inside if not name.endswith(".md")} <= names


def test_an_installed_kit_works_far_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    bin_, home = tmp_path / "venv/bin", tmp_path / "home"
    home.mkdir()
    pip = [str(bin_ / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(pip, check=True, capture_output=True, cwd=home)
    packages = next((tmp_path / "venv/lib").glob("python*/site-packages"))
    # The libraries are those of this environment; the kit itself is the installed wheel.
    here = next(entry for entry in sys.path if entry.endswith("site-packages"))
    (packages / "libraries.pth").write_text(f"{here}\n", encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "ISTMO_LANG": "en"}

    def said(*command: Path | str) -> str:
        done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    entries = json.loads(said(bin_ / "istmo", "services", "--json"))
    where = said(bin_ / "python", "-I", "-c", "import istmo.paths; print(istmo.paths.data('specs'))")

    assert "civil_certificates" in {entry["slug"] for entry in entries}
    assert Path(where.strip()).is_relative_to(packages)


def test_the_wheel_declares_its_command_and_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = {name.partition(".dist-info/")[2]: name for name in archive.namelist() if ".dist-info/" in name}
        points = archive.read(info["entry_points.txt"]).decode()
        metadata = archive.read(info["METADATA"]).decode()

    assert "istmo = istmo.cli:main" in points
    assert "[istmo.rooms]" in points
    assert "licenses/LICENSE" in info
    assert "License-Expression: Apache-2.0" in metadata
