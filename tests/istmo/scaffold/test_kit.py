"""A project depends on the kit that made it, wherever that came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

import pytest

from istmo.scaffold import kit


class Installed(Distribution):
    """A kit that an installer has written into a folder."""

    def __init__(self, folder: Path, origin: Any) -> None:
        self.folder = folder
        info = folder / "istmo-1.2.3.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.4\nName: istmo\nVersion: 1.2.3\n\ntext\n", encoding="utf-8")
        (folder / "istmo").mkdir()
        (folder / "istmo" / "__init__.py").write_text("", encoding="utf-8")
        (folder / "istmo" / "__init__.cpython-311.pyc").write_bytes(b"compiled")
        if origin is not None:
            (info / "direct_url.json").write_text(json.dumps(origin), encoding="utf-8")
        names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
        (info / "RECORD").write_text(
            "".join(f"{name},,\n" for name in [*names, "../../../bin/istmo"]), encoding="utf-8"
        )

    def read_text(self, filename: str) -> str | None:
        path = self.folder / "istmo-1.2.3.dist-info" / filename
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def locate_file(self, path: Any) -> Any:
        return self.folder / path


@pytest.fixture(autouse=True)
def _afresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kit.running.cache_clear()
    yield
    kit.running.cache_clear()


def running(monkeypatch: pytest.MonkeyPatch, folder: Path, origin: Any) -> kit.Kit:
    found = Installed(folder, origin)
    monkeypatch.setattr(kit, "distribution", lambda _: found)
    return kit.running()


def test_a_kit_from_an_index_is_named_by_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = running(monkeypatch, tmp_path / "site", None)

    assert found.requirement("services") == "istmo[services]==1.2.3"
    assert found.installed_by("conformance") == "istmo[conformance]==1.2.3"


def test_a_kit_from_version_control_is_named_by_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    origin = {"url": "https://git.example/istmo.git", "vcs_info": {"vcs": "git", "commit_id": "a" * 40}}

    found = running(monkeypatch, tmp_path / "site", origin)

    assert found.requirement("services") == f"istmo[services] @ git+https://git.example/istmo.git@{'a' * 40}"
    assert found.wheel is None


@pytest.mark.parametrize(
    "origin", [{"url": "file:///wheels/x.whl", "archive_info": {}}, {"url": "file:///src", "dir_info": {}}]
)
def test_any_other_kit_becomes_a_wheel_of_what_is_installed(
    origin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import zipfile

    found = running(monkeypatch, tmp_path / "site", origin)

    assert found.wheel is not None
    assert found.installed_by("services") == f"./vendor/{found.wheel.name}[services]"
    with zipfile.ZipFile(found.wheel) as wheel:
        names = set(wheel.namelist())
        assert b"Version: " + found.version.encode() in wheel.read(f"istmo-{found.version}.dist-info/METADATA")
    assert names == {"istmo/__init__.py", *(f"istmo-{found.version}.dist-info/{one}" for one in ("METADATA", "RECORD"))}


def test_the_same_kit_gives_the_same_wheel_and_another_one_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = {"url": "file:///wheels/x.whl", "archive_info": {}}
    first = running(monkeypatch, tmp_path / "one", origin)
    content = first.wheel.read_bytes() if first.wheel else b""
    (first.wheel or tmp_path).unlink()
    kit.running.cache_clear()

    again = running(monkeypatch, tmp_path / "two", origin)
    assert again.wheel is not None
    assert (again.version, again.wheel.read_bytes()) == (first.version, content)

    (tmp_path / "two" / "istmo" / "__init__.py").write_text("changed = True\n", encoding="utf-8")
    kit.running.cache_clear()
    assert kit.running().version != first.version


def test_where_no_cache_can_be_kept_the_wheel_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "taken"))

    found = running(monkeypatch, tmp_path / "site", {"url": "file:///src", "dir_info": {}})

    assert found.wheel is not None
    assert found.wheel.is_file()
