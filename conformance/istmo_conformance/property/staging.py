"""What a generated call needs around it: a fresh sandbox, real resources, and the headers of an entitled caller."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import quote

from istmo.errors import Finding
from istmo.spec import Operation
from istmo_conformance.client import BODY_CAP, FILE_CAP, Request
from istmo_conformance.composing import Composer
from istmo_conformance.exchanges import Resource, collection_of
from istmo_conformance.preparing import made
from istmo_conformance.property.engine import Drawn
from istmo_conformance.run import Run
from istmo_conformance.world import World

JSON: TypeAlias = Any
STRANGER = "bruno"
# The day on which every scenario of the suite that needs one begins.
START = (2027, 3, 15, 9)
_SENDABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


@dataclass
class Stage:
    """The surroundings of the calls to one operation."""

    run: Run
    operation: Operation
    world: World = field(init=False)
    who: str = field(init=False)
    resource: Resource | None = None
    dirty: bool = True
    trouble: str = ""

    def __post_init__(self) -> None:
        """Choose the caller."""
        self.who = self.run.cast.entitled(self.operation)
        self.world = World(self.run, f"property/{self.operation.id}")

    @property
    def reader(self) -> Operation | None:
        """The operation that reads the resource at which calls aim."""
        path = "/" + collection_of(self.operation.path) + "/{id}"
        found = self.run.spec.operations.values()
        return next((one for one in found if one.path == path and one.method.upper() == "GET"), None)

    def set(self) -> None:
        """Put everything back if a call has changed something."""
        if not self.dirty:
            return
        self.world = World(self.run, f"property/{self.operation.id}")
        self.run.sandbox.reset()
        self.world.set_clock(datetime(*START, tzinfo=self.run.zone).astimezone(UTC))
        try:
            self.resource = made(self.world, self.operation) if self._needs_one else None
        except Finding as error:
            # Scenarios judge the way to it; here the calls then aim at what does not exist.
            self.resource, self.trouble = None, str(error)
        self.dirty = False

    @property
    def _needs_one(self) -> bool:
        """Whether calls aim at a resource, or list what somebody has."""
        listing = self.operation.parameter("limit") is not None and not self.operation.public
        return "{id}" in self.operation.path or listing

    def concerns_stranger(self, document: JSON) -> bool:
        """Whether a document names the stranger, who then may have rights in it."""
        persona = self.run.cast.persona(STRANGER)
        told = json.dumps(document, ensure_ascii=False)
        return persona.subject in told or persona.persona in told

    # Making calls

    def healed(self, drawn: Drawn) -> Drawn:
        """A question for a price with a code that the country has: no generator can guess one."""
        fees = self.run.profile.fees(self.run.spec.slug)
        document = drawn.document
        if self.operation.id != "createFeeQuote" or drawn.negative or not fees or not isinstance(document, dict):
            return drawn
        lines = [{"code": fees[0]["code"], "quantity": one["quantity"]} for one in document.get("lines", ())]
        document = {**document, "lines": lines}
        return replace(drawn, document=document, body=json.dumps(document, ensure_ascii=False).encode())

    def request(self, drawn: Drawn, *, who: str | None = None, resource: str | None = None) -> Request:
        """The bytes of a generated call, as somebody, aimed at a resource."""
        caller = who or (STRANGER if drawn.aim == "other" else self.who)
        path = self.run.subject.base_path + self._path(drawn, resource)
        if drawn.query:
            path += "?" + quote(drawn.query, safe="=&%+,:;/-._~!*'()@$?")
        cap = FILE_CAP if self.operation.path.endswith("/content") else BODY_CAP
        headers, body = self._headers(drawn, caller), drawn.body
        if self.operation.signed and drawn.method.upper() == self.operation.method.upper():
            sent, body = Composer(self.world).signed(drawn.method.upper(), path, dict(headers), body)
            headers = tuple(sent.items())
        return Request(drawn.method.upper(), path, headers, body, cap)

    def _path(self, drawn: Drawn, resource: str | None) -> str:
        """The path with a real identifier in it, unless the wrong one is the point of the call."""
        if resource is None and drawn.aim != "unknown" and self.resource is not None and not self._wrong_name(drawn):
            resource = self.resource.id
        if resource is None or "{id}" not in self.operation.path:
            return drawn.path.removeprefix(self.run.spec.base_path)
        return self.operation.path.replace("{id}", quote(resource, safe=""))

    def _wrong_name(self, drawn: Drawn) -> bool:
        name = drawn.names.get("id", "")
        return drawn.negative and not drawn.searched and re.fullmatch(r"[0-9a-f-]{36}", name) is None

    def _headers(self, drawn: Drawn, who: str) -> tuple[tuple[str, str], ...]:
        """The headers of the contract as drawn, with our own where the caller, the key and the tag belong."""
        declared = {one.name.lower(): one.name for one in self.operation.parameters if one.location == "header"}
        headers = {"Accept": "application/json, application/problem+json, */*;q=0.5"}
        for name, value in drawn.headers.items():
            if (name in declared or name == "content-type") and _SENDABLE.fullmatch(value):
                headers[declared.get(name, "Content-Type")] = value
        if not _about(drawn, "Istmo-On-Behalf-Of"):
            headers.pop("Istmo-On-Behalf-Of", None)  # nearly every mandate is unknown, and hides what lies behind it
        self._ours(drawn, headers)
        headers.setdefault("Correlation-Id", self.world.fresh_uuid("correlation"))
        if not self.operation.public and not self.operation.signed:
            headers["Authorization"] = f"Bearer {self.run.cast.token(who, 'plain', self.operation, self.world.instant)}"
        return tuple(headers.items())

    def _ours(self, drawn: Drawn, headers: dict[str, str]) -> None:
        """Put a fresh key and the current tag in; only listed calls keep a wrong one, so that others get behind it."""
        if self.operation.idempotent and not _about(drawn, "Idempotency-Key"):
            headers["Idempotency-Key"] = self.world.key()
        if self.operation.parameter("If-Match") is not None and not _about(drawn, "If-Match"):
            headers.pop("If-Match", None)
            if self.resource is not None and self.resource.etag:
                headers["If-Match"] = self.resource.etag
            elif self.operation.conditional:
                headers["If-Match"] = '"1"'


def _about(drawn: Drawn, header: str) -> bool:
    """Whether a listed call is there for the sake of a header; drawn ones shall get behind all of them."""
    return not drawn.searched and header.lower() in drawn.about.lower()


def altered(request: Request, put: Mapping[str, str], *, drop: Collection[str] = ()) -> Request:
    """The same call with some headers put in the place of what they were, and others left out."""
    gone = {name.lower() for name in (*put, *drop)}
    kept = tuple((name, value) for name, value in request.headers if name.lower() not in gone)
    return Request(request.method, request.path, (*kept, *put.items()), request.body, request.cap)
