"""A made-up service of as many operations as one asks for, and the suite that judges it.

`python -m tests.bench._synthetic serve FOLDER PORT` and `... check FOLDER ADDRESS OUTPUT`: both see the standard with a
room more, which `lay` has written into the folder. The room has the common paths and, for each third operation, a
collection with a list, a create and a read; the kernel answers for them as it does for any service.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from istmo import paths

JSON = Any
SLUG, KEBAB = "synthetic_things", "synthetic-things"
COMMON = "../common/openapi.yaml#"
REFUSALS = {
    "400": "BadRequest", "401": "Unauthenticated", "403": "Forbidden", "404": "NotFound", "406": "NotAcceptable",
    "409": "Conflict", "413": "PayloadTooLarge", "415": "UnsupportedMediaType", "422": "UnprocessableContent",
    "428": "PreconditionRequired", "429": "TooManyRequests", "500": "InternalError", "503": "Unavailable",
}  # fmt: skip
EXAMPLE = {"title": "A thing"}
SHOWN = {"id": "7d0f6a3e-8a49-4f0b-9d1c-2f3f5a6b7c8d", "title": "A thing"}


def lay(folder: Path, count: int) -> None:
    """Write the standard with a room of so many operations beside the common ones into a folder."""
    specs, room = paths.data("specs"), folder / "specs" / SLUG
    for name in ("common", "standard", "profiles"):
        shutil.copytree(specs / name, folder / "specs" / name)
    room.mkdir()
    (folder / "conformance").symlink_to(paths.data("conformance"))
    texts = {"en": "Synthetic things", "es": "Cosas sintéticas"}
    service = {
        "slug": SLUG, "code": "SYN", "titles": texts, "descriptions": texts, "audience": ["citizen"],
        "version": "1.0.0", "status": "draft", "stages": 5, "lifeEvents": [], "requirements": [], "evidenceTypes": [],
        "requiredDocuments": [], "outputs": [], "events": {"in": []}, "upstreams": [], "anchors": [],
    }  # fmt: skip
    for name, document in {
        "service.yaml": service, "requirements.yaml": {"requirements": []}, "fixtures.yaml": {},
        "openapi.yaml": _document(count),
    }.items():  # fmt: skip
        (room / name).write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
    profile = folder / "specs" / "profiles" / "XX.yaml"
    text = profile.read_text(encoding="utf-8")  # what the country says of one service, it says of this one too
    profile.write_text(re.sub(r"^  civil_certificates:$", f"  {SLUG}:", text, flags=re.MULTILINE), encoding="utf-8")


def _document(count: int) -> JSON:
    found: JSON = {}
    for number in range(count):
        kind, things = ("list", "create", "read")[number % 3], f"things{number // 3:04d}"
        path, method = (f"/{things}/{{id}}" if kind == "read" else f"/{things}"), "post" if kind == "create" else "get"
        found.setdefault(path, {})[method] = _operation(kind, things)
    text = (paths.data("specs") / "common" / "openapi.yaml").read_text(encoding="utf-8")
    section = text[text.index("\npaths:") : text.index("\ncomponents:")]
    taken = {
        path: {"$ref": f"{COMMON}/paths/{path.replace('~', '~0').replace('/', '~1')}"}
        for path in re.findall(r'^  "?(/[^":]*)"?:', section, re.MULTILINE)
    }
    ref = "#/components/schemas/"
    return {
        "openapi": "3.1.0",
        "info": {"title": "Synthetic things", "version": "1.0.0"},
        "servers": [{"url": f"/{KEBAB}/v1"}],
        "paths": {**taken, **found},
        "components": {
            "securitySchemes": {
                name: {"$ref": f"{COMMON}/components/securitySchemes/{name}"} for name in ("bearer", "signature")
            },
            "schemas": {
                "ThingInput": {
                    "type": "object", "required": ["title"], "unevaluatedProperties": False,
                    "properties": {"title": {"$ref": f"{COMMON}/components/schemas/TextLine"}},
                },
                "Thing": {
                    "type": "object", "required": ["id", "title"],
                    "properties": {"id": {"type": "string", "format": "uuid"}, "title": {"type": "string"}},
                },
                "ThingPage": {
                    "type": "object", "required": ["items", "page"],
                    "properties": {
                        "items": {"type": "array", "maxItems": 100, "items": {"$ref": f"{ref}Thing"}},
                        "page": {"$ref": f"{COMMON}/components/schemas/Page"},
                    },
                },
            },
        },
    }  # fmt: skip


def _operation(kind: str, things: str) -> JSON:
    named = {"list": ("Limit", "Cursor"), "create": ("IdempotencyKey",), "read": ("Id",)}[kind]
    headers = {"create": ("Location", "ETag", "IdempotencyReplayed"), "read": ("ETag",), "list": ("Link",)}[kind]
    shared = {"IdempotencyReplayed": "Idempotency-Replayed"}
    always = {"Correlation-Id": "CorrelationId", "API-Version": "ApiVersion", "Content-Language": "ContentLanguage"}
    always |= {shared.get(name, name): name for name in headers}
    page = {"items": [], "page": {"limit": 20}}
    answer = {
        "schema": {"$ref": f"#/components/schemas/{'ThingPage' if kind == 'list' else 'Thing'}"},
        "examples": {"one": {"value": page if kind == "list" else SHOWN}},
    }
    body = {
        "schema": {"$ref": "#/components/schemas/ThingInput"},
        "examples": {"thing": {"value": EXAMPLE}},
    }
    verb = "write" if kind == "create" else "read"
    return {
        "operationId": f"{kind}{things.title()}", "summary": f"{kind} {things}", "tags": ["things"],
        "x-istmo-stage": 3, "x-istmo-scopes": [f"{KEBAB}:{verb}"], "x-istmo-acr": "urn:istmo:loa:low",
        "x-istmo-requirements": [], "security": [{"bearer": []}],
        "parameters": [
            {"$ref": f"{COMMON}/components/parameters/{name}"} for name in ("CorrelationId", "AcceptLanguage", *named)
        ],
        **({"requestBody": {"required": True, "content": {"application/json": body}}} if kind == "create" else {}),
        "responses": {
            "201" if kind == "create" else "200": {
                "description": "Done.",
                "headers": {
                    name: {"$ref": f"{COMMON}/components/headers/{target}"} for name, target in always.items()
                },
                "content": {"application/json": answer},
            },
            **{status: {"$ref": f"{COMMON}/components/responses/{name}"} for status, name in REFUSALS.items()},
        },
    }  # fmt: skip


def _handlers(count: int) -> SimpleNamespace:
    from istmo.runtime.work import Answer, Record, Work

    found: JSON = {}

    def enter(things: str) -> None:
        async def many(work: Work, limit: int, cursor: str | None = None) -> Answer:
            page = await work.page(things, limit=limit, cursor=cursor, owner=work.caller.acting_for)
            return page.answer()

        async def create(work: Work, body: dict[str, Any]) -> Record:
            made = str(uuid.uuid4())
            return await work.add(things, {"id": made, **body}, owner=work.caller.acting_for, id=made)

        async def read(work: Work, id: str) -> Record:  # noqa: A002 - the parameter's name
            return await work.get(things, id)

        found.update({f"list_{things}": many, f"create_{things}": create, f"read_{things}": read})

    for number in range(0, count, 3):
        enter(f"things{number // 3:04d}")
    return SimpleNamespace(**dict(list(found.items())[:count]))


def serve(count: int, port: int) -> int:
    """Serve the room on a port until a signal."""
    import uvicorn

    from istmo.runtime import create_app
    from istmo.runtime.service import Collection, Service
    from istmo.runtime.settings import Limits, load

    collections = [Collection(f"things{number // 3:04d}") for number in range(0, count, 3)]
    service = Service(SLUG, _handlers(count), collections=collections)
    # Calls to a thousand operations in a row are many, and no question of this measurement.
    limits = Limits(requests_per_minute=10**9)
    origin = f"http://127.0.0.1:{port}"
    settings = load(database="sqlite:///:memory:", country="XX", log=False, limits=limits, base_url=origin)
    uvicorn.run(create_app(service, settings=settings), port=port, log_level="info", access_log=False)
    return 0


def check(address: str, output: Path) -> int:
    """Judge the room as `istmo check` does."""
    from istmo.cli import main

    sys.argv = ["istmo", "check", address, "--service", SLUG, "--output", str(output)]
    return int(main() or 0)


def _with_room(folder: Path) -> None:
    """Let everything that is loaded from now on find its data in a folder."""
    setattr(paths, "data", lambda name: folder / name)


if __name__ == "__main__":
    what, place, *rest = sys.argv[1:]
    _with_room(Path(place))
    if what == "serve":
        sys.exit(serve(int(rest[0]), int(rest[1])))
    sys.exit(check(rest[0], Path(rest[1])))
