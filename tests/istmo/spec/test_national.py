"""A national folder: what was taken over is as it was, and what is added breaks nobody."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests import nation

from istmo.errors import KitError
from istmo.spec import (
    Profile,
    Spec,
    bundle,
    ensure_national,
    national_document,
    national_documents,
    national_schema,
    over,
    profile,
    vendor,
    with_national,
)

Json = dict[str, Any]


def overlay(*actions: Json) -> Json:
    return {"overlay": "1.0.0", "info": {"title": "x", "version": "1"}, "actions": list(actions)}


THING = {"operationId": "listThings", "responses": {"200": {"description": "Done."}}}


def added(path: str, **more: Any) -> Json:
    return {"target": "$.paths", "update": {path: {"get": {**THING, **more}}}}


# ---------------------------------------------------------------------- taking over


def test_what_is_taken_over_is_the_regional_document_and_its_digest(tmp_path: Path) -> None:
    written = vendor(nation.SLUG, tmp_path / "national")
    assert [path.name for path in written] == ["regional.en.json", "regional.es.json", "regional.sha256"]
    before = [path.read_bytes() for path in written]
    lines = written[-1].read_text(encoding="ascii").splitlines()
    assert lines == [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in written[:-1]]
    assert vendor(nation.SLUG, tmp_path / "national") == written
    assert [path.read_bytes() for path in written] == before
    for language in ("en", "es"):
        assert national_document(tmp_path / "national", language) == bundle(nation.SLUG, language=language)


def test_a_language_that_nobody_took_over_is_told_in_english(tmp_path: Path) -> None:
    assert national_document(nation.folder(tmp_path), "fr") == bundle(nation.SLUG)


def test_a_folder_may_hold_english_alone(tmp_path: Path) -> None:
    place = nation.folder(tmp_path)
    (place / "regional.es.json").unlink()
    digests = place / "regional.sha256"
    digests.write_text(digests.read_text(encoding="ascii").splitlines()[0].replace("  ", " *"), encoding="ascii")
    assert list(national_documents(place)) == ["en"]


def spoil(place: Path, name: str, old: str, new: str) -> None:
    path = place / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("regional.en.json", "Civil", "civil", "regional.en.json"),
        ("regional.es.json", "\n", "\r\n", "regional.es.json"),
        ("regional.sha256", "regional.en.json", "regional.fr.json", "regional.en.json"),
        ("regional.sha256", "  regional.en", " regional.en", "regional.sha256"),
        ("regional.sha256", "regional.en.json", "../regional.en.json", "regional.sha256"),
    ],
)
def test_what_was_taken_over_and_changed_is_refused(name: str, old: str, new: str, told: str, tmp_path: Path) -> None:
    place = nation.folder(tmp_path)
    spoil(place, name, old, new)
    with pytest.raises(KitError, match=told) as refused:
        national_documents(place)
    assert (refused.value.code, bool(refused.value.hint)) == ("national-vendored", True)


@pytest.mark.parametrize("missing", ["regional.en.json", "regional.sha256"])
def test_what_was_taken_over_and_lost_is_refused(missing: str, tmp_path: Path) -> None:
    place = nation.folder(tmp_path)
    (place / missing).unlink()
    with pytest.raises(KitError, match=missing):
        national_documents(place)


def test_a_document_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    place = nation.folder(tmp_path)
    (place / "regional.fr.json").write_text("{}", encoding="utf-8")
    with pytest.raises(KitError, match=r"regional\.fr\.json"):
        national_documents(place)


# ---------------------------------------------------------------------- additions


def test_additions_stand_in_every_language(tmp_path: Path) -> None:
    place = nation.folder(tmp_path, overlay_yaml=overlay(added("/x-hn/things")))
    for document in national_documents(place).values():
        assert Spec(document, nation.SLUG).operations["listThings"].path == "/x-hn/things"


@pytest.mark.parametrize(
    "action",
    [
        added("/things"),
        added("/x-hn"),
        added("/x-honduras/things"),
        {"target": "$.paths['/requests/{id}']", "update": {"delete": THING}},
    ],
)
def test_a_country_adds_operations_below_its_own_name(action: Json, tmp_path: Path) -> None:
    place = nation.folder(tmp_path, overlay_yaml=overlay(action))
    with pytest.raises(KitError, match="listThings") as refused:
        national_documents(place)
    assert refused.value.code == "national-operation"


CREATE = "$.paths['/requests'].post"


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ({"target": CREATE, "remove": True}, "createRequest operation-removed"),
        ({"target": CREATE, "update": {"x-istmo-scopes": ["civil-certificates:officer"]}}, "scopes-changed"),
        ({"target": CREATE, "update": {"x-istmo-acr": "urn:istmo:loa:high"}}, "assurance-changed"),
        ({"target": f"{CREATE}.responses['201']", "remove": True}, "success"),
        ({"target": "$.components.schemas.CaseInput", "update": {"required": ["language"]}}, "request-narrowed"),
        ({"target": "$.components.schemas.CaseStatus", "update": {"enum": ["lost"]}}, "response-widened"),
        ({"target": "$.info", "update": {"version": "2.0.0"}}, "/v2"),
    ],
)
def test_what_breaks_a_regional_client_is_refused(action: Json, told: str, tmp_path: Path) -> None:
    place = nation.folder(tmp_path, overlay_yaml=overlay(action))
    with pytest.raises(KitError, match=told) as refused:
        national_documents(place)
    assert refused.value.code in {"national-overlay", "spec-operation-success"}


def test_an_operation_above_the_claimed_stage_may_be_gone(tmp_path: Path) -> None:
    gone = {"target": "$.paths['/certificates/{id}/revoke']", "remove": True}
    place = nation.folder(tmp_path, overlay_yaml=overlay(gone))
    assert "/certificates/{id}/revoke" not in national_document(place, stage=3)["paths"]
    with pytest.raises(KitError, match="revokeCertificate"):
        national_document(place, stage=4)


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("https://example.invalid/a.json#/components/schemas/Money", "national-reference"),
        ("regional.en.json#/components/schemas/Money", "national-reference"),
        ("#/components/schemas/Nothing", "spec-ref-missing"),
    ],
)
def test_additions_refer_to_their_own_document(reference: str, code: str, tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"$ref": reference}}}
    action = added("/x-hn/things", responses={"200": {"description": "x", "content": content}})
    with pytest.raises(KitError) as refused:
        national_documents(nation.folder(tmp_path, overlay_yaml=overlay(action)))
    assert refused.value.code == code


def test_the_texts_of_additions_are_told_in_their_language(tmp_path: Path) -> None:
    texts = overlay({"target": "$.paths['/x-hn/things'].get", "update": {"summary": "Cosas"}})
    action = added("/x-hn/things", summary="Things")
    place = nation.folder(tmp_path, overlay_yaml=overlay(action), overlay_es_yaml=texts)
    told = {language: one["paths"]["/x-hn/things"]["get"] for language, one in national_documents(place).items()}
    assert {language: one["summary"] for language, one in told.items()} == {"en": "Things", "es": "Cosas"}


# ---------------------------------------------------------------------- the object `national`


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ([], "spec-schema"),
        ({"type": "nothing"}, "spec-schema"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "spec-schema"),
        ({"properties": {"a": {"pattern": "(?=x)"}}}, "spec-schema"),
        ({"properties": {"a": {"type": "string", "format": "dpi"}}}, "spec-format"),
        ({"required": ["a"]}, "national-required"),
        ({"type": "array"}, "national-required"),
        ({"minProperties": 1}, "national-required"),
        ({"additionalProperties": False}, "national-closed"),
        ({"propertyNames": {"pattern": "^[a-z]+$"}}, "national-closed"),
        ({"$ref": "https://example.invalid/schema.json"}, "national-reference"),
        ({"properties": {"a": {"$ref": "other.json#/a"}}}, "national-reference"),
        ({"$id": "https://example.invalid/schema.json"}, "national-reference"),
        ({"$defs": {"a": {"$anchor": "a"}}}, "national-reference"),
        ({"properties": {"a": {"$dynamicRef": "#a"}}}, "national-reference"),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, "spec-schema"),
    ],
)
def test_a_schema_that_a_client_of_the_region_may_break_is_refused(schema: Any, code: str, tmp_path: Path) -> None:
    with pytest.raises(KitError) as refused:
        national_schema(nation.folder(tmp_path, schema_json=schema))
    assert refused.value.code == code


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"properties": {"a": {"type": "object", "required": ["b"], "additionalProperties": False}}},
        {"if": {"required": ["a"]}, "then": {"required": ["b"]}},
        {"properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}}},
        {"properties": {"a": {"const": {"$ref": "x"}}}},
    ],
)
def test_a_schema_that_only_says_more_is_taken(schema: Json, tmp_path: Path) -> None:
    assert national_schema(nation.folder(tmp_path, schema_json=schema)) == schema


def test_a_schema_in_a_contract_refers_to_its_place_there() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"a": {"$ref": "#/$defs/a"}, "same": {"$ref": "#"}},
        "$defs": {"a": {"enum": [{"$ref": "#/$defs/a"}]}},
    }
    before = json.dumps(schema)
    document = with_national(bundle(nation.SLUG), ensure_national(schema, "x"))
    found = document["components"]["schemas"]["National"]
    assert found["properties"]["a"] == {"$ref": "#/components/schemas/National/$defs/a"}
    assert found["properties"]["same"] == {"$ref": "#/components/schemas/National"}
    assert found["$defs"]["a"] == schema["$defs"]["a"]  # type: ignore[index] # data, and no reference
    assert ("$schema" in found, found["type"]) == (False, "object")
    assert json.dumps(schema) == before
    assert bundle(nation.SLUG)["components"]["schemas"]["National"]["additionalProperties"] is True
    validator = Spec(document, nation.SLUG).validator("#/components/schemas/National")
    assert validator.is_valid({"a": {"$ref": "#/$defs/a"}, "same": {"same": {}}})
    assert [one.pointer for one in validator.violations({"same": {"a": 1}})] == ["/same/a"]


# ---------------------------------------------------------------------- values


def fact(value: Any) -> Json:
    return {"value": value, "source": "x", "confidence": "fictitious"}


def test_values_of_a_country_win_whole_and_the_rest_stays() -> None:
    own = {"services": {nation.SLUG: {"processingDays": fact(9), "offices": fact([])}, "new": {"a": fact(1)}}, "z": 1}
    found = over(profile("XX"), own)
    assert (found.country, found.value("z")) == ("XX", 1)
    assert found.service(nation.SLUG)["processingDays"] == 9
    assert found.service("new") == {"a": 1}
    same = {**profile("XX").service(nation.SLUG), "processingDays": 9, "offices": []}
    assert found.service(nation.SLUG) == same
    assert found.fees(nation.SLUG) == profile("XX").fees(nation.SLUG)
    assert profile("XX").service(nation.SLUG)["processingDays"] == 5


def test_a_value_may_take_the_place_of_a_group() -> None:
    base = Profile("XX", {"a": {"b": fact(1)}, "c": 1})
    assert over(base, {"a": fact({"d": 2})}).value("a") == {"d": 2}
    assert over(base, {"c": {"d": fact(3)}}).value("c.d") == 3


@pytest.mark.parametrize("told", [9, {"value": 9}, {"from": fact(1)}])
def test_a_value_that_replaces_one_of_the_kit_has_a_source(told: Any) -> None:
    with pytest.raises(KitError, match=r"profile\.yaml: services\.civil_certificates\.processingDays"):
        over(profile("XX"), {"services": {nation.SLUG: {"processingDays": told}}})
