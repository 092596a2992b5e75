"""The kernel serves the real specifications: each operation takes its examples and gives its example answers."""

from __future__ import annotations

import base64
import json
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.istmo.runtime.host import Host

from istmo.names import snake
from istmo.runtime import signatures
from istmo.runtime.service import Handler, Service
from istmo.runtime.work import Answer, Work
from istmo.spec import Operation, Spec, spec

SLUGS = ("civil_certificates",)
PDF = b"%PDF-1.7\n"
KEY = Ed25519PrivateKey.generate()


def example_handler(document: Spec, operation: Operation) -> Handler:
    """Return a handler that answers the example of its operation, whatever it is asked."""

    async def handler(work: Work, **_parameters: Any) -> Answer:
        media_type = work.request.media_type
        media = document.operations[operation.id].responses[str(operation.success)].media
        if not media:
            return Answer(etag=1)
        if not media_type.endswith("json"):
            return Answer(PDF, media_type=media_type, etag=1)
        return Answer(document.success_example(operation.id), media_type=media_type, etag=1)

    return handler


def example_host(slug: str) -> Host:
    document = spec(slug)
    handlers = {snake(one.id): example_handler(document, one) for one in document.operations.values()}
    raw = base64.urlsafe_b64encode(KEY.public_key().public_bytes_raw()).rstrip(b"=").decode()
    key = {"kty": "OKP", "crv": "Ed25519", "x": raw, "kid": "peer"}
    peers = json.dumps({"peers": [{"name": "payments", "sources": ["/payments/v1"], "keys": [key]}]})
    return Host(Service(slug, SimpleNamespace(**handlers), spec=document, code="EXA"), peers=peers)


def form(example: dict[str, Any]) -> dict[str, Any]:
    file = ("a.pdf", PDF, "application/pdf")
    return {
        "files": {"file": file},
        "data": {k: v for k, v in example.items() if k not in {"file", "sha256"}},
    }


def request(host: Host, operation: Operation, example: Any) -> dict[str, Any]:
    headers: dict[str, str] = {}
    if not operation.public:
        verbs = [scope.partition(":")[2] for scope in operation.scopes]
        headers |= host.auth("example", *verbs, acr="urn:istmo:loa:high")
    if operation.parameter("Idempotency-Key"):
        headers["Idempotency-Key"] = str(uuid.uuid4())
    if operation.parameter("If-Match"):
        headers["If-Match"] = '"1"'
    media = next((m for m in operation.responses[str(operation.success)].media if m.endswith("json")), None)
    if media is not None:
        headers["Accept"] = media
    path = operation.path
    for parameter in operation.parameters:
        if parameter.location == "path":
            value = parameter.schema.get("format") == "uuid"
            path = path.replace(
                f"{{{parameter.name}}}", "0b6f4c1e-5a0a-4f0e-9a53-3d1f6a1c0001" if value else "example-code"
            )
    found: dict[str, Any] = {"method": operation.method, "headers": headers}
    found["url"] = f"http://istmo.test{spec(host.service.slug).base_path}{path}"
    if "multipart/form-data" in operation.request:
        return found | form(example)
    if example is not None:
        found |= {"content": json.dumps(example).encode()}
        headers["Content-Type"] = next(iter(operation.request))
    if operation.signed and example is not None:
        sign(host, found)
    return found


def sign(host: Host, call: dict[str, Any]) -> None:
    """Sign a call as the peer whom the host of the examples trusts."""
    url = call["url"].replace("http://istmo.test", host.context.settings.base_url)
    own = {
        "content-digest": signatures.digest(call.setdefault("content", b"")),
        "istmo-recipient": f"XX/{host.context.kebab}",
    }
    plain = {name.lower(): value for name, value in call["headers"].items()}
    message = signatures.Message(call["method"], url, {**plain, **own})
    signatures.sign(message, "peer", KEY.sign, host.context.clock.now())
    call["headers"] = dict(message.headers)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_operation_takes_its_examples(slug: str) -> None:
    host, document = example_host(slug), spec(slug)
    wrong = []
    for operation in document.operations.values():
        examples = document.request_examples(operation.id) or {"": None}
        for name, example in examples.items():
            answer = host.do(host.client.request(**request(host, operation, example)))
            if answer.status_code != operation.success:
                wrong.append((operation.id, name, answer.status_code, answer.text))
    host.close()
    assert not wrong, wrong


@pytest.mark.parametrize("slug", SLUGS)
def test_every_operation_refuses_strangers_as_declared(slug: str) -> None:
    host, document = example_host(slug), spec(slug)
    for operation in document.operations.values():
        call = request(host, operation, None if "multipart/form-data" not in operation.request else {})
        for name in ("Authorization", "signature", "signature-input"):
            call["headers"].pop(name, None)
        answer = host.do(host.client.request(**call))
        expected = {200, 415} if operation.public else {401}
        assert answer.status_code in expected, (operation.id, answer.text)
        if answer.status_code >= 400:
            problem = document.validator("#/components/schemas/Problem")
            assert problem.is_valid(answer.json()), operation.id
            assert operation.response(answer.status_code) is not None, (operation.id, answer.status_code)
    host.close()
