"""What the kernel refuses, in which order, and that every refusal is a problem that reveals nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from tests.istmo.runtime import notes
from tests.istmo.runtime.host import BASE, Host

from istmo.runtime.answers import mismatch
from istmo.runtime.service import Service
from istmo.runtime.unit import Wire
from istmo.runtime.work import Answer, Work
from istmo.spec import Spec

CANARY = "canary-8841"
POISON: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b'{"text":"a"}x', 400),
    (b'\xef\xbb\xbf{"text":"a"}', 400),
    ('{"text":"a"}'.encode("utf-16"), 400),
    (b'{"text":"\xff"}', 400),
    (b'{"text":"a","text":"b"}', 400),
    (b'{"text":"a","national":{"x":1,"x":2}}', 400),
    (b'{"text":"a","weight":NaN}', 400),
    (b'{"text":"a","weight":Infinity}', 400),
    (b'{"text":"a","weight":-Infinity}', 400),
    (b'{"text":"a","weight":1e400}', 400),
    (b'{"text":"a","count":' + b"9" * 5000 + b"}", 400),
    (b'{"text":"a","count":9007199254740992}', 422),
    (b'{"text":"a","count":-9223372036854775808}', 422),
    (b'{"text":"a","national":{"n":9007199254740992.0}}', 422),
    (b'{"text":"a","national":{"n":1e300}}', 422),
    (b'{"text":"a","national":' + b'{"a":' * 40 + b"1" + b"}" * 41, 400),
    (b"[" * 100_000, 400),
    (b'{"text":"a","national":{' + b",".join(b'"k%d":1' % n for n in range(30_000)) + b"}}", 400),
    (b'{"text":"\\ud800"}', 422),
    (b'{"text":"a\\u0000b"}', 422),
    (b'{"text":"a\\u0007b"}', 422),
    ('{"text":"a\u0085b"}'.encode(), 422),
    ('{"text":"a\u202eb"}'.encode(), 422),
    ('{"text":"a\u200bb"}'.encode(), 422),
    (b'{"text":"a","national":{"a\\u0000":1}}', 422),
    (b'{"text":1}', 422),
    (b'{"text":null}', 422),
    (b'{"text":"a","count":"1"}', 422),
    (b'{"text":"a","count":true}', 422),
    (b'{"text":"a","count":1.5}', 422),
    (b'{"text":"a","day":"2023-02-29"}', 422),
    (b'{"text":"a","day":0}', 422),
    (b'{"text":"a","day":"0000-01-01"}', 422),
    (b'{"text":"a","status":"approved"}', 422),
    (b"[]", 422),
    (b"null", 422),
]


def post(host: Host, body: bytes, **headers: str) -> Any:
    given = {
        **host.auth(),
        "Idempotency-Key": str(uuid.uuid4()),
        "Content-Type": "application/json",
        **headers,
    }
    return host.call("POST", "/notes", content=body, headers=given)


def is_problem(answer: Any, status: int, code: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["type"] == f"urn:istmo:problem:{document['code']}"
    assert document["correlationId"] == answer.headers["correlation-id"]
    assert code is None or document["code"] == code
    for name in ("x-content-type-options", "cache-control", "content-security-policy", "content-language"):
        assert name in answer.headers
    return document


@pytest.mark.parametrize(("body", "status"), POISON, ids=range(len(POISON)))
def test_poison_is_refused_and_not_stored(host: Host, body: bytes, status: int) -> None:
    is_problem(post(host, body), status)
    assert host.call("GET", "/notes", headers=host.auth()).json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"text":"a","count":8.0}',
        '{"text":"Ñandú ʼ ä\'-"}'.encode(),
        b'{"text":"a\\tb\\nc"}',
        b'{"text":"a","national":{"\\u00f1":[1,2.5,null,true]}}',
        b'{"text":"a","day":"2024-02-29"}',
    ],
)
def test_what_is_unusual_but_right_is_taken(host: Host, body: bytes) -> None:
    assert post(host, body).status_code == 201


def test_whole_numbers_and_composed_letters_are_one_thing(host: Host) -> None:
    made = post(host, '{"text":"Nandu\u0303","count":8.0}'.encode())
    assert made.json()["text"] == "Nandũ"
    assert '"count":8}' in made.text


def test_all_violations_are_told_with_pointers_and_without_values(host: Host) -> None:
    body = {"text": "", "count": 99, "tags": ["a", 5], CANARY: CANARY, "code": CANARY * 9}
    document = is_problem(post(host, json.dumps(body).encode()), 422, "validation-failed")
    found = {(item["in"], item["pointer"], item["code"]) for item in document["errors"]}
    assert found == {
        ("body", "/text", "too-short"),
        ("body", "/count", "too-large"),
        ("body", "/tags/1", "wrong-type"),
        ("body", f"/{CANARY}", "unknown-property"),
        ("body", "/code", "too-long"),
    }
    assert document["errors"][0]["message"]
    assert CANARY * 2 not in json.dumps(document)


def test_the_order_of_refusals(host: Host) -> None:
    bad: dict[str, Any] = {"content": b"{", "headers": {}}

    def answer(path: str = "/notes", method: str = "POST", **headers: str) -> Any:
        bad["headers"].update(headers)
        return host.call(method, path, **bad)

    is_problem(answer("/nothing"), 404, "not-found")
    is_problem(answer(method="PATCH"), 405, "method-not-allowed")
    is_problem(answer(Accept="application/xml"), 406, "not-acceptable")
    is_problem(answer(Accept="application/json"), 401, "unauthenticated")
    is_problem(answer(**host.auth("someone", "read")), 403, "missing-scope")
    is_problem(answer(**host.auth("someone", "write", acr=None)), 403, "assurance-too-low")
    is_problem(answer(**host.auth("someone", "write")), 415, "unsupported-media-type")
    is_problem(answer(**{"Content-Type": "application/json"}), 400, "malformed-json")
    bad["content"] = b"{}"
    is_problem(answer(), 400, "idempotency-key-missing")
    is_problem(answer(**{"Idempotency-Key": "short"}), 400, "invalid-parameter")
    is_problem(answer(**{"Idempotency-Key": "long-enough"}), 422, "validation-failed")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/notes", "GET, HEAD, POST"),
        ("TRACE", "/notes", "GET, HEAD, POST"),
        ("OPTIONS", "/notes/00000000-0000-4000-8000-000000000001", "DELETE, GET, HEAD, PUT"),
        ("POST", "/health", "GET, HEAD"),
        ("BREW", "/", "GET, HEAD"),
    ],
)
def test_allow_names_every_method(host: Host, method: str, path: str, allow: str) -> None:
    answer = host.call(method, path)
    is_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "",
        "application/json; charset=latin-1",
        "multipart/form-data; boundary=x",
        "application/jsonx",
    ],
)
def test_other_media_types_are_not_taken(host: Host, content_type: str) -> None:
    is_problem(post(host, b'{"text":"a"}', **{"Content-Type": content_type}), 415, "unsupported-media-type")


def test_a_compressed_body_is_not_taken(host: Host) -> None:
    is_problem(post(host, b'{"text":"a"}', **{"Content-Encoding": "gzip"}), 415)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=0", 422, "validation-failed"),
        ("limit=101", 422, "validation-failed"),
        ("limit=5000000", 422, "validation-failed"),
        ("limit=abc", 400, "invalid-parameter"),
        ("limit=1.5", 400, "invalid-parameter"),
        ("limit=", 400, "invalid-parameter"),
        ("limit=1&limit=2", 400, "invalid-parameter"),
        ("limt=1", 400, "unknown-parameter"),
        ("limit=%ff", 400, "invalid-parameter"),
        ("cursor=forged", 400, "invalid-parameter"),
        ("cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 400, "invalid-parameter"),
        ("access_token=x", 400, "unknown-parameter"),
    ],
)
def test_parameters_are_read_strictly(host: Host, query: str, status: int, code: str) -> None:
    document = is_problem(host.call("GET", f"/notes?{query}", headers=host.auth()), status, code)
    assert all(item["in"] == "query" for item in document.get("errors", ()))


@pytest.mark.parametrize("path", ["/notes/not-a-uuid", "/notes/", "//notes", "/notes/%00", "/%2e%2e/x", "/notes%2f1"])
def test_odd_paths_are_not_found_and_never_redirected(host: Host, path: str) -> None:
    is_problem(host.call("GET", path, headers=host.auth()), 404, "not-found")


def test_both_forms_of_the_base_address_answer(host: Host) -> None:
    assert host.call("GET", "").status_code == host.call("GET", "/").status_code == 200


def raw(
    host: Host,
    scope: dict[str, Any],
    parts: list[bytes],
    pause: float = 0.0,
    seen: Callable[[Any], None] = lambda _: None,
) -> tuple[int, int]:
    """Call without a client library; return the status and how many parts of the body were read before it left."""
    read, status, before = 0, 0, 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        await asyncio.sleep(pause)
        read += 1
        message = {"type": "http.request", "body": parts[read - 1], "more_body": read < len(parts)}
        seen(message)
        return message

    async def send(message: Any) -> None:
        nonlocal status, before
        if message["type"] == "http.response.start":
            status, before = message["status"], read

    base = {"type": "http", "method": "POST", "path": BASE + "/notes", "query_string": b"", "headers": []}
    host.do(host.app({**base, **scope}, receive, send))
    return status, before


def headers(host: Host, **more: str) -> list[tuple[bytes, bytes]]:
    given = {
        **host.auth(),
        "idempotency-key": "key-0001",
        "content-type": "application/json",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return [(name.lower().encode(), value.encode()) for name, value in given.items()]


@pytest.mark.parametrize("name", ["content-type", "idempotency-key", "if-match", "istmo-on-behalf-of"])
def test_a_header_that_means_one_thing_may_stand_once(host: Host, name: str) -> None:
    given = dict(headers(host))
    twice = [*given.items(), (name.encode(), given.get(name.encode(), b"one")), (name.encode(), b"two")]
    assert raw(host, {"headers": twice}, [b'{"text":"a"}'])[0] == 400
    assert host.call("GET", "/notes", headers=host.auth()).json()["items"] == []


def test_a_large_body_is_cut_off_while_it_comes(host: Host) -> None:
    parts = [b"x" * 100_000] * 50
    status, read = raw(host, {"headers": headers(host, transfer_encoding="chunked")}, parts)
    assert status == 413
    assert read < 12


def test_a_large_body_that_is_announced_is_not_read_at_all(host: Host) -> None:
    assert raw(host, {"headers": headers(host, content_length="999999999")}, [b""]) == (413, 0)


def test_an_announced_body_that_comes_in_many_parts_is_taken_whole(host: Host) -> None:
    text = "x" * 200
    whole = json.dumps({"text": text}).encode() + b" " * 900_000
    parts = [whole[at : at + 50_000] for at in range(0, len(whole), 50_000)]
    status, read = raw(host, {"headers": headers(host, content_length=str(len(whole)))}, parts)
    assert read == len(parts)
    assert status != 413


def test_a_refused_client_that_goes_on_sending_is_heard_out(host: Host) -> None:
    parts, taken = [b"x" * 100_000] * 50, []

    def count(message: Any) -> None:
        taken.append(message)

    status, before = raw(host, {"headers": headers(host, transfer_encoding="chunked")}, parts, seen=count)
    assert (status, before < 12, len(taken)) == (413, True, len(parts))


def test_a_slow_body_is_cut_off() -> None:
    host = Host(limits={"body_seconds": 0.2})
    status, read = raw(host, {"headers": headers(host, transfer_encoding="chunked")}, [b" "] * 40, pause=0.05)
    assert status == 408
    assert read < 10
    host.close()


def test_headers_and_targets_are_bounded(host: Host) -> None:
    assert raw(host, {"headers": headers(host, x_long="y" * 100_000)}, [b""])[0] == 431
    is_problem(host.call("GET", "/health", headers={"x-long": "y" * 100_000}), 431, "headers-too-large")
    many = [(f"x-{n}".encode(), b"1") for n in range(200)]
    assert raw(host, {"headers": many}, [b""])[0] == 431
    assert raw(host, {"headers": headers(host), "query_string": b"a" * 5000}, [b""])[0] == 400


def test_hosts_that_are_not_served() -> None:
    host = Host(hosts="service.example")
    is_problem(host.call("GET", "/health"), 400)
    assert host.call("GET", "/health", headers={"Host": "service.example"}).status_code == 200
    host.close()


def test_failures_are_limited_by_address(host: Host) -> None:
    answers = [host.call("GET", f"/codes/wrong-{n}") for n in range(5)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]
    is_problem(answers[-1], 429, "too-many-requests")
    assert int(answers[-1].headers["retry-after"]) > 3000
    host.do(host.shared.reset())
    assert host.call("GET", "/codes/wrong").status_code == 404


def test_a_busy_client_waits_and_another_does_not() -> None:
    host = Host(limits={"requests_per_minute": 40})
    answers = [host.call("GET", "/notes", headers=host.auth()) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert "retry-after" in answers[-1].headers
    assert host.call("GET", "/notes", headers=host.auth("22222222-2222-4222-8222-222222222222")).status_code == 200
    host.close()


def test_a_failure_inside_reveals_nothing(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = host.call("GET", "/faults")
    document = is_problem(answer, 500, "internal-error")
    assert set(document) == {"type", "title", "status", "code", "correlationId"}
    assert "RuntimeError" in caplog.text
    assert "12345" not in caplog.text + answer.text


def test_an_answer_that_is_not_what_the_spec_says_is_caught_in_development(host: Host) -> None:
    bound = host.app.kernel.router.find(BASE + "/notes")
    assert bound is not None
    create: Any = bound[0].methods["POST"]
    told = (("content-type", "application/json"), ("content-language", "es"), ("etag", '"1"'))
    assert mismatch(create, Wire(201, told, b'{"id":"1","text":"a"}')) is None
    assert mismatch(create, Wire(201, told, b'{"id":"1"}')) == "/text required"
    assert mismatch(create, Wire(201, told[:2], b'{"id":"1","text":"a"}')) == "header ETag is missing"


def test_one_log_line_a_request_without_personal_data(caplog: pytest.LogCaptureFixture) -> None:
    host = Host(log=True)
    with caplog.at_level(logging.INFO, logger="istmo.access"):
        host.create({"text": CANARY})
        host.call("GET", f"/notes?limit={CANARY}", headers=host.auth())
        post(host, json.dumps({CANARY: CANARY}).encode())
    lines = [json.loads(record.message) for record in caplog.records if record.name == "istmo.access"]
    assert [(line["operation"], line["status"]) for line in lines] == [
        ("createNote", 201),
        ("listNotes", 400),
        ("createNote", 422),
    ]
    assert CANARY not in caplog.text
    host.close()


def test_identifiers_of_the_caller_are_continued_or_replaced(host: Host) -> None:
    mine = str(uuid.uuid4())
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = host.call("GET", "/health", headers={"Correlation-Id": mine, "traceparent": parent})
    assert answer.headers["correlation-id"] == mine
    assert answer.headers["traceparent"].startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert answer.headers["traceparent"] != parent
    other = host.call("GET", "/health", headers={"Correlation-Id": "x" * 2000, "traceparent": "00-zz-1-1"})
    assert str(uuid.UUID(other.headers["correlation-id"])) != mine
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", other.headers["traceparent"])


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("en", "en"), ("es", "es"), ("fr", "es"), ("", "es"), ("fr, en;q=0.3, es;q=0.2", "en")],
)
def test_problems_speak_the_language_asked_for(host: Host, wanted: str, language: str) -> None:
    answer = host.call("GET", "/nothing", headers={"Accept-Language": wanted})
    titles = {"en": "There is nothing here", "es": "Aquí no hay nada"}
    assert is_problem(answer, 404)["title"] == titles[language]
    assert answer.headers["content-language"] == language


def test_reading_with_tags(host: Host) -> None:
    made = host.create({"text": "a"})
    path = made.headers["location"].removeprefix(BASE)
    first = host.call("GET", path, headers=host.auth())
    assert first.headers["etag"] == made.headers["etag"] == '"1"'
    again = host.call("GET", path, headers={**host.auth(), "If-None-Match": '"1"'})
    assert (again.status_code, again.content) == (304, b"")
    head = host.call("HEAD", path, headers=host.auth())
    assert (head.status_code, head.content, head.headers["content-length"]) == (
        200,
        b"",
        first.headers["content-length"],
    )


def test_pages_hold_everything_once_also_while_records_are_added(host: Host) -> None:
    for number in range(7):
        host.create({"text": str(number)})
    seen: list[str] = []
    path = "/notes?limit=3"
    while path:
        answer = host.call("GET", path, headers=host.auth())
        seen += [item["text"] for item in answer.json()["items"]]
        link = answer.links.get("next", {}).get("url", "")
        path = link.removeprefix(BASE)
        if len(seen) == 3:
            host.create({"text": "7"})
    assert seen == ["0", "1", "2", "3", "4", "5", "6", "7"]


def test_a_cursor_is_its_owners_alone(host: Host) -> None:
    for number in range(3):
        host.create({"text": str(number)})
    cursor = host.call("GET", "/notes?limit=1", headers=host.auth()).json()["page"]["nextCursor"]
    theirs = host.call("GET", f"/notes?limit=1&cursor={cursor}", headers=host.auth("someone-else"))
    is_problem(theirs, 400, "invalid-parameter")


def test_the_contract_is_served_as_it_is(host: Host) -> None:
    answer = host.call("GET", "/")
    assert answer.json() == host.service.spec.document  # type: ignore[union-attr] # the fixture has one
    manifest = host.call("GET", "/_health/live")
    assert manifest.json() == {"status": "live"}
    assert host.call("GET", "/_health/ready").json()["status"] == "ready"
    found = host.do(host.client.get("/.well-known/istmo")).json()
    assert found["services"][0]["baseUrl"].endswith(BASE)
    keys = host.do(host.client.get("/.well-known/jwks.json")).json()["keys"]
    # The service's own and the development issuer's.
    assert [set(key) & {"d", "k", "p"} for key in keys] == [set(), set()]


@pytest.mark.parametrize("text", ["a%00b", "a%07b", "%E2%80%AE"])
def test_a_parameter_with_control_characters_never_reaches_the_store(text: str) -> None:
    async def list_notes(work: Work, limit: int, code: str = "") -> Answer:
        return (await work.page("notes", limit=limit, code=code)).answer()

    document = notes.document()
    parameters = document["paths"]["/notes"]["get"]["parameters"]
    parameters[:] = [parameters[0], {"name": "code", "in": "query", "schema": {"type": "string"}}]
    handlers = SimpleNamespace(**{**vars(notes.HANDLERS), "list_notes": list_notes})
    host = Host(Service("notes", handlers, spec=Spec(document, "notes"), code="NTS"))
    assert host.call("GET", "/notes?code=good", headers=host.auth()).status_code == 200
    refused = host.call("GET", f"/notes?code={text}", headers=host.auth())
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "wrong-format")
    host.close()
