"""The catalogue is cheap and counts what the documents hold."""

from __future__ import annotations

import subprocess
import sys

import pytest

from istmo import spec as specs

ROOMS = ["common", *specs.slugs()]


def test_the_catalogue_counts_what_the_documents_hold() -> None:
    for entry in specs.catalogue():
        assert entry.operations == len(specs.spec(entry.slug).operations)
        kept = [one for one in specs.requirements(entry.slug) if not one.retired]
        assert entry.requirements == len(kept)
        assert entry.version == specs.spec(entry.slug).version
        assert set(entry.titles) == {"en", "es"}


def test_the_case_of_a_room_names_real_examples() -> None:
    for entry in specs.catalogue():
        if entry.case:
            (case,) = [one for one in specs.spec(entry.slug).cases if one.collection == entry.case["collection"]]
            known = specs.spec(entry.slug).request_examples(case.create.id)
            named = {entry.case[kind] for kind in ("example", "automatic") if kind in entry.case}
            assert "example" in entry.case
            assert named <= known.keys()


@pytest.mark.parametrize("slug", ROOMS)
def test_requirements_are_named_once_and_told_in_both_languages(slug: str) -> None:
    found = specs.requirements(slug)
    assert len({one.id for one in found}) == len(found)
    for one in found:
        assert one.id.startswith(f"{slug}/")
        assert set(one.text) == {"en", "es"}
        assert one.level in {"MUST", "SHOULD", "MAY"}
        assert one.observed_by_scenario or one.reason or one.retired


def test_operations_name_only_requirements_that_exist() -> None:
    for slug in specs.slugs():
        known = {one.id for room in ("common", slug) for one in specs.requirements(room)}
        for operation in specs.spec(slug).operations.values():
            assert set(operation.requirements) <= known, operation.id


HEAVY = {"pydantic", "fastapi", "jsonschema", "jsonschema_rs", "jinja2", "holidays", "stdnum"}


@pytest.mark.parametrize(
    "code", ["import istmo.spec", "import istmo.spec as s; s.catalogue(); s.requirements('common')"]
)
def test_the_catalogue_loads_no_heavy_library(code: str) -> None:
    told = f"{code}; import sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_every_public_name_can_be_loaded() -> None:
    for name in specs.__all__:
        assert getattr(specs, name) is not None
    with pytest.raises(AttributeError):
        specs.nothing  # noqa: B018 - the access is the test
