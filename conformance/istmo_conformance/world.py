"""What one scenario knows: the resources at hand, the last answers, the clock, and how to make the next call."""

from __future__ import annotations

import copy
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote
from zoneinfo import ZoneInfo

from istmo.errors import Finding, KitError
from istmo.names import kebab
from istmo.spec import Operation, Spec
from istmo_conformance.calls import ENCODINGS, Call
from istmo_conformance.cast import ENTITLED, LOW, NOBODY, PEER, SHIFTED
from istmo_conformance.causes import Blocked, Cause
from istmo_conformance.client import BODY_CAP, FILE_CAP, Answer, Request
from istmo_conformance.files import multipart, synthetic
from istmo_conformance.signing import Message, made
from istmo_conformance.values import FEE, MISSING, changed, find_member, its, pointer_of, resolve
from istmo_conformance.vocabulary import names_of
from istmo_conformance.words import say

if TYPE_CHECKING:
    from istmo_conformance.run import Run

JSON: TypeAlias = Any
METHODS = ("DELETE", "PATCH", "PUT", "POST", "GET", "TRACE")
JSON_TYPE = "application/json"
MULTIPART = "multipart/form-data"
CREATED = 201
ON_BEHALF = "Istmo-On-Behalf-Of"
_NAMESPACE = uuid.UUID("6f1c9d1e-5d0b-5a55-9f6e-2f0f6f1b7a10")


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


