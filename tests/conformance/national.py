"""A country that adds to the standard: an operation that lists, one that writes, and a member of a body.

Its service is the reference with two handlers more, behind a contract of its own. `application(lax)` enforces a
contract that `lax` has loosened, and publishes the one that it ought to keep.
"""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, Final, TypeAlias

from istmo.errors import Problem
from istmo.runtime import Service, Work, create_app
from istmo.runtime.settings import load
from istmo.spec import Spec, bundle

JSON: TypeAlias = Any
App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
SLUG: Final = "civil_certificates"
PARISHES: Final = ("San Ficticio", "Santa Imaginaria")
ALWAYS: Final = ("CorrelationId", "AcceptLanguage")


def document(language: str = "en") -> dict[str, JSON]:
    """The contract of the country: the regional one with its additions."""
    found: dict[str, JSON] = copy.deepcopy(dict(bundle(SLUG, language=language)))
    paths, schemas = found["paths"], found["components"]["schemas"]
    lists = _operation(paths["/requests"]["get"], "listParishes", "Limit", "Cursor")
    lists["responses"]["200"] = _answer("ParishPage")
    takes = _operation(paths["/requests"]["post"], "createParishNote", "IdempotencyKey")
    takes["responses"]["201"] = _answer("ParishNote")
    takes["requestBody"]["content"]["application/json"] = {
        "schema": {"$ref": "#/components/schemas/ParishNote"},
        "examples": {"note": {"value": {"text": "No books before 1900.", "kind": "books"}}},
    }
    paths["/parishes"], paths["/parish-notes"] = {"get": lists}, {"post": takes}
    page = schemas["CertificateTypePage"]
    schemas["ParishPage"] = copy.deepcopy(page)
    schemas["ParishPage"]["properties"]["items"]["items"] = {"type": "object", "required": ["name"]}
    schemas["ParishNote"] = {
        "type": "object",
        "required": ["text", "kind"],
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": 40},
            "kind": {"type": "string", "enum": ["books", "hours"]},
        },
        "additionalProperties": False,
    }
    schemas["RequestFacts"]["properties"]["parish"] = {"type": "string", "maxLength": 60}
    return found


def _operation(like: JSON, name: str, *parameters: str) -> JSON:
    """An operation that is called as a regional one is, under another name."""
    node = copy.deepcopy(like)
    node |= {"operationId": name, "summary": name, "description": name, "x-istmo-requirements": []}
    node["parameters"] = [{"$ref": f"#/components/parameters/{one}"} for one in (*ALWAYS, *parameters)]
    return node


def _answer(schema: str) -> JSON:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": "As asked.", "content": content}


async def list_parishes(work: Work, limit: int = 20, cursor: str | None = None) -> JSON:
    """List the parishes of the country, which fit on one page."""
    del work
    if cursor is not None:
        raise Problem("invalid-parameter", errors=[{"in": "query", "name": "cursor", "code": "wrong-format"}])
    return {"items": [{"name": name} for name in PARISHES][:limit], "page": {"limit": limit}}


async def create_parish_note(work: Work, body: JSON) -> JSON:
    """Take a note about a parish, and show it again."""
    del work
    return body


def application(lax: Callable[[dict[str, JSON]], object] | None = None) -> App:
    """The service of the country; it publishes its contract and enforces what `lax` has left of it."""
    from istmo_services import civil_certificates as room  # noqa: PLC0415 - it brings the whole runtime

    own = inspect.getmembers(room.handlers, inspect.iscoroutinefunction)
    functions = SimpleNamespace(**{name: found for name, found in own if found.__module__ == room.handlers.__name__})
    functions.list_parishes, functions.create_parish_note = list_parishes, create_parish_note
    enforced = document()
    if lax is not None:
        lax(enforced)
    service = Service(
        SLUG, functions, cases=room.service.cases, collections=room.service.collections,
        seed=room.service.seed, spec=Spec(enforced, SLUG), code=room.service.code,
    )  # fmt: skip
    app = create_app(service, settings=load(database="sqlite:///:memory:", country="XX", log=False))
    published = {lang: json.dumps(document(lang), ensure_ascii=False).encode() for lang in ("en", "es")}
    app.state.istmo.services[SLUG].documents = published
    return app
