"""Small specifications to judge."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

PERSON: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 20},
        "age": {"type": "integer", "minimum": 0},
        "parent": {"$ref": "#/components/schemas/Person"},
        "national": {"type": "object"},
    },
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "People", "version": "1.2.0", "description": "All of them."},
    "paths": {
        "/people": {
            "post": {
                "operationId": "createPerson",
                "summary": "Write a person down",
                "tags": ["people"],
                "x-istmo-scopes": ["people:write"],
                "parameters": [
                    {
                        "name": "Idempotency-Key",
                        "in": "header",
                        "required": True,
                        "schema": {"type": "string"},
                    },
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/PersonInput"},
                            "examples": {"ana": {"summary": "Ana", "value": {"name": "Ana"}}},
                        }
                    },
                },
                "responses": {
                    "201": {
                        "description": "Written.",
                        "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Person"}}},
                    },
                    "404": {"description": "Not found."},
                },
            }
        },
        "/people/{id}": {
            "get": {
                "operationId": "getPerson",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "Read."}},
            }
        },
        "/people/searches": {
            "get": {"operationId": "searchPeople", "responses": {"200": {"description": "Found."}}},
        },
    },
    "components": {
        "schemas": {
            "Person": PERSON,
            "PersonInput": {
                "allOf": [{"$ref": "#/components/schemas/Person"}],
                "unevaluatedProperties": False,
            },
        }
    },
}

Write = Callable[..., Path]


@pytest.fixture
def document() -> dict[str, Any]:
    """A fresh small document."""
    return deepcopy(DOCUMENT)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files below one folder; a value that is no text is written as JSON."""

    def write(**files: object) -> Path:
        for name, content in files.items():
            stem, _, suffix = name.rpartition("_")
            path = tmp_path / f"{stem.replace('__', '/')}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            text = content if isinstance(content, str) else json.dumps(content)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write
