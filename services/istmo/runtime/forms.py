"""Forms: what each create operation asks for, as a schema for machines and as a page to print, from one source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem
from istmo.names import kebab, snake

from . import listing, pdf
from .describe import DRAFT, SCHEMA_TYPE, authority
from .work import Answer

if TYPE_CHECKING:
    from istmo.spec import Operation

    from .store import Json
    from .work import Work

JSON_TYPE = "application/json"
PDF_TYPE = "application/pdf"
COMPONENTS = "#/components/schemas/"
CREATED = 201
VERB = "create-"
# Keywords whose members are named by the author: below them a member is a name and not a keyword.
NAMING = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas", "dependentRequired"})
VALUES = frozenset({"const", "enum", "default", "examples", "example"})  # what they hold is no schema


async def list_forms(work: Work, limit: int = 20, cursor: str | None = None) -> Answer:
    """List the forms of the service."""
    document = _document(work)
    shown = [_form(work, code, operation, document) for code, operation in _forms(work).items()]
    return listing.answer(work, shown, limit, cursor)


async def get_form(work: Work, code: str) -> Answer:
    """Read a form as JSON Schema or as PDF."""
    operation = _forms(work).get(code)
    if operation is None:
        raise Problem("not-found")
    document = _document(work)
    title = _told(document, operation)["summary"]
    pointer = str(operation.request[JSON_TYPE])
    if work.request.media_type == PDF_TYPE:
        author = str(authority(work)["name"])
        return Answer(_paper(_source(work), pointer, title, work.language, author), media_type=PDF_TYPE)
    return Answer(schema(document, pointer, title), media_type=SCHEMA_TYPE)


def schema(document: Mapping[str, Any], pointer: str, title: str) -> Json:
    """Return the self-contained JSON Schema of what stands at a pointer of a bundled document."""
    needed: dict[str, Any] = {}
    waiting: list[str] = []
    body = _local(_at(document, pointer), waiting)
    while waiting:
        reference = waiting.pop()
        name = reference.removeprefix(COMPONENTS).partition("/")[0]  # what lies below comes with its component
        if name not in needed:
            needed[name] = _local(_at(document, COMPONENTS + name), waiting)
    whole: Json = {"$schema": DRAFT, **body, "title": title}
    return {**whole, "$defs": dict(sorted(needed.items()))} if needed else whole


def _local(node: Any, waiting: list[str], *, named: bool = False) -> Any:  # noqa: ANN401 - any schema
    """Return a copy of a schema whose references lead into its own `$defs`; what they name is put on the list."""
    if isinstance(node, list):
        return [_local(item, waiting) for item in node]
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    for key, value in node.items():
        if named:
            found[key] = _local(value, waiting)
        elif key == "$ref":
            waiting.append(value)
            found[key] = "#/$defs/" + value.removeprefix(COMPONENTS)
        elif key in VALUES:
            found[key] = value
        elif key != "discriminator":  # a hint of OpenAPI; the schemas that it names tell themselves apart
            found[key] = _local(value, waiting, named=key in NAMING)
    return found


def _at(document: Mapping[str, Any], pointer: str) -> Any:  # noqa: ANN401 - any schema
    node: Any = document
    for token in pointer.removeprefix("#/").split("/"):
        key = token.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node


@lru_cache(maxsize=64)
def _paper(source: bytes, pointer: str, title: str, language: str, author: str) -> bytes:
    document = _parsed(source)
    return pdf.form(title, pdf.fields(_at(document, pointer), document), language, author=author)


def _source(work: Work) -> bytes:
    """Return the specification in the language of the answer, as bodies are held to it."""
    documents = work.context.forms
    return documents.get(work.language) or documents["en"]


def _document(work: Work) -> Mapping[str, Any]:
    return _parsed(_source(work))


@lru_cache(maxsize=64)
def _parsed(source: bytes) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(source)
    return found


def _forms(work: Work) -> dict[str, Operation]:
    """Return the operations by which people create something, by the code of their form."""
    return {kebab(snake(one.id)).removeprefix(VERB): one for one in _creating(work)}


def _creating(work: Work) -> Iterator[Operation]:
    for one in work.spec.operations.values():
        for_people = any(scope.endswith(":write") for scope in one.scopes)
        whole = one.path.count("/") == 1 and one.method.upper() == "POST" and one.success == CREATED
        if whole and for_people and one.request.get(JSON_TYPE) is not None:
            yield one


def _told(document: Mapping[str, Any], operation: Operation) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document["paths"][operation.path][operation.method.lower()]
    return found


def _form(work: Work, code: str, operation: Operation, document: Mapping[str, Any]) -> Json:
    told = _told(document, operation)
    return {
        "code": code,
        "title": told["summary"],
        "description": told.get("description") or told["summary"],
        "operationId": operation.id,
        "mediaTypes": [PDF_TYPE, SCHEMA_TYPE],
        "href": f"{work.context.base_path}/forms/{code}",
    }
