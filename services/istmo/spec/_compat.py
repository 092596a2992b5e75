"""Whether a national specification is a legal widening of the regional one.

Requests: the national schema must accept everything that the regional one accepts. Answers: the national schema
must promise everything that the regional one promises. Containment of schemas has three values; only a proof counts
as compatible, a doubt is told as `review`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from istmo.spec._contain import BREAKING, REVIEW, Doubt, Side, wider
from istmo.spec._document import Operation, Parameter, Response, Spec
from istmo.spec._json import JSON

__all__ = ["Difference", "compat"]


@dataclass(frozen=True, order=True)
class Difference:
    """One difference: `breaking` is proven, `review` could not be decided by a machine."""

    severity: str
    operation: str
    code: str
    place: str
    message: str
    hint: str


def compat(regional: Spec | Mapping[str, JSON], national: Spec | Mapping[str, JSON]) -> list[Difference]:
    """Return every difference that breaks a regional client or may do so; none proves a legal widening."""
    region, nation = _spec(regional), _spec(national)
    sides, doubts = (Side(region.document), Side(nation.document)), _Doubts()
    found: set[Difference] = set()
    for one in region.operations.values():
        other = nation.operations.get(one.id)
        if other is None:
            found.add(_breaking(one, "operation-removed", "", "the operation is gone", "bring it back"))
        else:
            found.update(_Pair(sides, doubts, one, other).differences())
    return sorted(found)


def _spec(given: Spec | Mapping[str, JSON]) -> Spec:
    return given if isinstance(given, Spec) else Spec(given, "national")


def _breaking(one: Operation, code: str, place: str, message: str, hint: str) -> Difference:
    return Difference(BREAKING, one.id, code, place, message, hint)


class _Doubts:
    """What speaks against one schema admitting another; many operations ask the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[Side, str, Side, str, bool], list[Doubt]] = {}

    def of(self, wide: tuple[Side, str], narrow: tuple[Side, str], *, national_is_open: bool) -> list[Doubt]:
        question = (*wide, *narrow, national_is_open)
        if question not in self._known:
            self._known[question] = list(wider(*wide, *narrow, national_is_open=national_is_open))
        return self._known[question]


class _Pair:
    """One operation in both specifications."""

    def __init__(self, sides: tuple[Side, Side], doubts: _Doubts, old: Operation, new: Operation) -> None:
        self.old = old
        self.new = new
        self.region, self.nation = sides
        self.doubts = doubts

    def differences(self) -> Iterator[Difference]:
        yield from self._route()
        yield from self._access()
        yield from self._parameters()
        yield from self._request()
        yield from self._responses()

    def _route(self) -> Iterator[Difference]:
        if (self.old.method, _shape(self.old.path)) != (self.new.method, _shape(self.new.path)):
            yield self._break("operation-moved", "", "method or path differ", f"{self.old.method} {self.old.path}")
        if self.old.success != self.new.success:
            message = f"success is {self.new.success}, not {self.old.success}"
            yield self._break("success-changed", "", message, f"answer {self.old.success}")

    def _access(self) -> Iterator[Difference]:
        if _callers(self.old) != _callers(self.new):
            hint = "ask for: " + (", ".join(self.old.scopes) or "no token")
            yield self._break("scopes-changed", "x-istmo-scopes", "who may call it differs", hint)
        if self.old.acr != self.new.acr:
            hint = f"ask for: {self.old.acr}"
            yield self._break("assurance-changed", "x-istmo-acr", "the assurance level differs", hint)
        if self.old.allowed != self.new.allowed:
            hint = "take over x-istmo-transition of the regional specification"
            yield self._break("transition-changed", "x-istmo-transition", "the transition differs", hint)

    def _parameters(self) -> Iterator[Difference]:
        for one in self.old.parameters:
            other = self._same(one, self.new)
            place = f"{one.location} {one.name}"
            if other is None:
                yield self._break("parameter-removed", place, "the parameter is gone", "bring it back")
                continue
            if other.required and not one.required:
                yield self._break("parameter-required", place, "the parameter became required", "make it optional")
            wide, narrow = (self.nation, other.pointer), (self.region, one.pointer)
            yield from self._contained("request-narrowed", place, wide, narrow)
        for other in self.new.parameters:
            if other.required and other.location != "path" and self._same(other, self.old) is None:
                place = f"{other.location} {other.name}"
                yield self._break("parameter-required", place, "a new parameter is required", "make it optional")

    @staticmethod
    def _same(wanted: Parameter, operation: Operation) -> Parameter | None:
        if wanted.location != "path":
            return operation.parameter(wanted.name, wanted.location)
        return next((one for one in operation.parameters if one.location == "path" and one.name == wanted.name), None)

    def _request(self) -> Iterator[Difference]:
        if self.new.request_required and not self.old.request_required:
            yield self._break("request-required", "body", "the body became required", "make it optional")
        for media, pointer in self.old.request.items():
            if media not in self.new.request:
                yield self._break("media-type-removed", f"body {media}", "the media type is gone", "accept it")
            elif pointer is not None and (other := self.new.request[media]) is not None:
                place = f"body {media}"
                yield from self._contained("request-narrowed", place, (self.nation, other), (self.region, pointer))

    def _responses(self) -> Iterator[Difference]:
        for status, one in self.old.responses.items():
            other = self.new.responses.get(status)
            if other is None:
                yield self._break("status-removed", status, "the answer is not declared", f"declare {status}")
            else:
                yield from self._response(status, one, other)

    def _response(self, status: str, one: Response, other: Response) -> Iterator[Difference]:
        known = {name.lower(): header for name, header in other.headers.items()}
        for name, header in one.headers.items():
            found = known.get(name.lower())
            if found is None or (header.get("required") is True and found.get("required") is not True):
                yield self._break("header-removed", f"{status} {name}", "the header is not promised", "promise it")
        for media, pointer in one.media.items():
            place = f"{status} {media}"
            if media not in other.media:
                yield self._break("media-type-removed", place, "the media type is gone", "offer it")
            elif pointer is not None:
                given = other.media[media]
                if given is None:
                    yield self._break("response-widened", place, "the answer has no schema", "refer to the schema")
                else:
                    yield from self._contained("response-widened", place, (self.region, pointer), (self.nation, given))

    def _contained(
        self, code: str, place: str, wide: tuple[Side, str], narrow: tuple[Side, str]
    ) -> Iterator[Difference]:
        asked = code == "request-narrowed"
        for severity, where, what in self.doubts.of(wide, narrow, national_is_open=asked):
            hint = "accept all that the region accepts" if asked else "promise all that the region promises"
            at = f"{place} {where}".rstrip()
            yield Difference(severity, self.old.id, code if severity == BREAKING else REVIEW, at, what, hint)

    def _break(self, code: str, place: str, message: str, hint: str) -> Difference:
        return _breaking(self.old, code, place, message, hint)


def _callers(operation: Operation) -> tuple[frozenset[str], bool, bool]:
    """Return who may call an operation: holders of scopes, everybody, peers."""
    return frozenset(operation.scopes), operation.public, operation.signed


def _shape(path: str) -> tuple[str, ...]:
    return tuple("{}" if piece[:1] == "{" else piece for piece in path.split("/"))
