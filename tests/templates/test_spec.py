"""A room from the template costs a specification, rules and features: the kit as it is takes it, and all of it holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.templates.checkout import copied, passes, run

from istmo import texts
from istmo.errors import KitError
from istmo.paths import data
from istmo.scaffold import checkout, find, make

SPEC = find("spec")
SLUG = "water_permits"
GIVEN = {"slug": SLUG, "title_es": "Permisos de agua: pozos y ríos", "collection": "well-licences", "audience": "business"}
NEW = ("services/istmo_services", "tests/services", "tests/wrong_services/gallery")
WHOLE = ("rooms", "requirements", "models", "layers", "size", "style", "docs", "guides")
# Of the tests of documents: those that take every room, and those that take profiles.
TAKING = f"{SLUG} or every_document or real_examples or counts_what or profile"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_LANG", "en")
    texts.use(None)


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with one room more."""
    folder = copied(tmp_path_factory.mktemp("kit"))
    subprocess.run(["git", "add", "--all"], cwd=folder, check=True)
    assert make(SPEC, SPEC.answered(GIVEN), folder) == folder / "specs" / SLUG
    return folder


def changed(folder: Path) -> dict[str, str]:
    done = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all"], cwd=folder, capture_output=True, text=True, check=True
    )
    return {line[3:]: line[:2].strip()[-1:] for line in done.stdout.splitlines() if line[1] != " "}


def test_nothing_is_touched_but_what_lists_rooms(kit: Path) -> None:
    found = changed(kit)

    touched = {name for name, kind in found.items() if kind == "M"}
    assert touched <= {"README.md", "docs/index.md", "specs/profiles/XX.yaml", "specs/profiles/_defaults.yaml"}
    assert {"README.md", "docs/index.md", "specs/profiles/XX.yaml"} <= touched
    assert all(SLUG in name for name in found if name not in touched)


def test_the_room_passes_the_whole_program_tests(kit: Path) -> None:
    run(kit, "ruff", "check", *NEW)
    run(kit, "ruff", "format", "--check", *NEW)
    passes(kit, *(f"tests/test_{name}.py" for name in WHOLE), f"tests/services/{SLUG}")
    passes(kit, "tests/istmo/spec", "-k", TAKING)


def test_the_suite_judges_the_room_and_kills_what_is_wrong_with_it(kit: Path, tmp_path: Path) -> None:
    said = run(kit, "istmo", "check", "--reference", SLUG, "--output", str(tmp_path))

    assert "CONFORMANT" in said
    passes(kit, "tests/wrong_services/test_kill_matrix.py", "-m", "not slow", "-k", f"{SLUG} or must or name_requirements")


@pytest.mark.slow
def test_everything_else_that_takes_every_room_takes_this_one(kit: Path) -> None:
    run(kit, "mypy")
    run(kit, "tests.conformance.expected", SLUG)
    passes(kit, "tests/test_wheel.py", "tests/conformance/test_expected.py", "tests/mutants/test_mutants.py")
    passes(kit, "tests/wrong_services/test_vacuity.py", "tests/wrong_services/test_kill_matrix.py", "-k", SLUG)
    passes(kit, "tests/istmo/runtime", "tests/canary", "tests/istmo/scaffold", "-k", SLUG)


# Refused, with nothing changed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slug", "civil-Certificates!"), ("slug", "class"), ("slug", "common"), ("slug", "x" * 41), ("slug", "1st"),
        ("slug", "../outside"), ("slug", "{{ 7 * 7 }}"), ("title_es", 'Permisos "de" agua'), ("title_en", "a\nb"),
        ("title_es", "{% raw %}"), ("code", "WA"), ("code", "WATE"), ("code", "W-T"), ("collection", "documents"),
        ("collection", "kinds"), ("collection", "persons"), ("collection", "application"), ("collection", "Permits"),
        ("collection", "a/b"), ("audience", "nobody"), ("colour", "blue"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_is_refused_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(KitError) as refused:
        SPEC.answered({**GIVEN, name: value})

    assert value not in refused.value.message
    assert refused.value.hint


def test_what_is_not_given_follows_from_the_slug_but_no_translation_does() -> None:
    found = SPEC.answered({"slug": "Water-Permits", "title_es": "Permisos"})

    assert found.document() == {
        "slug": SLUG, "title_en": "Water permits", "title_es": "Permisos", "code": "WAT",
        "collection": "applications", "audience": "citizen",
    }  # fmt: skip
    with pytest.raises(KitError, match="title_es"):
        SPEC.answered({"slug": SLUG})


def small(folder: Path) -> Path:
    """The part of a checkout that a room is laid into."""
    for place in checkout.PLACES:
        source, target = data("specs").parent / place, folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.mkdir() if source.is_dir() else target.write_bytes(source.read_bytes())
    for name in ("civil_certificates/service.yaml", "profiles/XX.yaml"):
        target = folder / "specs" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((data("specs") / name).read_bytes())
    return folder


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("given", "told"),
    [({"slug": "civil_certificates"}, "has this slug"), ({"code": "CIV"}, "has this code")],
)
def test_what_another_room_has_is_refused(given: dict[str, str], told: str, tmp_path: Path) -> None:
    before = snapshot(small(tmp_path))

    with pytest.raises(KitError, match=told):
        make(SPEC, SPEC.answered({**GIVEN, **given}), tmp_path)

    assert snapshot(tmp_path) == before


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    mine = small(tmp_path) / "tests" / "services" / SLUG / "test_rules.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    before = snapshot(tmp_path)

    with pytest.raises(KitError, match="is there already"):
        make(SPEC, SPEC.answered(GIVEN), tmp_path)

    assert snapshot(tmp_path) == before


