"""A form carries what breaks one rule of its schema, and is otherwise one that any reader of forms takes."""

from __future__ import annotations

from typing import Any

import pytest

from istmo.runtime import _multipart
from istmo.runtime.settings import Limits
from istmo.spec import Spec, spec
from istmo_conformance.constraints import broken
from istmo_conformance.files import MULTIPART, files_of, form, in_a_form

REGION = spec("civil_certificates")
UPLOAD = REGION.operations["uploadDocument"]
POINTER = str(UPLOAD.request[MULTIPART])
EXAMPLE = REGION.example("uploadDocument", "identity-card")


def test_the_runtime_reads_what_a_form_carries() -> None:
    content_type, body = form({**EXAMPLE, "title": "Ñandú\nline"}, files_of(REGION, UPLOAD))

    found = _multipart.read(body.encode(), content_type, Limits())

    assert found.data == EXAMPLE["file"].encode()
    assert (found.media_type, found.filename) == ("application/pdf", "sample.pdf")
    assert found.fields == {
        "type": EXAMPLE["type"], "title": "Ñandú\nline", "sha256": EXAMPLE["sha256"],
    }  # fmt: skip


def test_each_rule_that_a_text_can_break_is_tried_in_a_form() -> None:
    rule = REGION.validator(POINTER)

    found = in_a_form(broken(REGION, POINTER, EXAMPLE).breaches, rule, EXAMPLE, files_of(REGION, UPLOAD))

    assert {one.told for one in found} == {
        "/file required", "/type required", "/type pattern", "/title maxLength", "/title pattern", "/sha256 pattern",
        "/ unevaluatedProperties",
    }  # fmt: skip
    for one in found:
        assert all(isinstance(value, str) for value in one.document.values())
        assert len(rule.violations(one.document)) == 1


@pytest.mark.parametrize(
    ("schema", "encoding", "files"),
    [
        ({"a": {"type": "string"}}, {}, {}),
        ({"a": {"type": "string", "format": "binary"}}, {}, {"a": "application/octet-stream"}),
        ({"a": {"contentMediaType": "image/png"}}, {}, {"a": "image/png"}),
        (
            {"a": {"type": "string", "format": "binary"}, "b": {"type": "string"}},
            {"a": {"contentType": "image/jpeg, image/png"}},
            {"a": "image/jpeg"},
        ),
    ],
)
def test_files_are_known_by_schema_and_encoding(schema: Any, encoding: Any, files: dict[str, str]) -> None:
    body = {"content": {MULTIPART: {"schema": {"$ref": "#/components/schemas/Form"}, "encoding": encoding}}}
    operation = {"operationId": "hand", "requestBody": body, "responses": {"201": {"description": "Kept."}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Test", "version": "1.0.0"},
        "paths": {"/files": {"post": operation}},
        "components": {"schemas": {"Form": {"type": "object", "properties": schema}}},
    }
    source = Spec(document, "test")

    assert files_of(source, source.operations["hand"]) == files
