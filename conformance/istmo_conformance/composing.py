"""From a call, as a scenario describes it, to the bytes of a request."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from istmo.errors import Finding, KitError
from istmo.names import kebab
from istmo.spec import Operation
from istmo_conformance.calls import Call
from istmo_conformance.cast import PEER
from istmo_conformance.clauses import ENCODINGS
from istmo_conformance.client import BODY_CAP, FILE_CAP, Request
from istmo_conformance.exchanges import JSON_TYPE, Resource, collection_of, media_of
from istmo_conformance.files import MULTIPART, multipart, synthetic
from istmo_conformance.signing import Message, made
from istmo_conformance.values import MISSING, changed, find_member, pointer_of
from istmo_conformance.vocabulary import names_of
from istmo_conformance.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from istmo_conformance.world import World

JSON: TypeAlias = Any
METHODS = ("DELETE", "PATCH", "PUT", "POST", "GET", "TRACE")


def encoded(document: JSON, known: Mapping[str, bytes] | None = None) -> bytes:
    """A document as JSON, in UTF-8; of texts in its members that are known, it takes the bytes from there."""
    if not known or not isinstance(document, dict) or not document:
        return json.dumps(document, ensure_ascii=False).encode("utf-8", errors="surrogatepass")
    parts = [b"{"]
    for name, value in document.items():
        text = known.get(value) if isinstance(value, str) else None
        parts += [encoded(name), b": ", encoded(value) if text is None else text, b", "]
    return b"".join([*parts[:-1], b"}"])


@dataclass(frozen=True)
class Giant:
    """A text of megabytes that many operations get, one by one: written as JSON once, and told by its SHA-256."""

    text: str
    json: bytes
    digest: bytes

    @classmethod
    def of(cls, text: str) -> Giant:
        """The giant of a text."""
        written = encoded(text)
        return cls(text, written, hashlib.sha256(written).hexdigest().encode())


class Composer:
    """Composes the requests of one scenario from what its world knows."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._whole = ""

    def request(self, call: Call, method: str | None = None) -> Request:
        """The bytes of a call; another method than the operation's carries no body."""
        operation = call.operation
        if operation is None:
            raise KitError("no-operation", "the call names no operation", "name one")
        headers = {"Accept": "application/json, application/problem+json, */*;q=0.5"}
        headers["Correlation-Id"] = self.world.fresh_uuid("correlation")
        token = self.world.token(call)
        if token is not None and not call.token_in_address:
            headers["Authorization"] = f"Bearer {token}"
        self._whole = ""
        plain = self._body(call, operation, headers) if method is None else b""
        body = self._encoded(call, plain, headers) if method is None else b""
        if operation.idempotent:
            headers["Idempotency-Key"] = self._last_key() if call.same_key else self.world.key(odd=call.odd_key)
        self._condition(call, operation, headers)
        headers.update({name: self._header(value) for name, value in call.headers.items()})
        kept = tuple((name, value) for name, value in headers.items() if name.lower() not in call.dropped)
        path = self.world.run.subject.base_path + self.path(call, operation) + self._query(call, token)
        if call.undeclared_method:
            method = self.undeclared(operation)[0]
        method = method or operation.method
        if operation.signed and call.who == PEER and not call.undeclared_method and not call.each_method:
            sent, body = self.signed("POST", path, dict(kept), body, call.message)
            kept = tuple((name, value) for name, value in sent.items() if name not in call.dropped)
        cap = FILE_CAP if operation.path.endswith("/content") else BODY_CAP
        return Request(method.upper(), path, kept, body, cap, self._whole if body is plain else "")

    def signed(
        self, method: str, path: str, headers: dict[str, str], body: bytes, kind: str | None = None
    ) -> tuple[dict[str, str], bytes]:
        """The headers and the body of a call to an operation of peers, signed for its published address."""
        run, plain = self.world.run, {name.lower(): value for name, value in headers.items()}
        run.sandbox.trust(run.signatory.listed(self.world.now, kind))
        plain["istmo-recipient"] = f"{run.subject.country}/{kebab(self.world.spec.slug)}"
        url = run.subject.base_url + path.removeprefix(run.subject.base_path)
        return run.signatory.signed(made(Message(method, url, plain, body, self.world.now), kind))

    def _query(self, call: Call, token: str | None) -> str:
        """The query of a call, with a question mark in front if there is one."""
        parts = [quote(call.query, safe="=&%+,:;/-._~!*'()@$")] if call.query else []
        if call.page:
            parts.append(f"cursor={quote(str(self.world.known.get(call.page, '')), safe='')}")
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
        found = self.world.known.get(value.removeprefix("known:"))
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
        for exchange in self.world.history if resource is not None else ():
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
                fields[pointer.strip("/")] = "" if value is None else str(self.world.value(value))
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
        giants = self.world.giants.values()
        body = encoded(document, {one.text: one.json for one in giants})
        if giants and len(body) > len(named := encoded(document, {one.text: one.digest for one in giants})):
            self._whole = hashlib.sha256(named).hexdigest()  # a giant is in it: its digest stands for it
        return body

    def document(self, call: Call, operation: Operation) -> JSON:
        """The JSON body of a call: an example, with its changes."""
        if media_of(operation) is None:
            return MISSING
        if call.given is not None:
            named = names_of(call.given)[0] if call.given.startswith('"') else call.given
            member, value = self.world.its(named)
            return {member: value}
        examples = self.world.spec.request_examples(operation.id)
        name = call.example or self.world.run.default_example(operation)
        document: JSON = MISSING
        if name is not None and name in examples:
            document = self.world.spec.example(operation.id, name)  # what is changed is a copy
        for pointer, text in call.changes:
            changed_to: JSON = MISSING if text is None else self.world.value(text)
            document = changed({} if document is MISSING else document, pointer_of(pointer), changed_to)
        return document

    def last_request(self, call: Call) -> Request:
        """The last request to the same operation, or the very last one."""
        sent = [one for one in self.world.history if call.operation is None or one.operation is call.operation]
        if not sent:
            raise KitError("nothing-to-repeat", "this call was not made before", "make it first")
        if sent[-1].answer.request.whole:
            raise KitError("nothing-to-repeat", "the body of this call was too large to be kept", "send a smaller one")
        return sent[-1].answer.request

    def _last_key(self) -> str:
        for exchange in reversed(self.world.history):
            for name, value in exchange.answer.request.headers:
                if name == "Idempotency-Key":
                    return value
        raise KitError("no-key", "no call with an idempotency key was made", "make one first")

    def undeclared(self, operation: Operation) -> list[str]:
        """The methods that the path of an operation does not declare."""
        declared = self.world.spec.declared(operation.path)
        return [method for method in METHODS if method not in declared]

    # Where it goes

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
            return (
                self.world.fresh_uuid("unknown")
                if parameter.name == "id" or schema.get("format") == "uuid"
                else "Z" * 22
            )
        if parameter.name != "id":
            document = (
                self.world.known[call.target] if call.aim == "known" else self.world.it.doc if self.world.it else None
            )
            found = find_member(document, parameter.name)
            if isinstance(found, str):
                return found
        resource = self._aimed(call, operation)
        if resource is None and self.world.history:
            missing = say("no answer showed one for {name}", "ninguna respuesta mostró uno", name=operation.id)
            raise Finding(missing)
        if resource is None:
            raise KitError("nothing-at-hand", f"no resource is at hand for {operation.id}", "create one first")
        return resource.id

    def _aimed(self, call: Call, operation: Operation) -> Resource | None:
        """The resource at which a call aims."""
        collection = collection_of(operation.path)
        if call.aim == "known":
            known = self.world.known.get(call.target)
            if not isinstance(known, dict) or "id" not in known:
                raise KitError("not-remembered", f'"{call.target}" is no remembered resource', "remember it first")
            old = self.world.resources.get(collection)
            etag = old.etag if old is not None and old.id == known["id"] else known.get("_etag")
            return Resource(collection, known["id"], known, etag, self.world.who)
        if self.world.it is not None and self.world.it.collection == collection:
            return self.world.it
        return self.world.resources.get(collection) or self.world.it
