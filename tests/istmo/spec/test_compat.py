"""A national specification may widen, never narrow; what cannot be proven is told."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istmo import spec as specs
from istmo.spec import compat
from istmo.spec._contain import Side, wider

from .conftest import DOCUMENT

Change = Callable[[dict[str, Any]], object]
POST = ("paths", "/people", "post")


def at(document: dict[str, Any], *steps: str) -> Any:
    for step in steps:
        document = document[step]
    return document


def person(document: dict[str, Any]) -> Any:
    return at(document, "components", "schemas", "Person")


def apart(document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the request and the answer schemas of their own; return both."""
    mine, theirs = deepcopy(person(document)), deepcopy(person(document))
    mine["properties"]["parent"] = theirs["properties"]["parent"] = {"type": "object"}
    schemas = at(document, "components", "schemas")
    schemas["Input"], schemas["Output"] = mine | {"additionalProperties": False}, theirs
    at(document, *POST, "requestBody", "content", "application/json")["schema"] = {"$ref": "#/components/schemas/Input"}
    content = at(document, *POST, "responses", "201", "content", "application/json")
    content["schema"] = {"$ref": "#/components/schemas/Output"}
    return schemas["Input"], schemas["Output"]


def codes(change: Change, regional: dict[str, Any] | None = None) -> set[tuple[str, str]]:
    before = deepcopy(regional or DOCUMENT)
    after = deepcopy(before)
    change(after)
    return {(one.severity, one.code) for one in compat(before, after)}


def test_a_specification_is_compatible_with_itself() -> None:
    assert compat(DOCUMENT, deepcopy(DOCUMENT)) == []
    for slug in specs.slugs():
        assert compat(specs.spec(slug), deepcopy(specs.bundle(slug))) == []


def test_a_bundle_in_another_language_is_compatible() -> None:
    for slug in specs.slugs():
        assert compat(specs.bundle(slug), specs.bundle(slug, language="es")) == []


STRUCTURE: dict[str, tuple[Change, set[str]]] = {
    "an operation is removed": (lambda d: d["paths"].pop("/people/{id}"), {"operation-removed"}),
    "an operation moves": (
        lambda d: d["paths"].update({"/x": d["paths"].pop("/people/searches")}),
        {"operation-moved"},
    ),
    "an answer is removed": (lambda d: at(d, *POST, "responses").pop("404"), {"status-removed"}),
    "the success changes": (
        lambda d: at(d, *POST, "responses").update({"200": at(d, *POST, "responses").pop("201")}),
        {"status-removed", "success-changed"},
    ),
    "a parameter is removed": (lambda d: at(d, *POST, "parameters").pop(1), {"parameter-removed"}),
    "a parameter becomes required": (
        lambda d: at(d, *POST, "parameters")[1].update(required=True),
        {"parameter-required"},
    ),
    "a new parameter is required": (
        lambda d: at(d, *POST, "parameters").append({"name": "x", "in": "query", "required": True, "schema": {}}),
        {"parameter-required"},
    ),
    "a parameter is narrowed": (
        lambda d: at(d, *POST, "parameters")[1]["schema"].update(maximum=50),
        {"request-narrowed"},
    ),
    "a header is not promised": (
        lambda d: at(d, *POST, "responses", "201")["headers"].clear(),
        {"header-removed"},
    ),
    "the scopes change": (
        lambda d: at(d, *POST).update({"x-istmo-scopes": ["people:read"]}),
        {"scopes-changed"},
    ),
    "the assurance changes": (lambda d: at(d, *POST).update({"x-istmo-acr": "high"}), {"assurance-changed"}),
    "a media type is removed": (
        lambda d: at(d, *POST, "requestBody").update(content={"text/plain": {}}),
        {"media-type-removed"},
    ),
}


@pytest.mark.parametrize("name", STRUCTURE)
def test_what_breaks_a_regional_client_is_breaking(name: str) -> None:
    change, expected = STRUCTURE[name]
    assert codes(change) == {("breaking", code) for code in expected}