def test_a_folder_that_is_no_checkout_is_told(tmp_path: Path) -> None:
    with pytest.raises(KitError) as refused:
        make(SPEC, SPEC.answered(GIVEN), tmp_path)

    assert refused.value.code == "no-checkout"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["_generate", "_indexed", "inserted"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), RuntimeError()])
def test_what_fails_half_way_leaves_nothing(
    step: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(small(tmp_path))

    def broken(*_: Any) -> None:
        raise error

    monkeypatch.setattr(checkout, step, broken)

    with pytest.raises(KitError if isinstance(error, OSError) else type(error)):
        make(SPEC, SPEC.answered(GIVEN), tmp_path)
    assert snapshot(tmp_path) == before
    assert not list(tmp_path.rglob(SLUG))


def test_a_generator_that_refuses_leaves_nothing(tmp_path: Path) -> None:
    small(tmp_path)
    (tmp_path / "services" / "istmo" / "__init__.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    before = snapshot(tmp_path)

    with pytest.raises(KitError) as refused:
        make(SPEC, SPEC.answered(GIVEN), tmp_path)

    assert refused.value.code == "generate"
    assert snapshot(tmp_path) == before


def test_plain_cookiecutter_lays_the_same_room(kit: Path, tmp_path: Path) -> None:
    other = copied(tmp_path / "other")
    words = [f"{name}={value}" for name, value in GIVEN.items()]
    command = [str(Path(sys.executable).with_name("cookiecutter")), str(data("templates") / "spec"), "--no-input"]

    done = subprocess.run(
        [*command, *words], cwd=other, capture_output=True, text=True, check=False, timeout=300,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "ISTMO_LANG": "en"},
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    ours = {name: content for name, content in snapshot(kit).items() if SLUG in name and "__pycache__" not in name}
    theirs = {name: content for name, content in snapshot(other).items() if SLUG in name and "__pycache__" not in name}
    assert sorted(ours) == sorted(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert not (other / "water-permits-room").exists()


# Values in the text of a profile

PROFILE = """# A country.
name: {value: X, source: s, asOf: null, confidence: low}
fees:
  one:  # the first
    value: []
    source: s
    asOf: null
    confidence: low
# What follows is national.
flags: {}
"""
VALUES = """fees:
  two: {value: [], source: s, asOf: null, confidence: low}
services:
  two:
    days: {value: 1, source: s, asOf: null, confidence: low}
"""


def test_values_are_added_at_the_end_of_their_part_and_nothing_else_moves() -> None:
    made = checkout.inserted(PROFILE, VALUES, "XX.yaml")

    assert [line for line in made.splitlines() if line in PROFILE.splitlines()] == PROFILE.splitlines()
    found = yaml.safe_load(made)
    assert list(found["fees"]) == ["one", "two"]
    assert found["services"]["two"]["days"]["value"] == 1
    assert list(found) == ["name", "fees", "flags", "services"]


def test_what_a_profile_says_already_stays() -> None:
    there = PROFILE.replace("  one:", "  two:")

    found = yaml.safe_load(checkout.inserted(there, VALUES, "XX.yaml"))

    assert list(found["fees"]) == ["two"]
    assert found["fees"]["two"]["value"] == []


def test_a_profile_that_is_written_otherwise_is_refused() -> None:
    with pytest.raises(KitError) as refused:
        checkout.inserted(PROFILE.replace("flags: {}", "services: {one: {}}"), VALUES, "XX.yaml")

    assert refused.value.code == "profile-text"
