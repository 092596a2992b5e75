"""The way of one request through the kernel, in the order in which a request may be refused."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from istmo.errors import Problem

from . import answers, exchange, identity, logs, mandates, national, parse, problems, trace, unit
from .admission import Gate
from .binding import FORM, Bound, query_of
from .limits import FailureLimiter, RateLimiter
from .router import Place, Router
from .store import IdempotencyKey
from .work import Caller, Request, Work

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from .service import AppContext
    from .store import Writer

Fixed: TypeAlias = Callable[["Scope", "Receive", "Send"], Awaitable[None]]
Endpoint: TypeAlias = Bound | Fixed

ONCE = ("authorization", "content-type", "idempotency-key", "if-match", "istmo-on-behalf-of")
ON_BEHALF_OF = "istmo-on-behalf-of"
# How a body is written down for the fingerprint of its key, whatever blanks and order it came with.
_SORTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode
STRANGER = Caller()
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(slots=True)
class Call:
    """One request to one operation while it is being understood."""

    bound: Bound
    scope: Scope
    receive: Receive
    headers: dict[str, str]
    path: Mapping[str, str]
    about: trace.Trace
    address: str
    language: str
    media_type: str = "application/json"
    caller: Caller = STRANGER
    query: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    sender: exchange.Sender | None = None  # of a signed message
    given: Any = None  # the body as it came, before any model
    digest: str = ""  # of the body, for the fingerprint of an idempotency key

    def work(self, writer: Writer | None = None) -> Work:
        """Return a unit of work for this call."""
        request = Request(
            path=self.scope["path"],
            query=self.query,
            parameters=self.path,
            if_match=self.headers.get("if-match"),
            media_type=self.media_type,
            correlation_id=self.about.correlation_id,
            trace_id=self.about.trace_id,
            peer=None if self.sender is None else self.sender.peer,
        )
        return Work(
            self.bound.context,
            self.caller,
            operation=self.bound.operation,
            request=request,
            language=self.language,
            writer=writer,
        )


class Kernel:
    """The application behind the edge guard: routes, refuses, runs the unit, answers."""

    def __init__(self, app: AppContext, router: Router[Endpoint], verifier: identity.Verifier) -> None:
        self.app = app
        self.router = router
        self.verifier = verifier
        self.rates = RateLimiter(app.settings.limits.requests_per_minute)
        self.failures = FailureLimiter(app.store, app.keys)
        limits = app.settings.limits
        self.heavy = Gate(limits.heavy, waiting=limits.waiting, seconds=limits.wait_seconds)
        app.resets.append(self.rates.reset)
        self._services = [(context.base_path, context, context.kebab) for context in app.services.values()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; refusals leave as problems of the edge guard."""
        about = trace.of(scope)
        path: str = scope["path"]
        for base, context, name in self._services:
            if path.startswith(base) and path[len(base) : len(base) + 1] in {"", "/"}:
                about.service, about.version = name, context.spec.version
        found = self.router.find(path)
        if found is None:
            raise Problem("not-found")
        place, parameters = found
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        endpoint = place.methods.get(method)
        if endpoint is None:
            raise self._no_method(place)
        if not isinstance(endpoint, Bound):
            await endpoint(scope, receive, send)
            return
        await self._serve(self._call(endpoint, parameters, scope, receive), send)

    @staticmethod
    def _no_method(place: Place[Endpoint]) -> Problem:
        return Problem("method-not-allowed", headers={"Allow": place.allow})

    def _call(self, bound: Bound, parameters: Mapping[str, str], scope: Scope, receive: Receive) -> Call:
        headers = headers_of(scope)
        about = trace.of(scope)
        about.operation = bound.operation.id
        client = scope.get("client")
        return Call(
            bound,
            scope,
            receive,
            headers,
            parameters,
            about,
            client[0] if client else "",
            self.language(headers.get("accept-language", ""), bound.context.profile.language),
        )

    def language(self, header: str, default: str | None = None) -> str:
        """Return the language to answer in."""
        if not header and default is not None:
            return default
        languages = self.app.settings.languages
        if default is None:
            default = next((c.profile.language for c in self.app.services.values()), languages[0])
        return parse.language(header, languages, default)

    # ------------------------------------------------------------------ one operation

    async def _serve(self, call: Call, send: Send) -> None:
        bound, slug = call.bound, call.bound.context.slug
        if self.app.settings.sandbox:
            await self.app.catch_up()
        self._accept(call)
        await self._identify(call)
        if bound.operation.failure_limit is not None:
            await self.failures.check(bound.operation, slug, call.address)
        try:
            await self._understand(call)
            wire = await self._admitted(call) if bound.heavy else await self._run(call)
        except Problem as problem:
            await self.failures.note(bound.operation, slug, call.address, problem.status)
            raise
        if self.app.settings.validate_answers:
            self._validate(bound, wire)
        await self._send(call, wire, send)

    @staticmethod
    def _accept(call: Call) -> None:
        """Choose the media type of the answer, or refuse."""
        wanted, offers = call.headers.get("accept"), call.bound.offers
        if not offers:
            return
        chosen = offers[0] if wanted is None else parse.accepts(wanted, offers)
        if chosen is None:
            raise Problem("not-acceptable")
        call.media_type = chosen

    async def _identify(self, call: Call) -> None:
        """Establish who calls and whether they may call this at all."""
        operation, context = call.bound.operation, call.bound.context
        if operation.public:
            self.rates.take(f"a:{call.address}")
            call.caller = Caller(address=call.address, service=context.kebab)
            _once(call)
            return
        if operation.signed:
            self._recognise(call)
            return
        try:
            if "authorization" in call.about.repeated:
                raise identity.unauthenticated(presented=True)
            header = call.headers.get("authorization")
            claims = self.verifier.known(header, context.audience)
            claims = claims or await self.verifier.claims(header, context.audience)
        except Problem:
            self.rates.take(f"a:{call.address}")
            raise
        who = identity.caller(claims, address=call.address, service=context.kebab)
        self.rates.take(f"s:{who.client}:{who.subject}")
        identity.authorize(operation, who)
        call.caller = who
        _once(call)
        mandate = call.headers.get(ON_BEHALF_OF)
        if mandate is not None:
            if ON_BEHALF_OF not in call.bound.headers or not UUID.fullmatch(mandate):
                raise _bad_header("Istmo-On-Behalf-Of")
            found = await mandates.resolve(call.work(), mandate)
            call.caller = identity.represent(operation, who, found)

    def _recognise(self, call: Call) -> None:
        """Establish which peer signed the message; its body is not there yet."""
        try:
            sender = exchange.authenticate(call.bound.context, call.scope, call.headers)
        except Problem:
            self.rates.take(f"a:{call.address}")
            raise
        self.rates.take(f"p:{sender.peer.name}")
        call.sender = sender
        call.caller = sender.caller(call.address, call.bound.context.kebab)
        _once(call)

    async def _understand(self, call: Call) -> None:
        """Read body and parameters and tell everything that is wrong with them at once."""
        bound = call.bound
        value = call.given = await self._body(call) if bound.bodies else None
        items = self._parameters(call)
        if "idempotency-key" in bound.headers:
            self._key(call)
        if "if-match" in bound.headers:
            self._precondition(call)
        for name, text in call.path.items():
            parameter = bound.path[name]
            if parse.BAD_TEXT.search(text) or not _fits(parameter, text):
                raise Problem("not-found")
            call.values[parameter.argument] = parameter.value(text)
        if bound.wants_body:
            items += self._schema(call, value)
        if items:
            raise problems.validation_failed(items)
        if bound.wants_body:
            call.values["body"] = bound.body_argument(value)

    async def _body(self, call: Call) -> Any:  # noqa: ANN401 - any JSON
        bound = call.bound
        media_type, charset = parse.media_type(call.headers.get("content-type", "").encode("latin-1") or None)
        declared = call.headers.get("content-length")
        empty = declared in {None, "0"} and "transfer-encoding" not in call.headers
        if not media_type and empty and not bound.operation.request_required:
            return None
        if media_type not in bound.bodies or charset not in {"", "utf-8"} or "content-encoding" in call.headers:
            raise Problem("unsupported-media-type")
        data = await parse.body(call.receive)
        if call.sender is not None:
            call.sender.ensure(data)
        limits = self.app.settings.limits
        if media_type == FORM:
            form = parse.upload(data, call.headers["content-type"], limits)
            parts = [sorted(form.fields.items()), form.media_type, hashlib.sha256(form.data).hexdigest()]
            call.digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
            return form
        if not data and not bound.operation.request_required:
            call.digest = hashlib.sha256(data).hexdigest()
            return None
        value = parse.decode(data, limits)
        call.digest = hashlib.sha256(_SORTED(value).encode()).hexdigest()
        return value

    @staticmethod
    def _schema(call: Call, value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
        if value is None and not call.bound.operation.request_required and not call.headers.get("content-type"):
            return []
        media_type, _ = parse.media_type(call.headers.get("content-type", "").encode("latin-1"))
        validator = call.bound.bodies.get(media_type)
        if validator is None:
            return []
        return problems.schema_items(validator, value.fields if isinstance(value, parse.Upload) else value)

    @staticmethod
    def _parameters(call: Call) -> list[dict[str, Any]]:
        """Read the query and the headers that the handler wants."""
        bound, items = call.bound, []
        for name, text in query_of(call.scope["query_string"]):
            parameter = bound.query.get(name)
            if parameter is None:
                code = "unknown-parameter"
                raise Problem(code, errors=[problems.parameter_item("query", name, "unknown-property")])
            if name in call.query:
                raise parameter.refusal("repeated-item")
            if parse.BAD_TEXT.search(text):
                raise parameter.refusal("wrong-format")
            call.query[name] = text
            value = call.values[parameter.argument] = parameter.value(text)
            items += parameter.violations(value)
        for name, parameter in bound.query.items():
            if name not in call.query:
                if parameter.required:
                    raise parameter.refusal("missing-property")
                if parameter.default is not None:
                    call.values[parameter.argument] = parameter.default
        return items

    @staticmethod
    def _key(call: Call) -> None:
        """Refuse a call without the idempotency key that the operation needs."""
        parameter = call.bound.headers["idempotency-key"]
        key = call.headers.get("idempotency-key")
        if "idempotency-key" in call.about.repeated or (key is not None and not parameter.validator.is_valid(key)):
            raise parameter.refusal("wrong-format")
        if key is None and parameter.required:
            raise Problem("idempotency-key-missing")

    @staticmethod
    def _precondition(call: Call) -> None:
        parameter = call.bound.headers["if-match"]
        tag = call.headers.get("if-match")
        if tag is None and parameter.required:
            raise Problem("precondition-required")
        if tag is not None and not parameter.validator.is_valid(tag):
            raise parameter.refusal("wrong-format")

    # ------------------------------------------------------------------ effect and answer

    async def _admitted(self, call: Call) -> unit.Wire:
        """Run what is heavy among few of its kind, and let light calls pass between one and the next."""
        async with self.heavy:
            await asyncio.sleep(0)
            return await self._run(call)

    async def _run(self, call: Call) -> unit.Wire:
        bound, judged = call.bound, False
        arguments = bound.arguments(call.values)

        async def effect(work: Work) -> unit.Wire:
            nonlocal judged
            if not judged:  # an engine may begin the unit again: the body is still the same
                national.rule(bound, work, call.given)
                judged = True
            return answers.wire(bound, work, await bound.handler(work, **arguments))

        if bound.safe:
            return await unit.read(bound.context, call.work, effect)
        return await unit.write(bound.context, call.work, effect, self._intention(call))

    @staticmethod
    def _intention(call: Call) -> unit.Intention | None:
        place = f"{call.bound.operation.method} {call.scope['path']}"
        if call.sender is not None:
            return exchange.intention(call.sender, place, call.values["body"], call.digest)
        key = call.headers.get("idempotency-key")
        if key is None or "idempotency-key" not in call.bound.headers:
            return None
        who = call.caller
        client = f"{who.client}|{who.subject}" if who.known else f"|{call.address}"
        parts = [call.digest, sorted(call.query.items()), call.headers.get(ON_BEHALF_OF)]
        fingerprint = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        return unit.Intention(IdempotencyKey(client, place, key), fingerprint)

    def _validate(self, bound: Bound, wire: unit.Wire) -> None:
        fault = answers.mismatch(bound, wire)
        if fault is not None:
            told = {"operation": bound.operation.id, "fault": fault}
            logs.write(logs.ERROR, logging.ERROR, "answer-not-as-specified", **told)
            raise Problem(problems.INTERNAL)

    async def _send(self, call: Call, wire: unit.Wire, send: Send) -> None:
        headers = dict(wire.headers)
        call.about.replayed = wire.replayed
        status, body = wire.status, wire.body
        tag = headers.get("etag")
        wanted = call.headers.get("if-none-match")
        if call.bound.safe and tag and wanted and _matches(tag, wanted):
            status, body = 304, b""
            headers.pop("content-type", None)
        elif status != 204:  # noqa: PLR2004 - No Content has no length either
            headers["content-length"] = str(len(body))
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": b"" if call.scope["method"] == "HEAD" else body})


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers by name; one that may stand once only and stands twice is noted as doubtful."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        text = name.decode("latin-1").lower()
        if text not in found:
            found[text] = value.decode("latin-1")
        elif text in ONCE:
            trace.of(scope).repeated.append(text)
        else:
            found[text] += ", " + value.decode("latin-1")
    return found


def _matches(tag: str, wanted: str) -> bool:
    tags = {one.strip().removeprefix("W/") for one in wanted.split(",")}
    return "*" in tags or tag in tags


def _fits(parameter: Any, text: str) -> bool:  # noqa: ANN401 - a bound parameter
    try:
        return bool(parameter.validator.is_valid(parameter.value(text)))
    except Problem:
        return False


def _once(call: Call) -> None:
    """Refuse a call in which a header stands twice of which one alone could be meant."""
    for name in ONCE if call.about.repeated else ():
        if name in call.about.repeated:
            raise _bad_header(name.title(), "repeated-item")


def _bad_header(name: str, code: str = "not-allowed-here") -> Problem:
    return Problem("invalid-parameter", errors=[problems.parameter_item("header", name, code)])
