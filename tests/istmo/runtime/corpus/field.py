"""One service with people, records and a case in every status that an operation wants, found through its document.

Nothing here knows a service by name: who may call comes from scopes, where a record is from paths, how a case comes
into a status from the transitions that the specification declares.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sqlite3
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OKPKey
from tests.istmo.runtime.host import Host

from istmo import rooms
from istmo.runtime import signatures
from istmo.runtime.cases import take_event
from istmo.runtime.store.sqlite import SqliteStore
from istmo.spec import Persona, personas
from istmo.spec import catalogue as services

from . import forms, tokens
from ._calls import Call, Tools, json_of

if TYPE_CHECKING:
    from istmo.spec import CasePaths, Operation, Spec

PAID = "payments.request.paid"
NOWHERE = "11111111-1111-4111-8111-111111111111"
LADDER = ("urn:istmo:loa:low", "urn:istmo:loa:substantial", "urn:istmo:loa:high")
BY_PEER = b"by-the-peer"  # stands for a signature until the whole message is there
UNBOUND = {"requests_per_minute": 100_000_000}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Ready:
    """An operation with a valid call for each example of its body, and the state in which the call makes sense."""

    spec: Spec
    operation: Operation
    calls: list[Call]
    tools: Tools
    state: sqlite3.Connection
    strings: set[str] = field(default_factory=set)  # what the examples say about people

    @property
    def kind(self) -> tuple[str, str, bool]:
        return self.operation.method, "+".join(self.operation.request), self.operation.public


class Field:
    """A running service and everything needed to call each of its operations as somebody who may."""

    def __init__(self, slug: str) -> None:
        self.entry = next(one for one in services() if one.slug == slug)
        self._peer = Ed25519PrivateKey.generate()
        self.host = Host(rooms.load(slug), limits=UNBOUND, peers=_trusting(self._peer))
        self.spec: Spec = self.host.context.spec
        self._numbers = itertools.count(1)
        self._mark = -1
        self._digest = ""
        self.host.do(self._walk_automatic())
        self._start = self.keep()

    def close(self) -> None:
        self.host.close()

    # ------------------------------------------------------------------ the store

    @property
    def connection(self) -> sqlite3.Connection:
        store = self.host.shared.store
        assert isinstance(store, SqliteStore)
        assert store._writer is not None  # noqa: SLF001 - the judge looks below the store
        return store._writer  # noqa: SLF001 - see above

    def keep(self) -> sqlite3.Connection:
        """A copy of everything that is stored."""
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        self.connection.backup(copy)
        return copy

    def restore(self, state: sqlite3.Connection) -> None:
        state.backup(self.connection)
        self._mark = -1

    def digest(self) -> str:
        """A digest of every row of every table but the limiter's; computed again only after something was written.

        That an address guessed wrongly is noted on purpose; nothing else of a refused call may stay.
        """
        changes = self.connection.total_changes
        if changes != self._mark:
            found = hashlib.sha256()
            for (table,) in self.connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'failure' ORDER BY name"
            ):
                for row in self.connection.execute(f'SELECT * FROM "{table}"'):
                    found.update(repr((table, row)).encode())
            self._digest, self._mark = found.hexdigest(), changes
        return self._digest

    # ------------------------------------------------------------------ calls

    async def send(self, call: Call) -> Answer:
        """Call the application as a web server would; an error that leaves it counts as 500."""
        call = self._signed(call)
        raw, _, _ = call.path.partition(b"?")
        headers = list(call.headers)
        if call.body and call.header(b"content-length") is None:
            headers.append((b"content-length", str(len(call.body)).encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": call.method,
            "path": unquote_to_bytes(raw).decode("utf-8", "replace"),
            "raw_path": raw,
            "query_string": call.query,
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("istmo.test", 80),
        }
        sent: list[dict[str, Any]] = []
        body = iter((call.body,))

        async def receive() -> dict[str, Any]:
            part = next(body, None)
            return {"type": "http.disconnect"} if part is None else {"type": "http.request", "body": part}

        async def send(message: Any) -> None:
            sent.append(message)

        for forget in self.host.shared.resets:
            forget()
        try:
            await self.host.app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - whatever escapes is a fault of the application
            return Answer(500, {}, repr(error).encode())
        told = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))

    def _signed(self, call: Call) -> Call:
        """The call as a peer signs it in the end, body and all; what a case has put there itself stays."""
        if call.header(b"signature") != BY_PEER:
            return call
        digest = signatures.digest(call.body).encode()
        own = {b"istmo-recipient": f"XX/{self.host.context.kebab}".encode(), b"content-digest": digest}
        for name, value in own.items():
            call = call if call.header(name) is not None else call.with_header(name, value)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in call.headers}
        target = call.path + (b"?" + call.query if call.query else b"")
        url = self.host.context.settings.base_url + target.decode("latin-1")
        message = signatures.Message(call.method, url, headers)
        del headers["signature"]
        kept = headers.pop("signature-input", None)
        try:
            signatures.sign(message, "peer", self._peer.sign, self.host.context.clock.now())
        except signatures.Unsigned:  # no signature can stand over such a thing
            return call.with_header(b"signature")
        made = {name.lower(): value.encode("latin-1") for name, value in message.headers.items()}
        call = call.with_header(b"signature", made["signature"])
        return call if kept is not None else call.with_header(b"signature-input", made["signature-input"])

    def call(self, operation: Operation, path: bytes, body: Any = None, alias: str | None = None) -> Call:
        """A valid call of an operation, as the first of the cast who may or as somebody named."""
        headers = [(b"host", b"istmo.test"), (b"accept-language", b"en")]
        if operation.signed:
            headers.append((b"signature", BY_PEER))
        elif not operation.public:
            headers.append((b"authorization", f"Bearer {self.token(self.persona(operation, alias))}".encode()))
        if operation.parameter("Idempotency-Key", "header"):
            headers.append((b"idempotency-key", f"key-{next(self._numbers):012d}".encode()))
        if operation.conditional:
            headers.append((b"if-match", b'"1"'))
        data = b""
        if body is not None and forms_only(operation):
            data = forms.example(body)
            headers.append((b"content-type", forms.TYPE))
        elif body is not None:
            data = json.dumps(body).encode()
            headers.append((b"content-type", str(json_of(operation)).encode()))
        return Call(operation.method, path, b"", tuple(headers), data)

    def persona(self, operation: Operation, alias: str | None = None) -> Persona:
        """The one named, or the first of the cast whose scopes and assurance suffice."""
        if alias is not None:
            return personas()[alias]
        for one in personas().values():
            scopes = {f"{self.host.context.kebab}:{verb}" for verb in one.scopes}
            high = operation.acr is None or (one.acr in LADDER and LADDER.index(one.acr) >= LADDER.index(operation.acr))
            if scopes.intersection(operation.scopes) and high:
                return one
        raise LookupError(operation.id)

    def token(self, persona: Persona) -> str:
        scopes = [f"{self.host.context.kebab}:{verb}" for verb in persona.scopes]
        issuer = self.host.shared.issuer
        assert issuer is not None
        return issuer.token(
            subject=persona.subject, scopes=scopes, acr=persona.acr, country="XX", persona=persona.persona
        )

    def tools(self, call: Call) -> Tools:
        said = call.header(b"authorization")
        if said is None:  # a public operation: no case about tokens applies to it
            return Tools("", {}, {}, {}, lambda *_: "")
        token = said.decode().removeprefix("Bearer ")
        key = OKPKey.import_key(self.host.issuer_key)
        read = jwt.decode(token, key, algorithms=["Ed25519"])
        public, signer = key.as_dict(private=False), key.get_op_key("sign")
        assert isinstance(signer, Ed25519PrivateKey)

        def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
            signed = f"{tokens.b64(header)}.{tokens.b64(claims)}"
            return f"{signed}.{tokens.b64(signer.sign(signed.encode()))}"

        return Tools(token, dict(read.claims), dict(read.header), public, sign)

    # ------------------------------------------------------------------ operations in a state that wants them

    def ready(self) -> Iterator[Ready]:
        """Every operation of the service, each with its valid calls and the state for them."""
        for operation in self.spec.operations.values():
            self.restore(self._start)
            path = self.host.do(self._place(operation))
            examples = list(self.spec.request_examples(operation.id).values()) or [None]
            bodies = [self.host.do(self._real(body)) for body in examples]
            calls = [self.call(operation, path.encode(), body) for body in bodies]
            strings = {text for body in bodies for text in _strings(body)}
            yield Ready(self.spec, operation, calls, self.tools(calls[0]), self.keep(), strings)

    async def _real(self, body: Any) -> Any:
        """An example with the identifiers of things that exist here, where a collection of their name has some."""
        if not isinstance(body, dict):
            return body
        found = {name: await self._listed(f"/{name[:-2]}s", "id") for name in body if name.endswith("Id")}
        return {**body, **{name: value for name, value in found.items() if value is not None}}

    def _at(self, path: str) -> bytes:
        return (self.spec.base_path + path).encode()

    async def _place(self, operation: Operation) -> str:
        """The path of an operation with a real record in it, as far as there is one."""
        base, (head, brace, tail) = self.spec.base_path, operation.path.partition("/{")
        if not brace:
            return base + operation.path
        name, _, rest = tail.partition("}")
        case = next((one for one in self.spec.cases if head == f"/{one.collection}"), None)
        found: str | None
        if case is not None:
            found = await self._case(case, operation)
        else:
            found = await self._create(head, name) or await self._listed(head, name)
        return f"{base}{head}/{found or NOWHERE}{rest}"

    async def _create(self, collection: str, member: str) -> str | None:
        found = self.spec.match("POST", collection)
        if found is None or found[0].success != 201:
            return None
        for body in self.spec.request_examples(found[0].id).values():
            answer = await self.send(self.call(found[0], self._at(collection), await self._real(body)))
            if answer.status == 201 and member in answer.json():
                return str(answer.json()[member])
        return None

    async def _listed(self, collection: str, member: str) -> str | None:
        found = self.spec.match("GET", collection)
        if found is None or "{" in found[0].path:
            return None
        answer = await self.send(self.call(found[0], self._at(collection)))
        items = answer.json().get("items") if answer.status == 200 else None
        return str(items[0][member]) if items and member in items[0] else None

    # ------------------------------------------------------------------ cases

    async def _case(self, case: CasePaths, operation: Operation) -> str:
        """A case in a status from which the operation leads on, or a fresh draft."""
        wanted = operation.allowed.origins if operation.allowed is not None else ("draft",)
        record = NOWHERE
        for body in self.spec.request_examples(case.create.id).values():
            made = await self._begin(case, body)
            if made is None:
                continue
            record = made
            if await self._lead(case, record, wanted):
                break
        return record

    async def _begin(self, case: CasePaths, body: Any) -> str | None:
        answer = await self.send(self.call(case.create, self._at(case.create.path), body))
        return str(answer.json()["id"]) if answer.status == 201 else None

    async def _lead(self, case: CasePaths, record: str, wanted: tuple[str, ...]) -> bool:
        """Take actions along the shortest declared way, paying what is due, until the case has a wanted status."""
        status, doc = "draft", {"status": "draft"}
        for _ in range(12):
            if status in wanted:
                return True
            action = _next(case, status, wanted)
            if action is None:
                return False
            body = next(iter(self.spec.request_examples(action.id).values()), None)
            answer = await self.send(self.call(action, self._at(action.path.replace("{id}", record)), body))
            doc = answer.json()
            if answer.status != 200 or doc["status"] == status:
                return False
            if doc.get("holds") and case.read is not None:
                await take_event(self.host.context, str(uuid.uuid4()), PAID, {"caseReference": doc["reference"]})
                path = self._at(case.read.path.replace("{id}", record))
                doc = (await self.send(self.call(case.read, path))).json()
            status = doc["status"]
        return False

    async def _walk_automatic(self) -> None:
        """Let the case that the catalogue calls automatic run through: it leaves outputs behind."""
        name = self.entry.case.get("automatic")
        for case in self.spec.cases:
            body = self.spec.request_examples(case.create.id).get(str(name))
            made = await self._begin(case, body) if body is not None else None
            if made is not None:
                await self._lead(case, made, ("completed",))


def _trusting(key: Ed25519PrivateKey) -> str:
    """The trust list with one peer, who may tell what the examples tell."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": tokens.b64(key.public_key().public_bytes_raw()), "kid": "peer"}
    return json.dumps({"peers": [{"name": "peer", "sources": ["/payments/v1"], "keys": [jwk]}]})


def _next(case: CasePaths, status: str, wanted: tuple[str, ...]) -> Operation | None:
    """The first action of the shortest way from a status to one of the wanted ones."""
    waiting: deque[tuple[str, Operation | None]] = deque([(status, None)])
    seen = {status}
    while waiting:
        here, first = waiting.popleft()
        if here in wanted:
            return first
        for action in case.actions.values():
            rule = action.allowed
            for target in rule.targets if rule is not None and here in rule.origins else ():
                if target not in seen:
                    seen.add(target)
                    waiting.append((target, first or action))
    return None


def forms_only(operation: Operation) -> bool:
    return set(operation.request) == {"multipart/form-data"}


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)


def fresh(call: Call) -> Call:
    """The call under a key that nobody has used."""
    if call.header(b"idempotency-key") is None:
        return call
    return call.with_header(b"idempotency-key", str(uuid.uuid4()).encode())
