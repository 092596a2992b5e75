"""A small service that keeps the contract of civil certificates, written apart from the reference.

It answers the specification's own examples with the state put in, so that the suite can be tested before, and
without, the services that it judges. `Standin(fault=...)` breaks one thing on purpose.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from istmo.spec import Operation, Spec, bundle, personas, problems

SLUG = "civil_certificates"
SAFE = [
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=31536000"),
]
LEVELS = ["urn:istmo:loa:low", "urn:istmo:loa:substantial", "urn:istmo:loa:high"]
ROLES = {"owner": "write", "officer": "officer", "supervisor": "supervise"}


class Refused(Exception):
    def __init__(self, code: str, **members: Any) -> None:
        super().__init__(code)
        self.code = code
        self.members = members


class Standin:
    """An ASGI application; every instance has its own state."""

    spec = Spec(bundle(SLUG), SLUG)

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.environment = "sandbox"
        self.reset()

    def reset(self) -> None:
        self.clock: datetime | None = None
        self.cases: dict[str, dict[str, Any]] = {}
        self.certificates: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, tuple[str, Any]] = {}
        self.misses = 0

    @property
    def now(self) -> datetime:
        return self.clock or datetime.now(UTC)

    def stamp(self) -> str:
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    # Transport

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"]
                await send({"type": f"{kind}.complete"})
                if kind == "lifespan.shutdown":
                    return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        status, fields, answer = self.answer(
            scope["method"], scope["path"], scope["query_string"].decode(), headers, body
        )
        await send({
            "type": "http.response.start", "status": status,
            "headers": [(name.encode(), str(value).encode()) for name, value in fields],
        })  # fmt: skip
        await send({"type": "http.response.body", "body": answer})

    def answer(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        given = headers.get("correlation-id", "")
        trace = (
            given if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", given) else str(uuid.uuid4())
        )
        if self.fault == "correlation":
            trace = str(uuid.uuid4())
        fields = [*SAFE, ("correlation-id", trace), ("api-version", "1.0.0"), ("content-language", "es")]
        if self.fault == "no-nosniff":
            fields = fields[1:]
        self.media_type = "application/json"
        try:
            status, more, document = self.route(method, path, query, headers, body)
        except Refused as refused:
            status = problems()[refused.code].status
            document = {
                "type": f"urn:istmo:problem:{refused.code}", "title": refused.code, "status": status,
                "code": refused.code, "correlationId": trace, **refused.members,
            }  # fmt: skip
            more = [("content-type", "application/problem+json")]
            if status == 401:
                more.append(("www-authenticate", "Bearer"))
            if status == 405:
                more.append(("allow", "GET"))
            if status == 429:
                more.append(("retry-after", "60"))
        if document is None:
            return status, [*fields, *more], b""
        if not any(name == "content-type" for name, _ in more):
            more = [*more, ("content-type", self.media_type)]
        return status, [*fields, *more], json.dumps(document).encode()

    def route(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Any:
        if path == "/.well-known/istmo":
            return 200, [], self.manifest()
        if path.startswith("/_sandbox/") and self.environment == "sandbox":
            return self.sandbox(path.removeprefix("/_sandbox/"), json.loads(body))
        prefix = "/civil-certificates/v1"
        if not path.startswith(prefix):
            raise Refused("not-found")
        inner = path.removeprefix(prefix) or "/"
        found = self.spec.match(method, inner)
        if found is None:
            raise Refused("method-not-allowed" if self.spec.methods(inner) else "not-found")
        operation, parameters = found
        return self.serve(operation, parameters, query, headers, body)

    def manifest(self) -> Any:
        service = {"slug": "civil-certificates", "specVersion": "1.0.0", "claimedStage": 5,
                   "baseUrl": "http://localhost/civil-certificates/v1"}  # fmt: skip
        return {"country": "XX", "operator": "Tests", "environment": self.environment, "languages": ["es", "en"],
                "profileVersion": "1.0.0", "contact": "tests@example.org", "services": [service]}  # fmt: skip

    def sandbox(self, name: str, body: Any) -> Any:
        if name == "reset":
            self.reset()
            return 204, [], None
        if name == "clock":
            self.clock = datetime.fromisoformat(body["now"]) if body["now"] else None
            return 200, [], {"now": self.stamp()}
        if name == "tokens":
            return 200, [], {"accessToken": self.token(body), "tokenType": "Bearer", "expiresIn": 3600}
        if name == "events":
            for case in self.cases.values():
                if case["doc"]["id"] == body["data"].get("caseId"):
                    case["doc"]["holds"] = []
            return 202, [], {}
        return 204, [], None

    # Identity

    def token(self, asked: Any) -> str:
        persona = next(one for one in personas().values() if one.persona == asked["persona"])
        scopes = asked.get("scopes") or [f"civil-certificates:{verb}" for verb in persona.scopes]
        claims = {"sub": persona.subject, "scope": scopes, "acr": asked.get("acr") or persona.acr,
                  "aud": asked.get("audience", "here"), "exp": (self.now + timedelta(hours=1)).timestamp()}  # fmt: skip
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        return f"eyJhbGciOiJ0ZXN0In0.{payload}.{self.seal(payload)}"

    def seal(self, payload: str) -> str:
        return hashlib.sha256(b"standin" + payload.encode()).hexdigest()

    def claims(self, headers: dict[str, str]) -> Any:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        parts = token.split(".")
        if len(parts) != 3 or (parts[2] != self.seal(parts[1]) and self.fault != "unverified"):
            raise Refused("unauthenticated")
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        if claims["aud"] != "here" or claims["exp"] < self.now.timestamp():
            raise Refused("unauthenticated")
        return claims

    # Order of checks

    def serve(
        self,
        operation: Operation,
        parameters: dict[str, str],
        query: str,
        headers: dict[str, str],
        raw: bytes,
    ) -> Any:
        accept = headers.get("accept", "*/*")
        if not any(part in accept for part in ("*/*", "application/json", "application/pdf")):
            raise Refused("not-acceptable")
        claims: Any = {"sub": None, "scope": []}
        if operation.scopes:
            claims = self.claims(headers)
            if not set(operation.scopes) & set(claims["scope"]) and self.fault != "unscoped":
                raise Refused("missing-scope")
            if operation.acr and LEVELS.index(claims["acr"]) < LEVELS.index(operation.acr):
                raise Refused("assurance-too-low", requiredAcr=operation.acr)
        media = headers.get("content-type", "").partition(";")[0]
        if operation.request and (raw or media) and media not in operation.request:
            raise Refused("unsupported-media-type")
        self.check_query(operation, query)
        body = self.parse(raw) if media == "application/json" and raw else None
        if operation.idempotent and not headers.get("idempotency-key"):
            raise Refused("idempotency-key-missing")
        if operation.conditional and "if-match" not in headers:
            raise Refused("precondition-required")
        if body is not None:
            self.check_body(operation, body)
        return self.handle(operation, parameters, claims, body, headers)

    def check_query(self, operation: Operation, query: str) -> None:
        for name, value in parse_qsl(query):
            if operation.parameter(name, "query") is None:
                raise Refused("unknown-parameter")
            if name == "limit":
                error = {"in": "query", "name": "limit", "code": "range", "message": "1..100"}
                if not value.isdigit():
                    raise Refused("invalid-parameter", errors=[error])
                if not 1 <= int(value) <= 100:
                    raise Refused("validation-failed", errors=[error])

    def parse(self, raw: bytes) -> Any:
        def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            if len(dict(pairs)) != len(pairs):
                raise ValueError
            return dict(pairs)

        def constant(_: str) -> Any:
            raise ValueError

        try:
            return json.loads(raw, object_pairs_hook=members, parse_constant=constant)
        except ValueError:
            raise Refused("malformed-json") from None

    def check_body(self, operation: Operation, body: Any) -> None:
        found = self.spec.validator(str(operation.request["application/json"])).violations(body)
        if found:
            raise Refused("validation-failed", errors=[
                {"in": "body", "pointer": one.pointer, "code": one.code, "message": one.message} for one in found
            ])  # fmt: skip

    # State

    def handle(
        self,
        operation: Operation,
        parameters: dict[str, str],
        claims: Any,
        body: Any,
        headers: dict[str, str],
    ) -> Any:
        if operation.path.startswith("/requests"):
            return self.requests(operation, parameters.get("id"), claims, body, headers)
        if operation.path.startswith("/certificates/{id}"):
            certificate = self.certificates.get(parameters["id"])
            if certificate is None:
                raise Refused("not-found")
            if operation.id == "revokeCertificate":
                certificate["status"] = "revoked"
            return 200, [("etag", '"1"')], self.fit(operation, certificate)
        if operation.id == "verifyCertificate":
            return self.verify(body)
        if parameters:
            raise Refused("not-found")
        declared = self.spec.operations[operation.id].responses[str(operation.success)].media
        self.media_type = next(iter(declared), self.media_type)
        return (
            operation.success,
            self.location(operation),
            copy.deepcopy(self.spec.success_example(operation.id)),
        )

    def location(self, operation: Operation) -> list[tuple[str, str]]:
        return [("location", "/x"), ("etag", '"1"')] if operation.success == 201 else []

    def fit(self, operation: Operation, document: Any) -> Any:
        return {**copy.deepcopy(self.spec.success_example(operation.id)), **document}

    def verify(self, body: Any) -> Any:
        if self.misses >= 10:
            raise Refused("too-many-requests")
        for certificate in self.certificates.values():
            if certificate["verificationCode"] == body["verificationCode"]:
                status = "valid" if self.fault == "revoked-valid" else certificate["status"]
                return 200, [], {**self.spec.success_example("verifyCertificate"), "status": status}
        self.misses += 1
        raise Refused("not-found")

    def requests(self, operation: Operation, key: str | None, claims: Any, body: Any, headers: dict[str, str]) -> Any:
        if operation.id == "createRequest":
            return self.create(claims, body, headers)
        officer = "civil-certificates:officer" in claims["scope"] or "civil-certificates:supervise" in claims["scope"]
        if operation.id == "listRequests":
            mine = [one["doc"] for one in self.cases.values() if officer or one["owner"] == claims["sub"]]
            if self.fault == "leaky-list":
                mine = [one["doc"] for one in self.cases.values()]
            return 200, [], {"items": mine, "page": {"limit": 20}}
        case = self.cases.get(key or "")
        if case is None or not (officer or case["owner"] == claims["sub"] or self.fault == "leaky-read"):
            raise Refused("not-found")
        if operation.allowed is not None:
            self.act(operation, case)
        elif operation.method == "PUT":
            case["version"] += 1
        return 200, [("etag", f'"{case["version"]}"')], case["doc"]

    def create(self, claims: Any, body: Any, headers: dict[str, str]) -> Any:
        key = f"{claims['sub']} {headers['idempotency-key']}"
        if key in self.keys:
            return self.keys[key][1]
        example = self.spec.success_examples("getRequest")["request-draft"]
        document = {**copy.deepcopy(example), "id": str(uuid.uuid4()), "holds": [], "outputs": []}
        for name in ("decision", "receipt", "submittedAt", "dueBy"):
            document.pop(name, None)
        kept = {name: value for name, value in (body or {}).items() if name in document and name != "applicant"}
        document |= kept
        case = {"owner": claims["sub"], "doc": document, "version": 1}
        self.cases[document["id"]] = case
        self.status(case, "draft", "owner", first=True)
        answer = (
            201,
            [("etag", '"1"'), ("location", f"/requests/{document['id']}")],
            copy.deepcopy(document),
        )
        self.keys[key] = ("", answer)
        return answer

    def status(self, case: dict[str, Any], status: str, role: str, *, first: bool = False) -> None:
        document = case["doc"]
        history = [] if first else document["statusHistory"]
        document["statusHistory"] = [*history, {"status": status, "at": self.stamp(), "byRole": role}]
        document["status"] = status
        document["availableActions"] = []

    def act(self, operation: Operation, case: dict[str, Any]) -> None:
        allowed, document = operation.allowed, case["doc"]
        assert allowed is not None
        status = document["status"]
        if status not in allowed.origins:
            actions = [one.path.rpartition("/")[2] for one in self.spec.cases[0].actions.values()
                       if one.allowed and status in one.allowed.origins]  # fmt: skip
            raise Refused("illegal-transition", currentStatus=status, allowedActions=actions)
        case["version"] += 1
        role = "owner" if "owner" in allowed.role else "officer"
        self.status(case, allowed.targets[0], role)
        automatic = document["format"] == "extract" and document["delivery"] == "digital"
        if operation.id == "submitRequest" and automatic:
            for step in ("in_review", "approved", "completed"):
                self.status(case, step, "system")
        if document["status"] == "completed":
            self.issue(case)

    def issue(self, case: dict[str, Any]) -> None:
        example = copy.deepcopy(self.spec.success_example("getCertificate"))
        example |= {"id": str(uuid.uuid4()), "status": "valid",
                    "verificationCode": uuid.uuid4().hex[:22]}  # fmt: skip
        self.certificates[example["id"]] = example
        case["doc"]["outputs"] = [{
            "type": "certificate", "id": example["id"],
            "href": f"/civil-certificates/v1/certificates/{example['id']}",
        }]  # fmt: skip


def app() -> Standin:
    """The right one."""
    return Standin()
