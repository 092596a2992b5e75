"""A call as bytes, a case that makes it hostile, and a value that is grafted into a valid body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from istmo.spec import Operation

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Call:
    """One request on its way to an application."""

    method: str
    path: bytes
    query: bytes = b""
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: bytes) -> bytes | None:
        return next((value for known, value in self.headers if known == name), None)

    def with_header(self, name: bytes, *values: bytes) -> Call:
        """The call with these values of a header and no other; without values, without the header."""
        kept = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=(*kept, *((name, value) for value in values)))

    def with_body(self, body: bytes, media_type: bytes | None = None) -> Call:
        call = replace(self, body=body)
        return call if media_type is None else call.with_header(b"content-type", media_type)


@dataclass(frozen=True)
class Tools:
    """What a forger holds who read everything that is public, and a valid token of the caller."""

    token: str
    claims: dict[str, Any]
    header: dict[str, Any]
    public_key: dict[str, Any]
    sign: Callable[[dict[str, Any], dict[str, Any]], str]  # with the issuer's own key, which no forger has


Change = Callable[[Call, Tools], Call]


def anywhere(_: Operation) -> bool:
    return True


@dataclass(frozen=True)
class Case:
    """A way to make a valid call hostile; a refused one is never taken, another only when it is valid after all."""

    family: str
    name: str
    change: Change
    refused: bool = True
    applies: Callable[[Operation], bool] = anywhere

    def __str__(self) -> str:
        return f"{self.family}/{self.name}"


@dataclass(frozen=True)
class Value:
    """A JSON text to stand in the place of a valid one."""

    family: str
    name: str
    json: str
    refused: bool = False  # wherever it stands; otherwise the schema of the place decides

    def __str__(self) -> str:
        return f"{self.family}/{self.name}"


def json_of(operation: Operation) -> str | None:
    """The media type of an operation's JSON body, plain or of its family."""
    return next((media for media in operation.request if media.endswith(("/json", "+json"))), None)


def takes_json(operation: Operation) -> bool:
    return json_of(operation) is not None


def takes_form(operation: Operation) -> bool:
    return "multipart/form-data" in operation.request


def takes_header(name: str) -> Callable[[Operation], bool]:
    def applies(operation: Operation) -> bool:
        return operation.parameter(name, "header") is not None

    return applies