REQUESTS: dict[str, tuple[Callable[[Any], object], str | None]] = {
    "a member becomes required": (lambda s: s["required"].append("age"), "request-narrowed"),
    "a member is removed": (lambda s: s["properties"].pop("age"), "request-narrowed"),
    "a text gets shorter": (lambda s: s["properties"]["name"].update(maxLength=10), "request-narrowed"),
    "a type changes": (lambda s: s["properties"]["age"].update(type="string"), "request-narrowed"),
    "a pattern appears": (lambda s: s["properties"]["name"].update(pattern="^[A-Z]"), "request-narrowed"),
    "national becomes required": (lambda s: s["required"].append("national"), "request-narrowed"),
    "a text gets longer": (lambda s: s["properties"]["name"].update(maxLength=99), None),
    "a member is added": (lambda s: s["properties"].update(more={"type": "string"}), None),
    "national gets members": (
        lambda s: s["properties"].update(national={"type": "object", "required": ["x"]}),
        None,
    ),
    "a member becomes optional": (lambda s: s["required"].clear(), None),
    "a text changes": (lambda s: s["properties"]["name"].update(description="Otro texto"), None),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_may_be_widened_and_never_narrowed(name: str) -> None:
    regional = deepcopy(DOCUMENT)
    apart(regional)
    change, code = REQUESTS[name]
    found = codes(lambda d: change(at(d, "components", "schemas", "Input")), regional)
    assert found == (set() if code is None else {("breaking", code)})


ANSWERS: dict[str, tuple[Callable[[Any], object], set[tuple[str, str]]]] = {
    "a member is not promised": (lambda s: s["required"].clear(), {("breaking", "response-widened")}),
    "a text gets longer": (
        lambda s: s["properties"]["name"].update(maxLength=99),
        {("breaking", "response-widened")},
    ),
    "a member may be null": (
        lambda s: s["properties"]["age"].update(type=["integer", "null"]),
        {("breaking", "response-widened")},
    ),
    "a member is not described": (lambda s: s["properties"].pop("age"), {("review", "review")}),
    "a text gets shorter": (lambda s: s["properties"]["name"].update(maxLength=10), set()),
    "a member is added": (lambda s: s["properties"].update(more={"type": "string"}), set()),
    "a member is promised": (lambda s: s["required"].append("age"), set()),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_may_promise_more_and_never_less(name: str) -> None:
    regional = deepcopy(DOCUMENT)
    apart(regional)
    change, expected = ANSWERS[name]
    assert codes(lambda d: change(at(d, "components", "schemas", "Output")), regional) == expected


def test_a_doubt_is_never_taken_for_compatible() -> None:
    regional = deepcopy(DOCUMENT)
    apart(regional)
    at(regional, "components", "schemas", "Input", "properties")["name"] = {
        "type": "string",
        "pattern": "^a$",
    }

    def widen(document: dict[str, Any]) -> None:
        at(document, "components", "schemas", "Input", "properties")["name"]["pattern"] = "^a+$"

    assert codes(widen, regional) == {("review", "review")}


def test_a_recursive_schema_is_compared_to_its_end() -> None:
    def narrow(document: dict[str, Any]) -> None:
        person(document)["properties"]["age"]["minimum"] = 18

    assert ("breaking", "request-narrowed") in codes(narrow)


SCALARS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer", "number", ["string", "null"], "object", "array"]),
        "maxLength": st.integers(0, 2),
        "minimum": st.integers(0, 2),
        "enum": st.lists(st.sampled_from(["a", "b", 1, None]), min_size=1, max_size=3, unique=True),
    },
)


def compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    members = st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array"]),
            "properties": members,
            "required": st.lists(st.sampled_from("ab"), max_size=2, unique=True),
            "additionalProperties": st.booleans() | inner,
            "unevaluatedProperties": st.booleans(),
            "patternProperties": st.dictionaries(st.just("^a"), inner, max_size=1),
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=1),
            "maxItems": st.integers(0, 2),
            "minProperties": st.integers(0, 2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
        },
    )


SCHEMAS = st.recursive(SCALARS, compound, max_leaves=5)
VALUES = st.recursive(
    st.sampled_from(["a", "b", "abc", 0, 1, 5, 1.5, None, True]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)


@given(wide=SCHEMAS, narrow=SCHEMAS, values=st.lists(VALUES, min_size=5, max_size=15), near=st.booleans())
@settings(max_examples=600, deadline=None)
def test_what_is_called_contained_is_contained(wide: Any, narrow: Any, values: list[Any], *, near: bool) -> None:
    if near:
        narrow = {**wide, **narrow}
    document = {"w": wide, "n": narrow}
    if list(wider(Side(document), "#/w", Side(document), "#/n", national_is_open=False)):
        return
    broad, tight = (jsonschema.Draft202012Validator(schema) for schema in (wide, narrow))
    for value in values:
        assert not tight.is_valid(value) or broad.is_valid(value), value


def test_a_difference_names_the_place_and_the_remedy() -> None:
    regional = deepcopy(DOCUMENT)
    apart(regional)
    national = deepcopy(regional)
    at(national, "components", "schemas", "Input", "properties")["name"]["maxLength"] = 5
    (found,) = compat(regional, national)
    assert found.operation == "createPerson"
    assert found.place == "body application/json /name"
    assert found.hint
