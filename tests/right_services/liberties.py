"""The liberties that a service may take, each with the reason why it may, and the service that takes it."""

from __future__ import annotations

import base64
import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference

if TYPE_CHECKING:
    from istmo.spec import Spec, Validator
    from tests.wrong_services._tamper import App, Call, Reply

# Documents about documents, and what has to reveal nothing else: their members are not a service's own choice.
FIXED = frozenset({
    "getOpenApi", "getNationalSchema", "getForm", "getHealth", "verifyCertificate", "verifyReceipt", "createFeeQuote",
})  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
ORIGIN = "http://istmo.test"


@dataclass(frozen=True)
class Liberty:
    """One liberty: its name, why the standard leaves it, and how the service that takes it is built."""

    name: str
    why: str
    build: Callable[[Reference], App]


LIBERTIES: dict[str, Liberty] = {}


def liberty(why: str) -> Callable[[Callable[[Reference], App]], Callable[[Reference], App]]:
    """Register a liberty."""

    def register(build: Callable[[Reference], App]) -> Callable[[Reference], App]:
        LIBERTIES[build.__name__] = Liberty(build.__name__, why, build)
        return build

    return register


def _each(value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - any JSON
    """Change every value of a document, the innermost first."""
    if isinstance(value, dict):
        value = {name: _each(item, change) for name, item in value.items()}
    elif isinstance(value, list):
        value = [_each(item, change) for item in value]
    return change(value)


def _told(call: Call, reply: Reply) -> Any:  # noqa: ANN401 - any JSON
    """The document of an answer that is a service's own to shape, or None."""
    plain = (reply.header("content-type") or "").partition(";")[0]
    own = call.operation is not None and not call.is_for(*FIXED)
    return reply.json if own and plain in {"application/json", "application/problem+json"} else None


@liberty("Clients ignore members that they do not know: answers are open, but for the few objects that say otherwise.")
def more_members(reference: Reference) -> App:
    spec = reference.spec

    def change(call: Call, reply: Reply) -> None:
        document, rule = _told(call, reply), _rule(spec, call, reply)
        if document is None or rule is None:
            return
        for place in _objects(document):
            place["beside"] = {"is": [1]}
            if not rule.is_valid(document):
                del place["beside"]
        reply.put(document)

    return reference.answering(change)


def _rule(spec: Spec, call: Call, reply: Reply) -> Validator | None:
    """The validator of an answer, if the contract has a schema for it."""
    told = call.operation.responses.get(str(reply.status)) if call.operation is not None else None
    pointer = (told.media if told is not None else {}).get((reply.header("content-type") or "").partition(";")[0])
    return spec.validator(pointer) if pointer is not None else None


def _objects(value: Any, name: str = "") -> list[dict[str, Any]]:
    """Every object of a document that is a service's own; what somebody has handed in is not."""
    if name in {"national", "evidence", "data"}:
        return []
    inner = (
        value.items() if isinstance(value, dict) else [("", one) for one in value] if isinstance(value, list) else []
    )
    found = [one for key, item in inner for one in _objects(item, key)]
    return [*found, value] if isinstance(value, dict) else found


@liberty("Nothing limits the headers of an answer.")
def more_headers(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        reply.headers += [("server-timing", "db;dur=2"), ("x-request-cost", "3"), ("vary", "Accept-Language, Origin")]

    return reference.answering(change)


@liberty("JSON may be written in many ways, and a media type may name its encoding.")
def written_otherwise(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        media = reply.header("content-type") or ""
        if reply.json is None or not media.endswith("json"):
            return
        turned = _each(reply.json, lambda one: dict(reversed(one.items())) if isinstance(one, dict) else one)
        reply.body = json.dumps(turned, ensure_ascii=True, indent=3).encode()
        reply.set("content-type", f'{media}; charset="utf-8"' if "schema" in media else f"{media}; charset=utf-8")

    return reference.answering(change)


@liberty("A moment in UTC may have fractions of a second.")
def fractions_of_seconds(reference: Reference) -> App:
    def longer(one: Any) -> Any:  # noqa: ANN401 - any JSON
        return f"{one[:-1]}.000Z" if isinstance(one, str) and MOMENT.fullmatch(one) else one

    def change(call: Call, reply: Reply) -> None:
        document = _told(call, reply)
        # What somebody has handed in comes back as it was handed in.
        if isinstance(document, dict):
            reply.put({name: item if name == "evidence" else _each(item, longer) for name, item in document.items()})

    return reference.answering(change)


@liberty("The words of a refusal are a service's own; its code is not.")
def other_words(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        if not (reply.header("content-type") or "").startswith("application/problem+json"):
            return
        document = reply.json
        document |= {"title": f"{document['title']} (?)", "detail": "…", "instance": f"/incidents/{uuid.uuid4()}"}
        document |= {"retryable": False, "support": {"phone": "+50222223333"}}
        for item in document.get("errors", ()):
            item["message"] = f"«{item['message']}»"
        if "errors" in document:
            document["errors"] = document["errors"][::-1]
        reply.put(document)

    return reference.answering(change)


@liberty("An address may be absolute: it is a reference (RFC 3986).")
def absolute_addresses(reference: Reference) -> App:
    base = reference.spec.base_path

    def absolute(one: Any) -> Any:  # noqa: ANN401 - any JSON
        if not isinstance(one, dict) or not str(one.get("href", "")).startswith(base):
            return one
        return {**one, "href": ORIGIN + one["href"]}

    def change(call: Call, reply: Reply) -> None:
        place = reply.header("location") or ""
        if place.startswith(base):
            reply.set("location", ORIGIN + place)
        document = _told(call, reply)
        if document is not None:
            reply.put(_each(document, absolute))

    return reference.answering(change)


@liberty("What is in a tag means nothing to anybody but its maker.")
def other_tags(reference: Reference) -> App:
    async def tamper(call: Call, forward: Any) -> Reply:  # noqa: ANN401 - see Forward
        for name in ("if-match", "if-none-match"):
            tag = call.header(name) or ""
            if tag.startswith('"t:'):
                call.set(name, f'"{base64.urlsafe_b64decode(tag[3:-1]).decode()}"')
        reply: Reply = await forward(call)
        tag = reply.header("etag") or ""
        if tag.startswith('"'):
            reply.set("etag", f'"t:{base64.urlsafe_b64encode(tag[1:-1].encode()).decode()}"')
        return reply

    return reference.tampered(tamper)


@liberty("Whoever asks too much may be told to come again: every operation declares 429.")
def asks_for_patience(reference: Reference) -> App:
    count = iter(range(10**9))

    async def tamper(call: Call, forward: Any) -> Reply:  # noqa: ANN401 - see Forward
        operation = call.operation
        if operation is None or operation.failure_limit is not None or next(count) % 37:
            heard: Reply = await forward(call)
            return heard
        call.path, call.query, call.body, call.method = f"{reference.spec.base_path}/none", "", b"", "GET"
        refusal: Reply = await forward(call)  # in the words of the service
        refusal.put({**refusal.json, "status": 429, "type": "urn:istmo:problem:too-many-requests",
                     "code": "too-many-requests"})  # fmt: skip
        refusal.status = 429
        refusal.set("retry-after", "0")
        return refusal

    return reference.tampered(tamper)


@liberty("What is in a cursor means nothing to anybody but its maker.")
def other_cursors(reference: Reference) -> App:
    async def tamper(call: Call, forward: Any) -> Reply:  # noqa: ANN401 - see Forward
        call.query = re.sub(r"(^|&)cursor=c[.]", r"\1cursor=", call.query)
        reply: Reply = await forward(call)
        document = _told(call, reply)
        if isinstance(document, dict) and "nextCursor" in document:
            reply.put({**document, "nextCursor": f"c.{document['nextCursor']}"})
        return reply

    return reference.tampered(tamper)


@liberty("A page holds at most what was asked for, and may hold less.")
def small_pages(reference: Reference) -> App:
    def change(call: Call) -> None:
        limit = re.search(r"(?:^|&)limit=([0-9]+)(?:&|$)", call.query)
        paged = call.operation is not None and call.operation.parameter("limit") is not None
        if limit is not None and 3 < int(limit[1]) <= 100:  # noqa: PLR2004  # what is out of range is refused
            call.query = call.query.replace(limit[0].strip("&"), "limit=3")
        elif paged and "limit=" not in call.query:
            call.query = "&".join(part for part in (call.query, "limit=3") if part)

    return reference.asking(change)


@liberty("An identifier is a UUID of any version.")
def identifiers_by_time(reference: Reference) -> App:
    count = iter(range(10**9))

    def later() -> uuid.UUID:
        """A UUID of version 7."""
        number = (time.time_ns() // 10**6) << 80 | 7 << 76 | 2 << 62 | next(count) << 8
        return uuid.UUID(int=number)

    for module in ("work", "fees", "mandates", "subscriptions", "unit", "evidence"):
        reference.replace(f"istmo.runtime.{module}", uuid=SimpleNamespace(uuid4=later, UUID=uuid.UUID))
    return reference.app()


@liberty("A list that is empty and not required may be left out.")
def empty_lists_left_out(reference: Reference) -> App:
    spec = reference.spec

    def change(call: Call, reply: Reply) -> None:
        document, rule = _told(call, reply), _rule(spec, call, reply)
        if not isinstance(document, dict) or rule is None or reply.status >= 400:  # noqa: PLR2004  # no refusal
            return
        for name in [name for name, value in document.items() if value == []]:
            shorter = {key: value for key, value in document.items() if key != name}
            document = shorter if rule.is_valid(shorter) else document
        reply.put(document)

    return reference.answering(change)


@liberty("Other services and other keys stand beside the one that is judged.")
def not_alone(reference: Reference) -> App:
    other = {"slug": "land-register", "specVersion": "2.1.0", "baseUrl": f"{ORIGIN}/land/v2", "claimedStage": 1}
    keys = [
        {"kty": "RSA", "kid": "old", "use": "sig", "alg": "RS256", "n": "AQAB" * 80, "e": "AQAB"},
        {"kty": "EC", "kid": "enc", "use": "enc", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
    ]

    def change(call: Call, reply: Reply) -> None:
        if call.path == "/.well-known/istmo":
            reply.put({**reply.json, "services": [other, *reply.json["services"]], "motto": "¡Adelante!"})
        elif call.path == "/.well-known/jwks.json":
            reply.put({"keys": [*keys, *reply.json["keys"]]})

    return reference.answering(change)


@liberty("A challenge may say more, and a caller may be offered several ways (RFC 9110, 11.6.1).")
def several_challenges(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        told = reply.header("www-authenticate")
        if told is not None:
            reply.set("www-authenticate", f'{told}, DPoP algs="ES256 EdDSA", error_uri="{ORIGIN}/help"')

    return reference.answering(change)


@liberty("What only asks may be offered everywhere (RFC 9110, 9.3), in any order.")
def methods_beside(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        allowed = reply.header("allow")
        if allowed is not None:
            told = [one.strip() for one in allowed.split(",") if one.strip() not in {"HEAD", "OPTIONS"}]
            reply.set("allow", ",".join(["OPTIONS", *(["HEAD"] if "GET" in told else []), *reversed(told)]))

    return reference.answering(change)


@liberty("A header with links may hold others, and their parameters may be written in several ways (RFC 8288).")
def more_links(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        links = reply.header("link")
        if links is not None:
            reply.set("link", f'</help>; title="a, b; c"; rel="help", {links.replace("; ", ";")}')

    return reference.answering(change)


@liberty("Whether the clock of a sandbox goes on once it is set is left to the service.")
def clock_stands_still(reference: Reference) -> App:
    clock = "istmo.runtime.clock:Clock"
    now, move = reference.original(clock, "now"), reference.original(clock, "move")
    shown: dict[int, datetime] = {}

    def moved(self: Any, instant: datetime | None) -> None:  # noqa: ANN401 - the clock
        move(self, instant)
        shown.pop(id(self), None)
        if instant is not None:
            shown[id(self)] = instant.astimezone(UTC)

    reference.replace(clock, now=lambda self: shown.get(id(self)) or now(self), move=moved)
    return reference.app()


@liberty("Where on its host a service lies is told by the manifest, and by nothing else.")
def elsewhere_on_its_host(reference: Reference) -> App:
    reference.settings["base_url"] = f"{ORIGIN}/gob"
    base, inner = reference.spec.base_path, reference.app()
    there, here = f"/gob{base}", re.compile(rf"""(?<=["<'])(?:https?://[a-z0-9.:]+)?{re.escape(base)}(?=[/"'?])""")

    def told(text: str) -> str:
        return here.sub(lambda found: found[0].replace(base, there), text)

    async def moved(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - the protocol's own types
        path = str(scope.get("path", ""))
        if path.startswith(there):
            scope = {**scope, "path": path[4:], "raw_path": scope["raw_path"][4:]}
        elif path.startswith(base):
            scope = {**scope, "path": "/nowhere", "raw_path": b"/nowhere"}
        start: dict[str, Any] = {}

        async def answer(message: Any) -> None:  # noqa: ANN401 - the protocol's own type
            if message["type"] == "http.response.start":
                start.update(message)
                start["body"] = b""
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            start["body"] += message.get("body", b"")
            if not message.get("more_body"):
                await _finish(start, told, send)

        await inner(scope, receive, answer)

    return moved


async def _finish(start: dict[str, Any], told: Callable[[str], str], send: Any) -> None:  # noqa: ANN401 - see moved
    """Send an answer whose addresses are others."""
    body, headers = start.pop("body"), dict(start["headers"])
    if b"json" in headers.get(b"content-type", b"") or b"html" in headers.get(b"content-type", b""):
        body = told(body.decode()).encode()
    for name in (b"location", b"link"):
        if name in headers:
            headers[name] = told(f'"{headers[name].decode()}"')[1:-1].encode()
    if b"content-length" in headers and start["status"] not in {204, 304}:
        headers[b"content-length"] = str(len(body)).encode()
    await send({**start, "headers": list(headers.items())})
    await send({"type": "http.response.body", "body": body})
