"""A service of three resources' worth of rules, small enough to read, on which the kernel's promises are tested."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from istmo.errors import Problem
from istmo.runtime.service import Collection, Service
from istmo.runtime.work import Answer, Record, Work
from istmo.spec import Spec

SAFE_HEADERS = {
    "Content-Language": {"required": True, "schema": {"type": "string"}},
}
TAGGED = {**SAFE_HEADERS, "ETag": {"required": True, "schema": {"type": "string"}}}
PROBLEM = {
    "description": "A refusal.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
LIMIT = {
    "name": "limit",
    "in": "query",
    "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
}
CURSOR = {"name": "cursor", "in": "query", "schema": {"type": "string", "minLength": 1, "maxLength": 512}}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{8,64}$"},
}
MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": '^"[A-Za-z0-9_.:-]{1,64}"$'},
}

MANDATE = {"name": "Istmo-On-Behalf-Of", "in": "header", "schema": {"type": "string", "format": "uuid"}}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def operation(
    operation_id: str,
    success: int,
    answer: str | None,
    *,
    scopes: tuple[str, ...] = (),
    acr: str | None = None,
    body: str | None = None,
    parameters: tuple[dict[str, Any], ...] = (),
    headers: dict[str, Any] = SAFE_HEADERS,
    limit: dict[str, int] | None = None,
) -> dict[str, Any]:
    told: dict[str, Any] = {"description": "Done.", "headers": headers}
    if answer is not None:
        told["content"] = {"application/json": {"schema": ref(answer)}}
    found: dict[str, Any] = {
        "operationId": operation_id,
        "summary": operation_id,
        "tags": ["notes"],
        "x-istmo-stage": 1,
        "x-istmo-scopes": list(scopes),
        "x-istmo-acr": acr,
        "security": [{"bearer": []}] if scopes else [],
        "parameters": list(parameters),
        "responses": {str(success): told, "default": PROBLEM},
    }
    if limit is not None:
        found["x-istmo-failure-limit"] = limit
    if body is not None:
        content = {"application/json": {"schema": ref(body)}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def document() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Notes", "version": "1.2.0"},
        "paths": {
            "/": {"get": operation("getOpenApi", 200, "Any", headers=TAGGED)},
            "/health": {"get": operation("getHealth", 200, "Any")},
            "/notes": {
                "post": operation(
                    "createNote",
                    201,
                    "Note",
                    scopes=("notes:write", "notes:officer"),
                    acr="urn:istmo:loa:low",
                    body="NoteInput",
                    parameters=(KEY, MANDATE),
                    headers=TAGGED,
                ),
                "get": operation("listNotes", 200, "Any", scopes=("notes:read",), parameters=(LIMIT, CURSOR, MANDATE)),
            },
            "/notes/{id}": {
                "get": operation(
                    "getNote",
                    200,
                    "Note",
                    scopes=("notes:read", "notes:officer"),
                    parameters=(ID,),
                    headers=TAGGED,
                ),
                "put": operation(
                    "replaceNote",
                    200,
                    "Note",
                    scopes=("notes:write",),
                    body="NoteInput",
                    parameters=(ID, MATCH),
                    headers=TAGGED,
                ),
                "delete": operation("deleteNote", 204, None, scopes=("notes:write",), parameters=(ID,)),
            },
            "/secrets": {"get": operation("getSecret", 200, "Any", scopes=("notes:read",), acr="urn:istmo:loa:high")},
            "/codes/{code}": {
                "get": operation(
                    "checkCode",
                    200,
                    "Any",
                    parameters=({"name": "code", "in": "path", "required": True, "schema": {"type": "string"}},),
                    limit={"status": 404, "count": 3, "seconds": 3600},
                )
            },
            "/faults": {"get": operation("fail", 200, "Any")},
        },
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Any": {},
                "Problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "code", "correlationId"],
                },
                "Note": {"type": "object", "required": ["id", "text"]},
                "NoteInput": {
                    "type": "object",
                    "required": ["text"],
                    "properties": {
                        "text": {"type": "string", "minLength": 1, "maxLength": 1000},
                        "count": {"type": "integer", "minimum": 0, "maximum": 10},
                        "weight": {"type": "number"},
                        "day": {"type": "string", "format": "date"},
                        "code": {"type": "string", "maxLength": 40},
                        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
                        "national": {"type": "object", "additionalProperties": True},
                    },
                    "unevaluatedProperties": False,
                },
            },
        },
    }


async def create_note(work: Work, body: dict[str, Any]) -> Record:
    number = await work.next_number("notes")
    note_id = f"00000000-0000-4000-8000-{number:012d}"
    doc = {"id": note_id, "number": number, **body}
    keys = {"code": body["code"]} if "code" in body else {}
    record = await work.add("notes", doc, owner=work.caller.acting_for, id=note_id, keys=keys)
    work.emit("notes.note.created", note_id, {"number": number})
    if body["text"] == "refuse me late":
        raise Problem("conflict")
    if body["text"] == "break late":
        raise RuntimeError("secret value 12345")
    return record


async def list_notes(work: Work, limit: int, cursor: str | None = None) -> Answer:
    page = await work.page("notes", limit=limit, cursor=cursor, owner=work.caller.acting_for)
    return page.answer()


async def get_note(work: Work, id: str) -> Record:  # noqa: A002 - the parameter's name
    return await work.get("notes", id, any_owner=work.caller.may("officer"))


async def replace_note(work: Work, id: str, body: dict[str, Any]) -> Record:  # noqa: A002 - see get_note
    record = await work.get("notes", id)
    return await work.save(record, {"id": id, **body})


async def delete_note(work: Work, id: str) -> None:  # noqa: A002 - see get_note
    await work.remove(await work.get("notes", id))


async def get_secret(work: Work) -> dict[str, str]:
    return {"subject": work.caller.subject}


async def check_code(work: Work, code: str) -> dict[str, bool]:
    if not await work.find("notes", code=code):
        raise Problem("not-found")
    return {"known": True}


async def fail(_: Work) -> None:
    raise RuntimeError("secret value 12345")


HANDLERS = SimpleNamespace(
    create_note=create_note,
    list_notes=list_notes,
    get_note=get_note,
    replace_note=replace_note,
    delete_note=delete_note,
    get_secret=get_secret,
    check_code=check_code,
    fail=fail,
)


def service(handlers: object = HANDLERS) -> Service:
    return Service(
        "notes",
        handlers,
        collections=[Collection("notes", unique=("code",))],
        spec=Spec(document(), "notes"),
        code="NTS",
    )
