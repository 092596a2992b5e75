"""The schema of the open object `national`: what a country may ask of it, and how it takes its place in a contract."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Final

from istmo.spec._json import JSON
from istmo.spec._refusal import refusal
from istmo.spec._schemas import Schemas
from istmo.spec._tree import join, walk

__all__ = ["embedded", "ensure_local", "ensure_national", "with_national"]

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
COMPONENT: Final = "#/components/schemas/National"
_STRANGER: Final = "x-istmo-unknown"  # a member that no schema describes
# Names by which a schema could be referred to from elsewhere: in the contract it would mean another place.
_NAMES: Final = frozenset({"$id", "$anchor", "$dynamicAnchor", "$dynamicRef"})


def ensure_national(schema: JSON, place: str) -> dict[str, JSON]:
    """Return the schema, or refuse one that would refuse a client of the region.

    Such a client sends no `national`, or an empty one, and whatever members it knows from elsewhere.
    """
    if not isinstance(schema, dict) or schema.get("$schema", DRAFT) != DRAFT:
        raise refusal("spec-schema", place=place)
    ensure_local(schema, place)
    import jsonschema_rs  # noqa: PLC0415 - reading texts needs no validator

    if not jsonschema_rs.meta.is_valid({"$schema": DRAFT, **schema}):
        raise refusal("spec-schema", place=place)
    validator = Schemas(schema).at("#")
    if not validator.is_valid({}):
        raise refusal("national-required", place=place)
    if not validator.is_valid({_STRANGER: _STRANGER}):
        raise refusal("national-closed", place=place)
    return schema


def ensure_local(document: JSON, name: str) -> None:
    """Refuse references that lead out of a document."""
    for place, node, named in walk(document):
        reference = node.get("$ref")
        outside = isinstance(reference, str) and reference != "#" and not reference.startswith("#/")
        if not named and (outside or _NAMES & node.keys()):
            raise refusal("national-reference", place=f"{name}#{join(place)}")


def embedded(schema: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the schema as the component `National` of a contract: its references lead to its place there."""
    made = deepcopy({"type": "object", **{name: value for name, value in schema.items() if name != "$schema"}})
    for _, node, named in walk(made):
        if not named and isinstance(node.get("$ref"), str):
            node["$ref"] = COMPONENT + node["$ref"].removeprefix("#")
    return made


def with_national(document: Mapping[str, JSON], schema: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return a contract in which `National` is what a country says it is; the rest is shared with the old one."""
    components = document["components"]
    schemas = {**components["schemas"], "National": embedded(schema)}
    return {**document, "components": {**components, "schemas": schemas}}
