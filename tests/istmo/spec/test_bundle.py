"""Several files become one document; what leaves the folder is never opened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from istmo import spec as specs
from istmo.errors import KitError
from istmo.spec import bundle, bundle_file
from istmo.spec._bundle import bundle_folder
from istmo.spec._tree import walk

from .conftest import Write

ROOMS = ["common", *specs.slugs()]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("slug", ROOMS)
def test_every_room_becomes_one_valid_document(slug: str, language: str) -> None:
    document = bundle(slug, language=language)
    assert not [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]
    for _, node, named in walk(document):
        reference = node.get("$ref")
        assert named or reference is None or reference.startswith("#/")


@pytest.mark.parametrize("slug", ROOMS)
def test_no_scope_keeps_the_placeholder_of_the_common_part(slug: str) -> None:
    assert "{service}" not in json.dumps([one.scopes for one in specs.Spec(bundle(slug), slug).operations.values()])


def test_a_bundle_is_made_once_in_a_process() -> None:
    assert bundle(specs.slugs()[0]) is bundle(specs.slugs()[0])


def test_an_unknown_service_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KitError, match="civil_certificates"):
        bundle("civil_certificate")


def in_place(folder: Path) -> dict[str, Any]:
    return bundle_folder(folder / "openapi.yaml", folder)


def refused(folder: Path) -> KitError:
    with pytest.raises(KitError) as error:
        in_place(folder)
    return error.value


def test_components_come_in_by_name_and_paths_in_place(document: dict[str, Any], write: Write) -> None:
    start = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1.0.0"},
        "paths": {"/people": {"$ref": "parts/common.json#/paths/~1people"}},
        "components": {"schemas": {"Person": {"$ref": "parts/common.json#/components/schemas/Person"}}},
    }
    found = in_place(write(openapi_yaml=start, parts__common_json=document))
    assert found["paths"]["/people"]["post"]["operationId"] == "createPerson"
    assert list(found["components"]["schemas"]) == ["PersonInput", "Person"]
    assert found["components"]["schemas"]["Person"]["properties"]["parent"] == {"$ref": "#/components/schemas/Person"}


def test_discriminators_follow_their_components(document: dict[str, Any], write: Write) -> None:
    document["components"]["schemas"]["Party"] = {
        "oneOf": [{"$ref": "#/components/schemas/Person"}],
        "discriminator": {"propertyName": "kind", "mapping": {"person": "#/components/schemas/Person"}},
    }
    start = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1.0.0"},
        "paths": {},
        "components": {"schemas": {"Mine": {"$ref": "common.json#/components/schemas/Party"}}},
    }
    found = in_place(write(openapi_yaml=start, common_json=document))
    assert found["components"]["schemas"]["Party"]["discriminator"]["mapping"] == {
        "person": "#/components/schemas/Person"
    }


def test_what_is_data_is_never_a_reference(document: dict[str, Any], write: Write) -> None:
    person = document["components"]["schemas"]["Person"]
    person["default"] = {"$ref": "file:///etc/passwd"}
    person["properties"]["$ref"] = {"type": "string"}
    person["properties"]["default"] = {"$ref": "#/components/schemas/PersonInput"}
    assert in_place(write(openapi_yaml=document))["components"]["schemas"]["Person"] == person


OUTSIDE = [
    "http://127.0.0.1:9/x.yaml#/a",
    "file:///etc/passwd",
    "//host/share#/a",
    "/etc/passwd",
    "../secret.yaml#/canary",
    "%2e%2e/secret.yaml#/canary",
    "sub/../../secret.yaml#/canary",
    "..\\secret.yaml",
    "link.yaml#/canary",
    "x\0y.yaml",
]


@pytest.mark.parametrize("reference", OUTSIDE)
def test_a_reference_never_leaves_its_folder(reference: str, document: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("canary: {type: canary-content}")
    folder = tmp_path / "spec"
    folder.mkdir()
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    document["components"]["schemas"]["Bad"] = {"$ref": reference}
    (folder / "openapi.yaml").write_text(json.dumps(document))
    error = refused(folder)
    assert error.code == "spec-ref-outside"
    assert "canary-content" not in str(error)


@pytest.mark.parametrize(
    "reference",
    [
        "#/components/schemas/None",
        "none.yaml#/a",
        "other.json#/nothing",
        "other.json#/components/schemas/None",
    ],
)
def test_a_reference_to_nothing_is_named(reference: str, document: dict[str, Any], write: Write) -> None:
    document["components"]["schemas"]["Bad"] = {"$ref": reference}
    error = refused(write(openapi_yaml=document, other_json={"components": {"schemas": {}}}))
    assert error.code == "spec-ref-missing"
    assert "Bad" in error.message


@pytest.mark.parametrize(
    "schemas",
    [
        {"A": {"$ref": "#/components/schemas/A"}},
        {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
    ],
)
def test_a_chain_that_leads_back_to_itself_is_refused(schemas: Any, document: dict[str, Any], write: Write) -> None:
    document["components"]["schemas"] |= schemas
    assert refused(write(openapi_yaml=document)).code == "spec-ref-cycle"


def test_files_that_hold_each_other_are_refused(document: dict[str, Any], write: Write) -> None:
    document["paths"]["/loop"] = {"$ref": "a.yaml"}
    folder = write(openapi_yaml=document, a_yaml={"get": {"$ref": "b.yaml"}}, b_yaml={"x": {"$ref": "a.yaml"}})
    assert refused(folder).code == "spec-ref-cycle"


def test_a_recursive_schema_is_no_cycle(document: dict[str, Any], write: Write) -> None:
    assert in_place(write(openapi_yaml=document)) == document


def test_files_that_multiply_are_refused(document: dict[str, Any], write: Write) -> None:
    files: dict[str, Any] = {f"f{level}_yaml": [{"$ref": f"f{level + 1}.yaml"}] * 12 for level in range(8)}
    document["paths"]["/bomb"] = {"$ref": "f0.yaml"}
    error = refused(write(openapi_yaml=document, f8_yaml=["x"] * 12, **files))
    assert error.code == "spec-too-large"


def test_two_components_of_one_name_are_refused(document: dict[str, Any], write: Write) -> None:
    document["components"]["schemas"]["Other"] = {"$ref": "other.json#/components/schemas/Person"}
    folder = write(openapi_yaml=document, other_json={"components": {"schemas": {"Person": {"type": "string"}}}})
    assert refused(folder).code == "spec-ref-clash"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("[]", "spec-not-an-object"),
        ("openapi: '3.0.3'", "spec-version"),
        ("a: 1", "spec-version"),
        ("[" * 50_000, "spec-too-deep"),
    ],
)
def test_what_is_no_openapi_3_1_is_refused(content: str, code: str, write: Write) -> None:
    assert refused(write(openapi_yaml=content)).code == code


def test_a_foreign_file_is_read_in_a_process_of_its_own(document: dict[str, Any], write: Write) -> None:
    folder = write(openapi_yaml=document)
    assert bundle_file(folder / "openapi.yaml") == document
    document["components"]["schemas"]["Bad"] = {"$ref": "../x.yaml"}
    write(openapi_yaml=document)
    with pytest.raises(KitError) as error:
        bundle_file(folder / "openapi.yaml")
    assert error.value.code == "spec-ref-outside"


def test_a_process_that_dies_is_a_refusal(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("istmo.spec._foreign.sys.executable", "/bin/false")
    with pytest.raises(KitError) as error:
        bundle_file(write(openapi_yaml="{}") / "openapi.yaml")
    assert error.value.code == "spec-isolated"
