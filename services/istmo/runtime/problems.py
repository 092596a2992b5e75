"""Every refusal on the wire: RFC 9457 exactly as the Problem schema of the standard, in the caller's language."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from istmo import paths
from istmo.errors import Problem, problem_types

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


@cache
def _violations() -> Mapping[str, Mapping[str, str]]:
    file = paths.data("specs") / "common" / "codelists" / "violations.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: {"en": row["title_en"], "es": row["title_es"]} for row in csv.DictReader(lines)}


def pointer(path: Iterable[str | int]) -> str:
    """Return a JSON pointer, cut when a client's own names make it very long."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    whole = "".join(f"/{part}" for part in parts)
    return whole if len(whole) <= POINTER_LENGTH else whole[:POINTER_LENGTH].rstrip("~")


def body_item(path: Iterable[str | int], code: str) -> dict[str, Any]:
    """Return a violation in the body."""
    return {"in": "body", "pointer": pointer(path), "code": code}


def parameter_item(location: str, name: str, code: str) -> dict[str, Any]:
    """Return a violation in a parameter; its value is never repeated."""
    return {"in": location, "name": name[:POINTER_LENGTH], "code": code}


def schema_items(errors: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the violations that a validator found, with pointers and codes, never values or its words."""
    items: list[dict[str, Any]] = []
    for error in errors:
        path = list(error.instance_path)
        kind = error.kind
        if type(kind).__name__ in {"UnevaluatedProperties", "AdditionalProperties"}:
            items += [body_item([*path, name], "unknown-property") for name in kind.unexpected]
        elif type(kind).__name__ == "Required":
            items.append(body_item([*path, kind.property], "missing-property"))
        elif type(kind).__name__ in {"AnyOf", "OneOfNotValid"}:
            items += _variant(path, kind.context)
        else:
            items.append(body_item(path, _code(error.schema_path)))
    unique = {(item["pointer"], item["code"]): item for item in items}
    return list(unique.values())


def _code(schema_path: Iterable[Any]) -> str:
    """Return the violation code of the last keyword on a schema path."""
    words = [str(part) for part in schema_path]
    return next((VIOLATIONS[word] for word in reversed(words) if word in VIOLATIONS), "not-allowed-here")


def _variant(path: list[str | int], context: list[list[Any]]) -> list[dict[str, Any]]:
    """Tell what is wrong with the only variant that was meant, or that none fits."""
    meant = [errors for errors in context if not any(_rules_out(error, path) for error in errors)]
    if len(meant) == 1:
        return schema_items(meant[0])
    return [body_item(path, "not-a-variant")]


def _rules_out(error: Any, path: list[str | int]) -> bool:  # noqa: ANN401 - the validator has no public types
    """Tell whether an error means that another variant was intended: its type or its discriminator differs."""
    depth = len(error.instance_path) - len(path)
    name = type(error.kind).__name__
    return (name == "Type" and depth == 0) or (name in {"Constant", "Enum"} and depth <= 1)


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
        known = _violations().get(named["code"]) or _violations()["not-allowed-here"]
        named["message"] = known["es" if language == "es" else "en"]
    return named


def validation_failed(items: list[dict[str, Any]]) -> Problem:
    """Return the refusal that lists every violation."""
    return Problem("validation-failed", errors=items)
