{% set it = facts(cookiecutter) -%}
"""The rules of the service: values in, values or a refusal out; nothing is read or written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from istmo.errors import Problem

Json = Mapping[str, Any]


def offered(body: Json, kinds: Sequence[str]) -> Problem | None:
    """Only a kind that the country publishes can be asked for (`{{ it.slug }}/kind-as-published`)."""
    if body["kind"] in kinds:
        return None
    item = {"in": "body", "pointer": "/kind", "code": "kind-as-published", "message": "the kind is not offered"}
    return Problem("rule-violated", rule="{{ it.slug }}/kind-as-published", errors=[item])


def typed(body: Json) -> Problem | None:
    """The type of a case, when somebody states it, is its kind."""
    if body.get("type", body["kind"]) == body["kind"]:
        return None
    item = {"in": "body", "pointer": "/type", "code": "const", "message": "the type equals the kind"}
    return Problem("validation-failed", errors=[item])


def charges(fees: Sequence[Json]) -> list[dict[str, Any]]:
    """Return what is to be paid: each fee of the country once."""
    return [{"code": fee["code"], "quantity": 1} for fee in fees]
