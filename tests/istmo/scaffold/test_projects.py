"""A project is made whole or not at all, and is the same however it is made."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from istmo.cli.table import COMMANDS
from istmo.errors import KitError
from istmo.names import kebab
from istmo.paths import data
from istmo.scaffold import find, make, record
from istmo.spec import catalogue, countries, profile

SERVICE = find("service")
answered = SERVICE.answered
BIN = Path(sys.executable).parent
EVERY = [(entry.slug, country) for entry in catalogue() for country in countries()]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def texts_of(folder: Path) -> Iterator[tuple[str, str]]:
    for name, content in tree(folder).items():
        if not name.endswith((".zip", ".whl")):
            yield name, content.decode("utf-8")


@pytest.mark.parametrize(("slug", "country"), EVERY)
@pytest.mark.parametrize("bare", [False, True])
def test_every_room_and_country_gives_files_that_can_be_read(
    slug: str, country: str, tmp_path: Path, *, bare: bool
) -> None:
    made = make(SERVICE, answered({"service": slug, "country": country, "bare": bare}), tmp_path)

    assert made == tmp_path / f"{country.lower()}-{kebab(slug)}"
    for name, content in texts_of(made):
        assert not re.search(r"\{\{(?! *\w+[.\w]* *\}\})|\{%", content) or name.startswith(".github"), name
        assert "cookiecutter" not in content, name
        if name.endswith(".py"):
            ast.parse(content)
        elif name.endswith(".toml"):
            tomllib.loads(content)
        elif name.endswith((".yaml", ".yml")):
            list(yaml.safe_load_all(content))
        elif name.endswith(".json"):
            json.loads(content)
    assert (made / "CHECKLIST.md").is_file() == bare


@pytest.mark.parametrize("country", countries())
def test_the_readme_speaks_the_language_of_the_country(country: str, tmp_path: Path) -> None:
    made = make(SERVICE, answered({"service": "civil_certificates", "country": country}), tmp_path)

    spanish = profile(country).language == "es"
    assert ("Qué cambiar primero" in (made / "README.md").read_text(encoding="utf-8")) == spanish
    assert (made / ("README.en.md" if spanish else "README.es.md")).is_file()


def test_plain_cookiecutter_gives_the_same(made: Path, tmp_path: Path) -> None:
    words = ["cookiecutter", str(data("templates")), "--no-input", "--output-dir", str(tmp_path / "out")]
    words += ["template=service", "service=civil_certificates", "country=HN"]

    done = subprocess.run(
        [BIN / words[0], *words[1:]], capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    ours, theirs = tree(made), tree(tmp_path / "out" / made.name)
    assert sorted(ours) == sorted(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


@pytest.mark.parametrize(
    "answer",
    [
        "agency={{ 7 * 7 }}",
        "project={{ cookiecutter.country }}/../x",
        "package={% raw %}",
        "agency=a\nb",
        "service=nothing",
    ],
)
def test_plain_cookiecutter_refuses_an_answer_that_is_a_template(answer: str, tmp_path: Path) -> None:
    words = [str(data("templates") / "service"), "--no-input", "--output-dir", str(tmp_path / "out"), answer]

    done = subprocess.run(
        [BIN / "cookiecutter", *words], capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "HOME": str(tmp_path), "ISTMO_LANG": "en"},
    )  # fmt: skip

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_a_folder_in_the_way_is_left_alone(tmp_path: Path) -> None:
    answers = answered({"service": "civil_certificates", "country": "HN"})
    (tmp_path / answers.project).mkdir()
    (tmp_path / answers.project / "mine").write_text("mine", encoding="utf-8")

    with pytest.raises(KitError, match="is there already"):
        make(SERVICE, answers, tmp_path)

    assert tree(tmp_path) == {f"{answers.project}/mine": b"mine"}


def test_a_dangling_link_in_the_way_is_left_alone(tmp_path: Path) -> None:
    answers = answered({"service": "civil_certificates", "country": "HN"})
    (tmp_path / answers.project).symlink_to(tmp_path / "nowhere")

    with pytest.raises(KitError, match="is there already"):
        make(SERVICE, answers, tmp_path)

    assert not (tmp_path / "nowhere").exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(KitError) as refused:
        make(SERVICE, answered({"service": "civil_certificates", "country": "HN"}), tmp_path / "file" / "below")

    assert refused.value.code == "unwritable"


@pytest.mark.parametrize("step", ["room.lay", "deployment.lay", "record.write"])
def test_a_full_disk_half_way_leaves_nothing(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"istmo.scaffold.{step}", full)

    with pytest.raises(KitError) as refused:
        make(SERVICE, answered({"service": "civil_certificates", "country": "HN"}), tmp_path)

    assert "No space left on device" in refused.value.message
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_template_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(record, "write", broken)

    with pytest.raises(RuntimeError):
        make(SERVICE, answered({"service": "civil_certificates", "country": "HN"}), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_the_record_holds_every_file_but_the_wheel(made: Path) -> None:
    found = record.read(made)

    files = {name for name in tree(made) if not name.startswith(".istmo/") and not name.endswith(".whl")}
    assert found.answers == answered({"service": "civil_certificates", "country": "HN"})
    assert set(found.files) == files
    assert all((made / name).read_bytes() == content for name, content in found.files.items())
    assert "common/others-see-nothing" in found.requirements


def test_a_folder_that_is_no_project_is_told(tmp_path: Path) -> None:
    with pytest.raises(KitError) as refused:
        record.read(tmp_path)

    assert refused.value.code == "no-project"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"answers": {}}', '{"answers": {"service": "../x"}, "kit": "1"}'])
def test_a_damaged_record_is_told(content: str, project: Path) -> None:
    (project / ".istmo" / "scaffold.json").write_text(content, encoding="utf-8")

    with pytest.raises(KitError):
        record.read(project)


def test_the_kit_is_pinned_to_a_wheel_that_no_index_can_hold(made: Path) -> None:
    (wheel,) = (made / "vendor").glob("*.whl")
    pinned = tomllib.loads((made / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]

    version = wheel.name.split("-")[1]
    assert re.fullmatch(r"[0-9.]+\+kit\.[0-9a-f]{12}", version)
    assert pinned == [f"istmo[services]=={version}"]
    with zipfile.ZipFile(wheel) as content:
        assert content.testzip() is None
        metadata = content.read(f"istmo-{version}.dist-info/METADATA").decode("utf-8")
    assert f"\nVersion: {version}\n" in metadata


def test_the_readmes_of_a_project_are_true(made: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (made / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for name in ("README.md", "README.en.md"):
        text = (made / name).read_text(encoding="utf-8")
        places = [place for place in re.findall(r"`([\w./-]+/[\w./-]*)`", text) if "x-hn" not in place]
        room = made / "src/hn_civil_certificates/civil_certificates"

        assert [place for place in places if not (made / place).exists() and not (room / place).exists()] == []
        assert [place for place in re.findall(r"\]\(([^)]+)\)", text) if not (made / place).exists()] == []
        assert set(re.findall(r"make ([a-z]+)", text)) - targets <= {"and", "y"}
        assert set(re.findall(r"istmo ([a-z]+)", text)) <= {*COMMANDS}
    assert "CHANGE THIS" in (room / "additions.py").read_text(encoding="utf-8")
