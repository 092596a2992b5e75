"""Violations name places and keywords, never values."""

from __future__ import annotations

import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istmo import spec as specs
from istmo.errors import KitError
from istmo.spec import Spec, violations

from .conftest import DOCUMENT

PEOPLE = Spec(DOCUMENT, "people")
INPUT = PEOPLE.validator("#/components/schemas/PersonInput")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=25),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "age", "parent", "zz", "a/b~"]), inner, max_size=4)
    ),
    max_leaves=8,
)


def told(instance: Any) -> set[tuple[str, str]]:
    return {(one.pointer, one.code) for one in violations(INPUT, instance)}


def test_every_violation_is_listed_with_its_place() -> None:
    assert told({"age": -1, "zz": 1, "a/b~": 2, "parent": {}}) == {
        ("/name", "required"),
        ("/age", "minimum"),
        ("/zz", "unknown-property"),
        ("/a~1b~0", "unknown-property"),
        ("/parent/name", "required"),
    }


def test_a_wrong_member_does_not_accuse_its_neighbours() -> None:
    assert told({"name": 1, "age": 5}) == {("/name", "type")}


def test_a_right_instance_has_no_violations() -> None:
    assert told({"name": "Ana", "parent": {"name": "Elena", "unknown": "allowed there"}}) == set()


@pytest.mark.parametrize("language", ["en", "es"])
def test_messages_never_hold_values(language: str) -> None:
    found = INPUT.violations({"name": ["canary-value"], "age": "canary-value", "parent": "canary-value"}, language)
    assert len(found) == 3
    assert "canary" not in str(found)


def test_messages_are_in_the_language_asked_for() -> None:
    assert [INPUT.violations({}, language)[0].message for language in ("en", "es")] == [
        "is required",
        "es obligatorio",
    ]


@given(ANY_JSON)
@settings(max_examples=200)
def test_two_validators_agree(instance: Any) -> None:
    whole = {"$ref": "#/components/schemas/PersonInput", "components": DOCUMENT["components"]}
    assert INPUT.is_valid(instance) == jsonschema.Draft202012Validator(whole).is_valid(instance)
    assert bool(violations(INPUT, instance)) != INPUT.is_valid(instance)


def test_a_schema_of_ones_own_may_refer_to_the_document() -> None:
    validator = PEOPLE.validator({"type": "array", "items": {"$ref": "#/components/schemas/PersonInput"}})
    assert [one.pointer for one in validator.violations([{"name": "Ana"}, {}])] == ["/1/name"]


def test_the_form_that_was_meant_explains_itself() -> None:
    forms = {
        "oneOf": [
            {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "a"}, "n": {"maximum": 3}},
            },
            {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "b"}, "n": {"maximum": 9}},
            },
        ]
    }
    validator = PEOPLE.validator(forms)
    assert [(one.pointer, one.code) for one in validator.violations({"kind": "a", "n": 5})] == [("/n", "maximum")]
    assert [(one.pointer, one.code) for one in validator.violations({"kind": "z"})] == [("", "one-of")]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [("date", "2027-02-28", "2027-02-30"), ("uuid", "0b6f4c1e-5a0a-4f0e-9a53-3d1f6a1c0009", "x")],
)
def test_formats_are_asserted(name: str, good: str, bad: str) -> None:
    validator = PEOPLE.validator({"type": "string", "format": name})
    assert validator.is_valid(good)
    assert not validator.is_valid(bad)


@pytest.mark.parametrize(("name", "text"), [("date", "0000-01-01"), ("date-time", "0000-01-01T00:00:00Z")])
def test_the_year_zero_is_no_year(name: str, text: str) -> None:
    validator = PEOPLE.validator({"type": "string", "format": name})
    assert not validator.is_valid(text)
    assert validator.is_valid(text.replace("0000", "0001", 1))


def test_a_format_that_nobody_checks_is_refused(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Person"]["properties"]["name"]["format"] = "date_time"
    with pytest.raises(KitError) as refused:
        Spec(document, "people").validator("#/components/schemas/Person")
    assert refused.value.code == "spec-format"


@pytest.mark.parametrize("pattern", ["^(?=a)b$", "(", r"(a)\1"])
def test_a_pattern_that_needs_backtracking_is_refused(pattern: str) -> None:
    with pytest.raises(KitError) as refused:
        PEOPLE.validator({"type": "string", "pattern": pattern})
    assert refused.value.code == "spec-schema"


def test_a_catastrophic_pattern_costs_no_time() -> None:
    validator = PEOPLE.validator({"type": "string", "pattern": "^(a+)+$"})
    started = time.monotonic()
    assert not validator.is_valid("a" * 50_000 + "b")
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("pointer", ["#/components/schemas/None", "#/none"])
def test_a_pointer_to_nothing_is_refused(pointer: str) -> None:
    with pytest.raises(KitError):
        PEOPLE.validator(pointer)


def test_a_reference_to_elsewhere_is_never_fetched() -> None:
    with pytest.raises(KitError):
        PEOPLE.validator({"$ref": "http://127.0.0.1:9/schema.json"})


def test_a_validator_is_compiled_once() -> None:
    assert PEOPLE.validator("#/components/schemas/Person") is PEOPLE.validator("#/components/schemas/Person")


@pytest.mark.parametrize("slug", specs.slugs())
def test_every_schema_of_the_standard_compiles(slug: str) -> None:
    spec = specs.spec(slug)
    for name in spec.document["components"]["schemas"]:
        spec.validator(f"#/components/schemas/{name}")
    for one in spec.operations.values():
        for parameter in one.parameters:
            spec.validator(parameter.pointer)
