"""The generated models are what the specifications say."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import pytest
from pydantic import ValidationError

from istmo import models as common
from istmo import spec as specs
from istmo.spec import models


def test_the_written_models_are_those_of_the_specifications() -> None:
    stale = [str(path) for path in models.stale()]
    assert not stale, f"{stale} differ from the specifications; run: {models.COMMAND}"


def room(slug: str) -> Any:
    (entry,) = entry_points(group="istmo.rooms")
    return import_module(f"{entry.value}.{slug}.models")


@pytest.mark.parametrize("slug", specs.slugs())
def test_the_models_accept_every_request_example(slug: str) -> None:
    spec, home = specs.spec(slug), room(slug)
    for operation in spec.operations.values():
        name = (operation.request.get("application/json") or "").rpartition("/")[2]
        model = getattr(home, name, None) or getattr(common, name, None)
        for value in spec.request_examples(operation.id).values() if name else ():
            assert model is not None, name
            model.model_validate(value)


def test_a_room_imports_the_common_models_and_does_not_copy_them() -> None:
    for slug in specs.slugs():
        home = room(slug)
        schemas = set(specs.bundle("common")["components"]["schemas"])
        assert not schemas & set(home.__all__)
        assert home.CaseBase is common.CaseBase


def test_absent_is_not_null() -> None:
    with pytest.raises(ValidationError):
        common.ContactPointInput.model_validate({"email": None})


def test_generated_modules_say_so() -> None:
    for path in models.generate():
        assert "do not edit" in path.read_text(encoding="utf-8").splitlines()[0]