@dataclass
class World:
    """The state of one scenario."""

    run: Run
    scenario: str
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    it: Resource | None = None
    case: Resource | None = None
    known: dict[str, JSON] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    group: list[Exchange] = field(default_factory=list)
    history: list[Exchange] = field(default_factory=list)
    instant: datetime | None = None
    earliest: datetime | None = None  # where the clock stood at first, and furthest
    latest: datetime | None = None
    who: str = "nobody"
    collected: list[JSON] = field(default_factory=list)
    before: list[JSON] = field(default_factory=list)
    place: str = ""
    made: list[Made] = field(default_factory=list)  # by this scenario, to be tidied up
    _counter: int = 0

    @property
    def spec(self) -> Spec:
        """The specification under which the run judges."""
        return self.run.spec

    @property
    def answer(self) -> Answer:
        """The last answer."""
        if not self.group:
            raise KitError("no-answer", "no call was made yet", "put a When before this Then")
        return self.group[-1].answer

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the country counts its days."""
        return self.run.zone

    @property
    def now(self) -> datetime:
        """The position of the service's clock."""
        return self.instant or self.began

    @property
    def today(self) -> date:
        """The day in the country."""
        return self.now.astimezone(self.zone).date()

    def set_clock(self, moment: datetime) -> None:
        """Move the clock of the service."""
        self.run.sandbox.set_clock(moment)
        self.instant = moment
        self.earliest = min(self.earliest or moment, moment)
        self.latest = max(self.latest or moment, moment)

    def token(self, call: Call) -> str | None:
        """The token with which a call is made."""
        if call.who == PEER and call.operation is not None and call.operation.signed:
            return None  # a signature stands for it
        if call.token in SHIFTED and call.who not in NOBODY:
            return self.run.cast.shifted(call.who, call.token, self.now, self.run.sandbox.set_clock)
        return self.run.cast.token(call.who, call.token, call.operation, self.instant)

    def unique(self, purpose: str) -> str:
        """A text that the same scenario of the same seed always makes anew in the same way."""
        self._counter += 1
        return f"{purpose}:{self.run.seed}:{self.scenario}:{self._counter}"

    def key(self) -> str:
        """A fresh idempotency key."""
        return "istmo-" + hashlib.sha256(self.unique("key").encode()).hexdigest()[:32]

    def fresh_uuid(self, purpose: str) -> str:
        """A fresh identifier that nothing has."""
        digest = bytearray(hashlib.sha256(self.unique(purpose).encode()).digest()[:16])
        return str(uuid.UUID(bytes=bytes(digest), version=4))

    def trusted(self) -> bool:
        """Whether the sandbox lets the suite be a peer; where it does not, nobody can sign anything."""
        try:
            self.run.sandbox.trust(self.run.signatory.listed(self.now))
        except Finding:
            return False
        return True

    # Making calls

    def perform(self, call: Call) -> list[Answer]:
        """Make a call as described, once or several times, and remember what it showed."""
        if call.who in ENTITLED:
            call.who = self.run.cast.entitled(call.operation) if call.operation else "ana"
        self.who = call.who
        if call.repeated:
            requests = [self._last_request(call)] * call.times
        elif call.parallel:
            requests = [self.request(call)] * call.times
        elif call.each_method and call.operation is not None:
            requests = [self.request(call, method) for method in self._undeclared(call.operation)]
        else:
            requests = [self.request(call) for _ in range(call.times)]
        self.group = []
        answers = (
            self.run.client.send_many(requests) if call.parallel else [self.run.client.send(one) for one in requests]
        )
        for answer in answers:
            self.keep(call.who, call.operation, answer)
        return answers

    def keep(self, who: str, operation: Operation | None, answer: Answer) -> None:
        """Take an answer into the world and hold it against the passive checks."""
        exchange = Exchange(who, operation, answer)
        self.group.append(exchange)
        self.history.append(exchange)
        self.run.saw(self.scenario, exchange)
        if operation is not None and answer.status < 300 and answer.media_type == JSON_TYPE:
            self.remember(who, operation, answer)

    def remember(self, who: str, operation: Operation, answer: Answer) -> None:
        """Keep the resource that an answer shows as the one at hand."""
        try:
            document = answer.json()
        except Finding:
            return
        if not isinstance(document, dict) or not isinstance(document.get("id"), str):
            return
        collection = collection_of(operation.path)
        old = self.resources.get(collection)
        if old is not None and old.id == document["id"]:
            document = {**old.doc, **document}
            who = old.owner
        found = Resource(collection, document["id"], document, answer.header("etag"), who)
        self.resources[collection] = self.it = found
        if answer.status == CREATED and operation.method.upper() == "POST":
            mandate = [(name, value) for name, value in answer.request.headers if name == ON_BEHALF]
            self.made.append(Made(operation, found, mandate))
        if self.spec.cases and collection == self.spec.cases[0].collection:
            self.case = found

    def request(self, call: Call, method: str | None = None) -> Request:
        """The bytes of a call; another method than the operation's carries no body."""
        operation = call.operation
        if operation is None:
            raise KitError("no-operation", "the call names no operation", "name one")
        headers = {"Accept": "application/json, application/problem+json, */*;q=0.5"}
        headers["Correlation-Id"] = self.fresh_uuid("correlation")
        token = self.token(call)
        if token is not None and not call.token_in_address:
            headers["Authorization"] = f"Bearer {token}"
        body = self._encoded(call, self._body(call, operation, headers), headers) if method is None else b""
        if operation.idempotent:
            headers["Idempotency-Key"] = self._last_key() if call.same_key else self.key()
        self._condition(call, operation, headers)
        headers.update({name: self._header(value) for name, value in call.headers.items()})
        kept = tuple((name, value) for name, value in headers.items() if name.lower() not in call.dropped)
        path = self.run.subject.base_path + self.path(call, operation) + self._query(call, token)
        if call.undeclared_method:
            method = self._undeclared(operation)[0]
        method = method or operation.method
        if operation.signed and call.who == PEER and not call.undeclared_method and not call.each_method:
            kept, body = self._signed(call, dict(kept), path, body)
        cap = FILE_CAP if operation.path.endswith("/content") else BODY_CAP
        return Request(method.upper(), path, kept, body, cap)

    def _signed(
        self, call: Call, headers: dict[str, str], path: str, body: bytes
    ) -> tuple[tuple[tuple[str, str], ...], bytes]:
        """The headers and the body of a call to an operation of peers, signed for its published address."""
        subject, plain = self.run.subject, {name.lower(): value for name, value in headers.items()}
        self.run.sandbox.trust(self.run.signatory.listed(self.now, call.message))
        plain["istmo-recipient"] = f"{subject.country}/{kebab(self.spec.slug)}"
        url = subject.base_url + path.removeprefix(subject.base_path)
        message = made(Message("POST", url, plain, body, self.now), call.message)
        sent, body = self.run.signatory.signed(message)
        kept = {name: value for name, value in sent.items() if name not in call.dropped}
        return tuple(kept.items()), body

    def _query(self, call: Call, token: str | None) -> str:
        """The query of a call, with a question mark in front if there is one."""
        parts = [quote(call.query, safe="=&%+,:;/-._~!*'()@$")] if call.query else []
        if call.page:
            parts.append(f"cursor={quote(str(self.known.get(call.page, '')), safe='')}")
        if token is not None and call.token_in_address:
            parts.append(f"access_token={token}")
        return "?" + "&".join(parts) if parts else ""

    def _encoded(self, call: Call, body: bytes, headers: dict[str, str]) -> bytes:
        """The body in another encoding than plain UTF-8, if the scenario says so."""
        if call.encoding is None:
            return body
        if call.encoding == "gzip":
            headers["Content-Encoding"] = "gzip"
        return ENCODINGS[call.encoding](body)

    def _header(self, value: str) -> str:
        if not value.startswith("known:"):
            return value
        found = self.known.get(value.removeprefix("known:"))
        return str(found.get("id") if isinstance(found, dict) else found)

    def _condition(self, call: Call, operation: Operation, headers: dict[str, str]) -> None:
        """The If-Match header where it is required, or where the scenario plays with it."""
        if call.tag == "stale":
            headers["If-Match"] = self._earlier_tag(self._aimed(call, operation))
        elif call.tag == "seen":
            resource = self._aimed(call, operation)
            headers["If-None-Match"] = (resource.etag if resource else None) or '"0"'
        elif operation.conditional or call.tag == "sent":
            resource = self._aimed(call, operation)
            headers["If-Match"] = (resource.etag if resource else None) or '"1"'

    def _earlier_tag(self, resource: Resource | None) -> str:
        """A tag that the resource had before; one that it never had where none is known."""
        for exchange in self.history if resource is not None else ():
            answer = exchange.answer
            tag = answer.header("etag")
            if tag in {None, resource.etag} or not answer.is_json:  # type: ignore[union-attr] # checked above
                continue
            document = answer.json()
            if isinstance(document, dict) and document.get("id") == resource.id:  # type: ignore[union-attr] # see above
                return str(tag)
        return '"0"'

    def _body(self, call: Call, operation: Operation, headers: dict[str, str]) -> bytes:
        """The body, and its media type into the headers."""
        if call.attached is not None:
            content, media = synthetic(*call.attached)
            fields = {"type": "supporting-document"}
            for pointer, value in call.changes:
                fields[pointer.strip("/")] = "" if value is None else str(self.value(value))
            headers["Content-Type"], body = multipart(fields, call.attached[0], content, call.media or media)
            return body
        if call.body is not None:
            headers["Content-Type"] = call.media or JSON_TYPE
            return call.body.encode("utf-8", errors="surrogatepass")
        document = self.document(call, operation)
        if document is MISSING and MULTIPART in operation.request and call.media is None:
            content, media = synthetic("sample.pdf", 600)
            headers["Content-Type"], body = multipart({"type": "supporting-document"}, "sample.pdf", content, media)
            return body
        if document is MISSING:
            if call.media:
                headers["Content-Type"] = call.media
            return b""
        headers["Content-Type"] = call.media or media_of(operation) or JSON_TYPE
        return json.dumps(document, ensure_ascii=False).encode("utf-8", errors="surrogatepass")

    def document(self, call: Call, operation: Operation) -> JSON:
        """The JSON body of a call: an example, with its changes."""
        if media_of(operation) is None:
            return MISSING
        if call.given is not None:
            named = names_of(call.given)[0] if call.given.startswith('"') else call.given
            member, value = self.its(named)
            return {member: value}
        examples = self.spec.request_examples(operation.id)
        name = call.example or self.run.default_example(operation)
        document: JSON = MISSING
        if name is not None and name in examples:
            document = copy.deepcopy(self.spec.example(operation.id, name))
        for pointer, text in call.changes:
            changed_to: JSON = MISSING if text is None else self.value(text)
            document = changed({} if document is MISSING else document, pointer_of(pointer), changed_to)
        return document

    def its(self, name: str) -> tuple[str, JSON]:
        """A member of the resource at hand, with its proper name."""
        from istmo_conformance.values import camel

        member = name if name.startswith("/") else camel(name)
        return member.rpartition("/")[2], its(self.it.doc if self.it else None, member)

    def value(self, text: str) -> JSON:
        """The value that a scenario wrote."""
        if text in FEE:
            return self._fee()
        return resolve(text, it=self.it.doc if self.it else None, known=self.known, today=self.today)

    def _fee(self) -> str:
        """The code of the first fee that the profile lists; where the service is free, the scenario does not apply."""
        fees = self.run.profile.fees(self.spec.slug)
        if not fees:
            import pytest

            pytest.skip("not-in-profile")
        return str(fees[0]["code"])

    def _last_request(self, call: Call) -> Request:
        sent = [one for one in self.history if call.operation is None or one.operation is call.operation]
        if not sent:
            raise KitError("nothing-to-repeat", "this call was not made before", "make it first")
        return sent[-1].answer.request

    def _last_key(self) -> str:
        for exchange in reversed(self.history):
            for name, value in exchange.answer.request.headers:
                if name == "Idempotency-Key":
                    return value
        raise KitError("no-key", "no call with an idempotency key was made", "make one first")

    def _undeclared(self, operation: Operation) -> list[str]:
        """The methods that the path of an operation does not declare."""
        declared = {one.method.upper() for one in self.spec.operations.values() if one.path == operation.path}
        return [method for method in METHODS if method not in declared]

    # Finding resources

    def path(self, call: Call, operation: Operation) -> str:
        """The path of an operation with its parameters filled in."""
        path = operation.path
        for parameter in operation.parameters:
            if parameter.location == "path":
                value = self._parameter(call, operation, parameter)
                path = path.replace("{" + parameter.name + "}", quote(str(value), safe=""))
        return path

    def _parameter(self, call: Call, operation: Operation, parameter: Any) -> str:
        if call.aim == "text":
            return call.target
        if call.aim == "unknown":
            schema = parameter.schema if isinstance(parameter.schema, dict) else {}
            return self.fresh_uuid("unknown") if parameter.name == "id" or schema.get("format") == "uuid" else "Z" * 22
        if parameter.name != "id":
            document = self.known[call.target] if call.aim == "known" else self.it.doc if self.it else None
            found = find_member(document, parameter.name)
            if isinstance(found, str):
                return found
        resource = self._aimed(call, operation)
        if resource is None and self.history:
            missing = say("no answer showed one for {name}", "ninguna respuesta mostró uno", name=operation.id)
            raise Finding(missing)
        if resource is None:
            raise KitError("nothing-at-hand", f"no resource is at hand for {operation.id}", "create one first")
        return resource.id

    def _aimed(self, call: Call, operation: Operation) -> Resource | None:
        """The resource at which a call aims."""
        collection = collection_of(operation.path)
        if call.aim == "known":
            known = self.known.get(call.target)
            if not isinstance(known, dict) or "id" not in known:
                raise KitError("not-remembered", f'"{call.target}" is no remembered resource', "remember it first")
            old = self.resources.get(collection)
            etag = old.etag if old is not None and old.id == known["id"] else known.get("_etag")
            return Resource(collection, known["id"], known, etag, self.who)
        if self.it is not None and self.it.collection == collection:
            return self.it
        return self.resources.get(collection) or self.it


