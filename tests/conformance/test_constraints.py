"""Each rule of a schema is broken alone, in a body that is right otherwise; a refusal has to name the place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from istmo.spec import Spec, spec
from istmo_conformance import parameters, reach
from istmo_conformance.client import Answer, Request
from istmo_conformance.constraints import Broken, broken
from istmo_conformance.exchanges import media_of
from istmo_conformance.sets import selected
from istmo_conformance.trying import Trial, by_operation

SLUG = "civil_certificates"
REGION = spec(SLUG)
WRITING = [one.id for one in REGION.operations.values() if media_of(one) is not None]


def of_schema(schema: Any, example: Any) -> Broken:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Test", "version": "1.0.0"},
        "paths": {},
        "components": {"schemas": {"Body": schema, "Line": {"type": "string", "minLength": 1, "maxLength": 9}}},
    }
    return broken(Spec(document, "test"), "#/components/schemas/Body", example)


def told(found: Broken) -> set[str]:
    return {one.told for one in found.breaches}


@pytest.mark.parametrize("name", WRITING)
def test_each_body_of_the_standard_breaks_one_rule_and_no_other(name: str) -> None:
    operation = REGION.operations[name]
    pointer = str(operation.request[str(media_of(operation))])
    example = REGION.example(name, next(iter(REGION.request_examples(name))))
    rule = REGION.validator(pointer)

    found = broken(REGION, pointer, example)

    assert len(found.breaches) >= 5
    assert len(found.together) * 5 <= len(found.breaches)
    for one in found.breaches:
        wrong = rule.violations(one.document)
        assert len(wrong) == 1, one.told
        assert wrong[0].pointer in one.places


@pytest.mark.parametrize(
    ("schema", "example", "rules"),
    [
        ({"type": "string", "enum": ["a", "b"]}, "a", {"/ enum"}),
        ({"type": "string", "minLength": 2, "maxLength": 3}, "ab", {"/ type", "/ minLength", "/ maxLength"}),
        ({"type": "string", "pattern": "^[a-z]+$"}, "ab", {"/ type", "/ pattern"}),
        ({"type": "string", "format": "date"}, "2027-01-15", {"/ type", "/ format"}),
        ({"type": "integer", "minimum": 1, "maximum": 5}, 2, {"/ type", "/ minimum", "/ maximum"}),
        ({"type": "number", "exclusiveMinimum": 0, "multipleOf": 2}, 4,
         {"/ type", "/ exclusiveMinimum", "/ multipleOf"}),
        ({"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "integer"}}, [1],
         {"/ type", "/ minItems", "/ uniqueItems", "/0 type"}),
        ({"type": "array", "maxItems": 2, "uniqueItems": True, "items": {"$ref": "#/components/schemas/Line"}}, ["a"],
         {"/ type", "/ maxItems", "/ uniqueItems", "/0 type", "/0 minLength", "/0 maxLength"}),
        ({"type": "object", "maxProperties": 1, "additionalProperties": {"type": "string"}}, {"a": "b"},
         {"/ type", "/ maxProperties"}),
        ({"type": "object", "required": ["a"], "properties": {"a": {"type": "boolean"}},
          "additionalProperties": False}, {"a": True},
         {"/ type", "/a required", "/a type", "/ additionalProperties"}),
        ({"allOf": [{"properties": {"a": {"const": 1}}}, {"required": ["a"]}]}, {"a": 1}, {"/a const", "/a required"}),
        ({"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}}, {"a": 1}, {"/ type", "/ propertyNames"}),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1, "b": 2}, {"/b required"}),
        ({"not": {"required": ["a"]}}, {"b": 1}, {"/ not"}),
        ({"not": {"type": "object", "properties": {"a": {"const": 3}}, "required": ["a"]}}, {"a": 1}, {"/ not"}),
        ({"not": {"enum": ["c"]}}, "a", {"/ not"}),
        ({"type": "string", "not": {"type": "string", "minLength": 9}}, "a", {"/ type", "/ not"}),
        ({"contains": {"const": "a"}}, ["b", "a"], {"/ contains"}),
        ({"contains": {"type": "string"}, "maxContains": 2}, ["a"], {"/ contains", "/ maxContains"}),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1, "b": 2}, {"/b dependentRequired"}),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1, "b": 2}, {"/b required"}),
        ({"patternProperties": {"^a": {"minLength": 2}}}, {"ab": "bc", "b": 1}, {"/ab minLength"}),
        ({"prefixItems": [{"const": 1}, {"const": 2}], "items": {"const": 3}}, [1, 2, 3],
         {"/0 const", "/1 const", "/2 const"}),
    ],
)  # fmt: skip
def test_each_rule_is_found(schema: Any, example: Any, rules: set[str]) -> None:
    assert told(of_schema(schema, example)) == rules


def test_what_an_example_leaves_out_is_filled_in() -> None:
    schema = {
        "type": "object",
        "properties": {
            "deep": {"type": "object", "properties": {"line": {"$ref": "#/components/schemas/Line"}}},
            "list": {"type": "array", "items": {"type": "integer"}},
        },
    }

    found = of_schema(schema, {})

    assert {"/deep/line maxLength", "/list/0 type"} <= told(found)
    longest = next(one for one in found.breaches if one.told == "/deep/line maxLength")
    assert set(longest.document) == {"deep"}, "no more than leads to the place"


def test_what_cannot_be_broken_alone_is_told_and_not_tried() -> None:
    found = of_schema({"type": "string", "minLength": 1, "pattern": "^[a-z]+$"}, "a")

    assert told(found) == {"/ type", "/ pattern"}
    assert found.together == ("/ minLength",)


def test_inside_a_choice_its_place_will_do_too() -> None:
    schema = {"oneOf": [
        {"type": "object", "properties": {"kind": {"const": "a"}}, "required": ["kind"]},
        {"type": "object", "properties": {"kind": {"const": "b"}}, "required": ["kind"]},
    ]}  # fmt: skip

    found = {
        one.told: one
        for one in of_schema({"type": "object", "properties": {"x": schema}}, {"x": {"kind": "a"}}).breaches
    }

    assert found["/x/kind const"].places == {"/x", "/x/kind"}


def test_another_validator_finds_the_same_bodies_wrong() -> None:
    pointer = "#/components/schemas/CorrectionInput"
    found = broken(REGION, pointer, REGION.example("createCorrection", "correction"))
    root = {**dict(REGION.document), "$ref": pointer}

    judge = Draft202012Validator(root, format_checker=Draft202012Validator.FORMAT_CHECKER)

    assert [one.told for one in found.breaches if judge.is_valid(one.document)] == []


def test_each_parameter_has_a_right_text_and_wrong_ones() -> None:
    for operation in REGION.operations.values():
        for one in operation.parameters:
            text = parameters.right(REGION, one)
            assert text is not None, f"{operation.id} {one.name}"
    wrong = {(one.parameter.name, one.rule) for one in parameters.wrong(REGION, REGION.operations["listRequests"])}

    assert wrong == {
        ("Istmo-On-Behalf-Of", "format"), ("status", "enum"), ("limit", "type"), ("limit", "minimum"),
        ("limit", "maximum"), ("cursor", "minLength"), ("cursor", "maxLength"),
    }  # fmt: skip


# What is held against an answer


def answer(status: int, document: Any) -> Answer:
    fields = (("content-type", "application/problem+json"),)
    return Answer(status, fields, json.dumps(document).encode(), 0.0, Request("POST", "/x"))


@pytest.mark.parametrize(
    ("status", "document", "right"),
    [
        (422, {"code": "validation-failed", "errors": [{"pointer": "/a"}]}, True),
        (422, {"code": "validation-failed", "errors": [{"pointer": "/b"}, {"pointer": "/a"}]}, True),
        (422, {"code": "validation-failed", "errors": [{"pointer": "/a/b"}]}, False),
        (422, {"code": "validation-failed", "errors": [7]}, False),
        (422, {"code": "validation-failed"}, False),
        (422, [], False),
        (400, {"code": "malformed-json"}, False),
        (201, {"id": "x"}, False),
    ],
)
def test_a_refusal_names_the_place(status: int, document: Any, *, right: bool) -> None:
    trial = Trial("createThing", "/a maxLength", (422,), frozenset({"/a"}), answer(status, document))

    assert (trial.fault == "") is right
    assert by_operation([trial]) == ({} if right else {"createThing": [trial.fault]})
    assert right or trial.fault.startswith(f"createThing /a maxLength: {status}")


def test_a_malformed_identifier_in_the_path_is_simply_not_found() -> None:
    trial = Trial("getThing", "path id format", parameters.ANSWERS["path"], frozenset({"id"}), answer(404, {}))

    assert trial.fault == ""


# What can be reached


def test_a_set_of_those_that_declare_a_status_leaves_out_whom_no_call_brings_to_it() -> None:
    refusing = {one.id for one in selected(REGION, "operation that declares 406")}

    assert set(REGION.operations) - refusing == {"deleteSubscription", "deleteMandate"}
    assert selected(REGION, "operación que declara 406") == selected(REGION, "operation that declares 406")
    assert [one.id for one in selected(REGION, "operation that declares 428")] == ["replaceRequest"]
    assert selected(REGION, "operation that declares 500") == []
    assert {one.id for one in selected(REGION, "case operation that declares 410")} == {
        "getRequest", "replaceRequest", "submitRequest", "discardRequest", "withdrawRequest", "respondToRequest",
        "appealRequest",
    }  # fmt: skip


def test_each_status_that_is_ruled_out_has_its_reason() -> None:
    rows = {one["id"]: one["statuses"] for one in reach.declared(REGION, REGION)}

    assert rows["getHealth"]["404"] == "nothing-named"
    assert rows["getHealth"]["422"] == "nothing-to-break"
    assert rows["verifyReceipt"]["429"] == ""
    assert rows["getHealth"]["429"] == "limit-shared"
    assert rows["acceptRequest"]["410"] == "not-shown"
    assert rows["submitRequest"]["410"] == ""
