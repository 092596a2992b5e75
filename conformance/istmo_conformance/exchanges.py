"""Calls with their answers, and the resources that they showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from istmo.spec import Operation
from istmo_conformance.client import Answer

JSON: TypeAlias = Any
JSON_TYPE = "application/json"
CREATED = 201
ON_BEHALF = "Istmo-On-Behalf-Of"


@dataclass
class Resource:
    """A resource that some answer showed, as far as it is known."""

    collection: str
    id: str
    doc: JSON
    etag: str | None
    owner: str


@dataclass(frozen=True)
class Made:
    """A resource that a scenario has made, and the mandate under which it did."""

    operation: Operation
    resource: Resource
    mandate: list[tuple[str, str]]


@dataclass(frozen=True)
class Exchange:
    """One call and its answer, with the operation if there is one."""

    who: str
    operation: Operation | None
    answer: Answer


def collection_of(path: str) -> str:
    """The collection to which a path belongs: its first segment."""
    return path.strip("/").partition("/")[0]


def media_of(operation: Operation) -> str | None:
    """The media type of an operation's JSON body, plain or of its family."""
    family = [media for media in operation.request if media == JSON_TYPE or media.endswith("+json")]
    return min(family, key=lambda media: media != JSON_TYPE, default=None)
