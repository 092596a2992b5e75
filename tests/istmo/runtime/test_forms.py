from __future__ import annotations

import copy
import io
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from pypdf import PdfReader
from tests.istmo.runtime.desk import BASE
from tests.istmo.runtime.host import Host

from istmo.rooms import load
from istmo.spec import Spec, bundle

SLUG = "civil_certificates"


@pytest.fixture(scope="module")
def office(engine: str) -> Iterator[Host]:  # noqa: ARG001 - made anew for each engine
    found = Host(load(SLUG))
    yield found
    found.close()


def get(office: Host, path: str, **headers: str) -> Any:
    return office.do(office.client.get(BASE + path, headers=headers))


def listed(office: Host, language: str = "en") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(office, "/forms", **{"Accept-Language": language}).json()["items"]
    return found


def test_everything_that_people_create_has_a_form(office: Host) -> None:
    found = {one["code"]: one["operationId"] for one in listed(office)}
    assert found == {"request": "createRequest", "correction": "createCorrection", "mandate": "createMandate"}


@pytest.mark.parametrize("code", ["request", "correction", "mandate"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_each_form_exists_as_schema_and_on_paper(office: Host, code: str, language: str) -> None:
    wanted = {"Accept-Language": language}
    schema = get(office, f"/forms/{code}", **wanted)
    assert schema.headers["content-type"] == "application/schema+json"
    jsonschema.Draft202012Validator.check_schema(schema.json())
    paper = get(office, f"/forms/{code}", Accept="application/pdf", **wanted)
    assert paper.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    title = next(one["title"] for one in listed(office, language) if one["code"] == code)
    assert title in text.replace("\n", " ")
    assert schema.json()["title"] == title
    for name in schema.json().get("required", ()):
        assert name in text


def test_the_two_languages_differ_in_words_only(office: Host) -> None:
    english = get(office, "/forms/request", **{"Accept-Language": "en"}).json()
    spanish = get(office, "/forms/request", **{"Accept-Language": "es"}).json()
    assert english != spanish
    assert _without_words(english) == _without_words(spanish)


def _without_words(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_words(value) for key, value in node.items() if key not in {"title", "description"}}
    return [_without_words(item) for item in node] if isinstance(node, list) else node


def test_a_form_that_does_not_exist_is_not_found(office: Host) -> None:
    assert get(office, "/forms/subscription").status_code == 404
    assert get(office, "/forms/request", Accept="text/html").status_code == 406


@pytest.mark.parametrize("code", ["request", "correction", "mandate"])
def test_the_schema_accepts_and_refuses_what_the_operation_does(office: Host, code: str) -> None:
    schema = get(office, f"/forms/{code}").json()
    assert "#/components" not in json.dumps(schema)
    form = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    spec = Spec(bundle(SLUG), SLUG)
    operation = next(one["operationId"] for one in listed(office) if one["code"] == code)
    real = spec.validator(str(spec.operations[operation].request["application/json"]))
    bodies = list(spec.request_examples(operation).values())
    assert bodies
    for body in (changed for example in bodies for changed in _changes(example)):
        assert form.is_valid(body) == real.is_valid(body), body


def _changes(body: dict[str, Any]) -> Iterator[Any]:
    """The body itself, and the body with each member taken away, made another type, or joined by a stranger."""
    yield body
    for path in list(_paths(body)):
        for change in ("remove", "null", "stranger"):
            changed = copy.deepcopy(body)
            holder = changed
            for step in path[:-1]:
                holder = holder[step]
            if change == "remove":
                del holder[path[-1]]
            elif change == "null":
                holder[path[-1]] = None
            elif isinstance(holder, dict):
                holder["stranger"] = 1
            yield changed


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in steps:
        yield (*path, name)
        yield from _paths(value, (*path, name))