def collection_of(path: str) -> str:
    """The collection to which a path belongs: its first segment."""
    return path.strip("/").partition("/")[0]


def media_of(operation: Operation) -> str | None:
    """The media type of an operation's JSON body, plain or of its family."""
    family = [media for media in operation.request if media == JSON_TYPE or media.endswith("+json")]
    return min(family, key=lambda media: media != JSON_TYPE, default=None)


def selected(spec: Spec, name: str) -> list[Operation]:
    """The operations of a set that a scenario names."""
    picks = {
        "protegida": "protected", "pública": "public",
        "pública de lectura": "public reading", "de escritura": "writing", "de lista": "listing",
        "de lectura": "reading", "de creación": "creating", "condicional": "conditional", "con ruta": "path",
        "con nivel de garantía": "assured",
    }  # fmt: skip
    word = name.removeprefix("operación").strip() if name.startswith("operación") else name.removesuffix("operation")
    word = picks.get(word.strip(), word.strip())
    tests: dict[str, Callable[[Operation], bool]] = {
        "": lambda _: True,
        "protected": lambda one: bool(one.scopes),
        "public": lambda one: one.public,
        "public reading": lambda one: one.public and one.method.upper() == "GET",
        "writing": lambda one: JSON_TYPE in one.request,
        "listing": lambda one: one.method.upper() == "GET" and any(p.name == "limit" for p in one.parameters),
        "reading": lambda one: one.method.upper() == "GET",
        "creating": lambda one: one.idempotent,
        "conditional": lambda one: one.conditional,
        "path": lambda one: any(p.location == "path" and p.name == "id" for p in one.parameters),
        "assured": lambda one: one.acr not in {None, LOW},
    }
    return [one for one in spec.operations.values() if tests[word](one)]


def prerequisite(what: str, answer: Answer) -> Finding:
    """A Finding about a step of the set-up that the service did not let through."""
    code = ""
    if answer.is_json:
        try:
            document = answer.json()
            code = f" {document['code']}" if isinstance(document, dict) and "code" in document else ""
        except Finding:
            code = ""
    said = f"{answer.status}{code}"
    return Blocked(
        say("{what} answers {said}", "{what} responde {said}", what=what, said=said),
        cause=Cause("operation", what, said[:120]),
    )
