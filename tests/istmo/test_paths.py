"""Data are found in a checkout and in an installed kit."""

from __future__ import annotations

from pathlib import Path

import pytest

from istmo import paths


@pytest.mark.parametrize("name", ["specs", "templates", "conformance"])
def test_a_checkout_holds_every_kind_of_data(name: str) -> None:
    assert paths.data(name).is_dir()


def test_the_standard_is_where_the_checkout_has_it() -> None:
    assert (paths.data("specs") / "common" / "openapi.yaml").is_file()


def test_an_installed_kit_prefers_its_own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "specs").mkdir()
    monkeypatch.setattr(paths, "_INSTALLED", tmp_path)
    paths.data.cache_clear()
    try:
        assert paths.data("specs") == tmp_path / "specs"
    finally:
        paths.data.cache_clear()
