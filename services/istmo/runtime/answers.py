"""From what a handler returns to what goes over the wire, in one step and without a second model."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from pydantic import BaseModel

from .store import Record, Stored
from .unit import Wire
from .work import Answer, Page, Records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .binding import Bound
    from .work import Work

JSON_TYPE = "application/json"
CREATED = 201
_PLACE = re.compile(r"[0-9]{0,4}")  # a place in a list; a longer number may be somebody's


def wire(bound: Bound, work: Work, result: Any) -> Wire:  # noqa: ANN401 - whatever handlers may return
    """Return the answer that a handler's result is."""
    answer = _answer(result)
    operation = bound.operation
    status = answer.status or operation.success
    body = encoded(answer.body)
    headers = {"content-language": answer.language or work.language}
    if answer.body is not None:
        headers["content-type"] = answer.media_type
    tag = _tag(bound, answer, status, body)
    if tag is not None:
        headers["etag"] = f'"{tag}"'
    location = answer.location or _location(work, status, answer.body)
    if location is not None:
        headers["location"] = location
    headers |= {name.lower(): value for name, value in answer.headers.items()}
    return Wire(status, tuple(headers.items()), body)


def _answer(result: Any) -> Answer:  # noqa: ANN401 - see wire
    if isinstance(result, Answer):
        if isinstance(result.body, Record):
            result.etag = result.body.version if result.etag is None else result.etag
        return result
    if isinstance(result, Record):
        return Answer(result, etag=result.version)
    if isinstance(result, Page):
        return result.answer()
    return Answer(result)


def _tag(bound: Bound, answer: Answer, status: int, body: bytes) -> str | None:
    """Return the version of the answer: the record's, else a digest where the specification promises a tag."""
    if answer.etag is not None:
        return str(answer.etag).strip('"')
    declared = bound.operation.response(status)
    if body and declared is not None and any(name.lower() == "etag" for name in declared.headers):
        return hashlib.sha256(body).hexdigest()[:32]
    return None


def _location(work: Work, status: int, body: Any) -> str | None:  # noqa: ANN401 - see wire
    if status != CREATED:
        return None
    if isinstance(body, Record):
        body = {"id": body.id} if _begins_with_id(body) else body.doc
    made = body.get("id") if isinstance(body, dict) else getattr(body, "id", None)
    return None if made is None else f"{work.request.path}/{made}"


def _begins_with_id(record: Record) -> bool:
    """Tell whether a document that nobody has read yet has the id of its record."""
    text = record.text if isinstance(record, Stored) else None
    return text is not None and text.startswith(f'{{"id":"{record.id}"')


def encoded(body: Any) -> bytes:  # noqa: ANN401 - see wire
    """Return a body as bytes; bytes stay as they are, everything else becomes JSON."""
    if body is None:
        return b""
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    if isinstance(body, dict) and isinstance(body.get("items"), Records):
        return _page(body).encode()
    return _text(body).encode()


def _text(body: Any) -> str:  # noqa: ANN401 - see wire
    """Return a body as JSON; a record that nobody has read goes out as it is stored."""
    return (body.text if isinstance(body, Stored) else None) or _ENCODE(body)


def _page(body: dict[str, Any]) -> str:
    """Return a page of records as JSON, without reading any of them."""
    parts = []
    for name, value in body.items():
        shown = f"[{','.join(map(_text, value))}]" if isinstance(value, Records) else _ENCODE(value)
        parts.append(f"{_ENCODE(name)}:{shown}")
    return "{" + ",".join(parts) + "}"


def plain(value: object) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON form of a value that handlers keep inside documents."""
    if isinstance(value, Record):
        return value.doc
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=plain).encode


def mismatch(bound: Bound, answer: Wire) -> str | None:
    """Return how an answer differs from what the specification declares, told without values."""
    declared = bound.operation.response(answer.status)
    if declared is None:
        return f"status {answer.status} is not declared"
    headers = {name.lower(): value for name, value in answer.headers}
    kernel = {"correlation-id", "api-version"}
    for name, header in declared.headers.items():
        if header.get("required") and name.lower() not in headers and name.lower() not in kernel:
            return f"header {name} is missing"
    media_type = headers.get("content-type", "")
    if not answer.body:
        return "the body is missing" if declared.media else None
    if media_type not in declared.media:
        return f"media type {media_type} is not declared"
    pointer = declared.media[media_type]
    if pointer is None or not media_type.endswith("json"):
        return None
    found = bound.context.spec.validator(pointer).violations(json.loads(answer.body))
    known = set(_properties(bound.context.spec.document)) if found else set()
    return "; ".join(f"{_public(one.pointer, known)} {one.keyword}" for one in found[:10]) or None


def _public(pointer: str, known: set[str]) -> str:
    """Return a pointer in which names that the specification does not know, which may be data, are stars."""
    return "/".join(part if part in known or _PLACE.fullmatch(part) else "*" for part in pointer.split("/"))


def _properties(node: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield the names of all properties that a document declares."""
    if isinstance(node, dict):
        declared = node.get("properties")
        if isinstance(declared, dict):
            yield from declared
        for value in node.values():
            yield from _properties(value)
    elif isinstance(node, list):
        for value in node:
            yield from _properties(value)
