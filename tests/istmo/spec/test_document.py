"""A specification is read once into operations, cases, schemas and examples."""

from __future__ import annotations

from typing import Any

import pytest

from istmo import spec as specs
from istmo.errors import KitError
from istmo.spec import Operation, Spec

SLUGS = specs.slugs()


@pytest.fixture
def people(document: dict[str, Any]) -> Spec:
    return Spec(document, "people")


def test_an_operation_says_everything_about_itself(people: Spec) -> None:
    one = people.operations["createPerson"]
    assert (one.method, one.path, one.tag, one.success) == ("POST", "/people", "people", 201)
    assert one.idempotent
    assert not one.conditional
    assert not one.public
    assert one.request == {"application/json": "#/components/schemas/PersonInput"}
    assert one.responses["201"].media == {"application/json": "#/components/schemas/Person"}
    assert one.responses["201"].headers["ETag"]["required"] is True
    assert one.response(404) is one.responses["404"]
    assert one.response(418) is None


def test_parameters_know_the_place_of_their_schema(people: Spec) -> None:
    limit = people.operations["createPerson"].parameter("limit")
    assert limit is not None
    assert people.validator(limit.pointer).is_valid(100)
    assert not people.validator(limit.pointer).is_valid(101)


def test_the_base_path_has_the_address_name_and_the_major_version(document: dict[str, Any]) -> None:
    assert Spec(document, "old_people").base_path == "/old-people/v1"


@pytest.mark.parametrize(
    ("path", "operation", "parameters"),
    [("/people/searches", "searchPeople", {}), ("/people/a%20b", "getPerson", {"id": "a b"})],
)
def test_the_most_literal_path_wins(people: Spec, path: str, operation: str, parameters: dict[str, str]) -> None:
    found = people.match("get", path)
    assert found is not None
    assert (found[0].id, found[1]) == (operation, parameters)


@pytest.mark.parametrize("path", ["/people/", "/people//x", "/nothing", "/people/a/b", ""])
def test_a_path_that_nobody_declared_matches_nothing(people: Spec, path: str) -> None:
    assert people.match("GET", path) is None


def test_the_methods_of_a_path_are_all_of_its_templates(people: Spec) -> None:
    assert people.methods("/people") == ("POST",)
    assert people.methods("/people/x") == ("GET",)
    assert people.methods("/x") == ()


def test_examples_are_found_by_name(people: Spec) -> None:
    assert people.request_examples("createPerson") == {"ana": {"name": "Ana"}}
    assert people.example("createPerson", "ana") == {"name": "Ana"}
    assert people.success_example("createPerson") is None
    with pytest.raises(KitError, match="known: ana"):
        people.example("createPerson", "bruno")
    with pytest.raises(KitError, match="createPerson"):
        people.request_examples("makePerson")


def test_a_doubled_or_unnamed_operation_is_refused(document: dict[str, Any]) -> None:
    document["paths"]["/people/{id}"]["get"]["operationId"] = "createPerson"
    with pytest.raises(KitError, match="twice"):
        Spec(document, "people")
    del document["paths"]["/people/{id}"]["get"]["operationId"]
    with pytest.raises(KitError, match="operationId"):
        Spec(document, "people")


def test_a_case_is_a_collection_that_can_be_submitted(document: dict[str, Any]) -> None:
    for action in ("submit", "accept"):
        document["paths"][f"/people/{{id}}/{action}"] = {
            "post": {
                "operationId": f"{action}Person",
                "x-istmo-transition": {"from": ["draft"], "to": ["submitted"], "role": "owner"},
                "responses": {"200": {"description": "Done."}},
            }
        }
    (case,) = Spec(document, "people").cases
    assert case.collection == "people"
    assert case.create.id == "createPerson"
    assert set(case.actions) == {"submit", "accept"}
    submit = case.actions["submit"].allowed
    assert submit is not None
    assert (submit.origins, submit.targets, submit.role) == (("draft",), ("submitted",), "owner")
    assert Spec(document, "people").cases[0].replace is None


def operations() -> list[tuple[Spec, Operation]]:
    return [(specs.spec(slug), one) for slug in SLUGS for one in specs.spec(slug).operations.values()]


def test_every_operation_of_the_standard_says_stage_scopes_and_requirements() -> None:
    for spec, one in operations():
        assert {
            "x-istmo-stage",
            "x-istmo-scopes",
            "x-istmo-acr",
            "x-istmo-requirements",
        } <= one.node.keys(), one.id
        assert 1 <= one.stage <= 5
        assert (one.public, one.signed, bool(one.scopes)).count(True) == 1, one.id
        prefix = spec.slug.replace("_", "-") + ":"
        assert all(scope.startswith(prefix) for scope in one.scopes), one.id


def test_every_example_of_the_standard_is_what_its_schema_says() -> None:
    for spec, one in operations():
        for name, value in spec.request_examples(one.id).items():
            pointer = one.request.get("application/json")
            assert pointer is None or spec.validator(pointer).violations(value) == [], (one.id, name)
        for name, value in spec.success_examples(one.id).items():
            pointer = one.responses[str(one.success)].media.get("application/json")
            assert pointer is None or spec.validator(pointer).violations(value) == [], (one.id, name)


def test_every_json_request_of_the_standard_has_an_example() -> None:
    for spec, one in operations():
        assert "application/json" not in one.request or spec.request_examples(one.id), one.id
