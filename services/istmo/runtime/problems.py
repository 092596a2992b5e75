"""Every refusal on the wire: RFC 9457 exactly as the Problem schema of the standard, in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem, problem_types

from . import codelists

if TYPE_CHECKING:
    from istmo.spec import Validator

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {429: "1", 503: "1"}  # when whoever raised the problem did not know better
INTERNAL = "internal-error"

# JSON Schema keyword -> code of codelists/violations.csv
VIOLATIONS = {
    "required": "missing-property",
    "dependentRequired": "missing-property",
    "unevaluatedProperties": "unknown-property",
    "additionalProperties": "unknown-property",
    "propertyNames": "unknown-property",
    "type": "wrong-type",
    "pattern": "wrong-format",
    "format": "wrong-format",
    "enum": "not-in-list",
    "const": "not-in-list",
    "minLength": "too-short",
    "maxLength": "too-long",
    "minimum": "too-small",
    "exclusiveMinimum": "too-small",
    "maximum": "too-large",
    "exclusiveMaximum": "too-large",
    "minItems": "too-few-items",
    "minProperties": "too-few-items",
    "contains": "too-few-items",
    "maxItems": "too-many-items",
    "maxProperties": "too-many-items",
    "uniqueItems": "repeated-item",
    "anyOf": "not-a-variant",
    "oneOf": "not-a-variant",
    "not": "not-a-variant",
    "if": "not-a-variant",
}
POINTER_LENGTH = 200  # a pointer holds names from the request: long ones are cut


@dataclass(frozen=True, slots=True)
class Rendered:
    """A problem ready to send."""

    status: int
    code: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def pointer(path: Iterable[str | int]) -> str:
    """Return a JSON pointer, cut when a client's own names make it very long."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return _cut("".join(f"/{part}" for part in parts))


def _cut(whole: str) -> str:
    return whole if len(whole) <= POINTER_LENGTH else whole[:POINTER_LENGTH].rstrip("~")


def body_item(path: Iterable[str | int], code: str) -> dict[str, Any]:
    """Return a violation in the body."""
    return {"in": "body", "pointer": pointer(path), "code": code}


def parameter_item(location: str, name: str, code: str) -> dict[str, Any]:
    """Return a violation in a parameter; its value is never repeated."""
    return {"in": location, "name": name[:POINTER_LENGTH], "code": code}


def schema_items(validator: Validator, value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    """Return what the schema finds wrong, all of it, with pointers and codes, never values."""
    if validator.is_valid(value):
        return []
    found = validator.violations(value)
    return [{"in": "body", "pointer": _cut(one.pointer), "code": code_of(one.keyword)} for one in found]


def code_of(keyword: str) -> str:
    """Return the violation code of a JSON Schema keyword."""
    return VIOLATIONS.get(keyword, "not-allowed-here")


def render(problem: Problem, *, language: str, correlation_id: str) -> Rendered:
    """Return the answer that a problem is; texts given in several languages are told in the caller's."""
    status = problem.status
    document: dict[str, Any] = {
        "type": f"urn:istmo:problem:{problem.code}",
        "title": problem_types()[problem.code].title(language),
        "status": status,
        "code": problem.code,
        "correlationId": correlation_id,
    }
    if problem.detail is not None:
        document["detail"] = problem.detail
    if problem.rule is not None:
        document["ruleId"] = problem.rule
    if problem.errors:
        document["errors"] = [_item(item, language) for item in problem.errors]
    document |= problem.members
    headers = dict(problem.headers)
    if status in RETRY_AFTER:
        headers.setdefault("Retry-After", RETRY_AFTER[status])
        document.setdefault("retryable", True)
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Rendered(status, problem.code, tuple(headers.items()), body)


def _item(item: Mapping[str, Any], language: str) -> dict[str, Any]:
    named = dict(item)
    if "message" not in named:
        titles = codelists.titles("violations")
        known = titles.get(named["code"]) or titles["not-allowed-here"]
        named["message"] = known.get(language) or known["en"]
    return named


def validation_failed(items: list[dict[str, Any]]) -> Problem:
    """Return the refusal that lists every violation."""
    return Problem("validation-failed", errors=items)
