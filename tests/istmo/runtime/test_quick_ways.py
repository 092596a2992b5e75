"""What is done quickly for nearly every request is what the long way would have done."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.istmo.runtime.host import BASE, Host
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from istmo.errors import Problem
from istmo.runtime import answers, logs, parse
from istmo.runtime._cycle import Cycle
from istmo.runtime.store import Record, Stored
from istmo.runtime.work import Page

ENGINES = ("sqlite",)

# ---------------------------------------------------------------------- reading a body

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["e\u0301", "\u200b", "\x7f", "\\", '"', "a\nb", "\ufeff", "\U0001f600", "2.0", ":8.0"]
)
LEAVES = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(-1e6, 1e6) | TEXTS
DOCUMENTS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=20
)


def read(data: bytes) -> Any:
    try:
        return repr(parse.decode(data))
    except Problem as problem:
        return problem.code, problem.errors


@settings(deadline=None)
@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 1]))
def test_a_body_is_read_as_by_the_long_way(document: Any, escaped: bool, indent: int | None) -> None:  # noqa: FBT001 - drawn
    data = json.dumps(document, ensure_ascii=escaped, indent=indent).encode()
    quick = read(data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parse, "_is_plain", lambda *_: False)
        assert quick == read(data)


def test_the_bounds_of_a_body_are_the_same() -> None:
    for text in ("[" * 33 + "]" * 33, json.dumps([0] * 20_000), '{"a":{"b":1,"b":2}}'):
        assert read(text.encode()) == ("malformed-json", ())
    assert read(("[" * 32 + "]" * 32).encode()) == "[" * 32 + "]" * 32


# ---------------------------------------------------------------------- records as they are stored


def stored(doc: str = '{"id":"n1","text":"ñ"}') -> Stored:
    return Stored((7, "notes", "n1", "ana", 2, doc, '{"h":1}', '{"code":"c"}'))


def test_a_record_reads_its_texts_when_it_is_asked_and_is_equal_to_any_other() -> None:
    record = stored()
    assert record == Record("notes", "n1", 7, "ana", 2, {"id": "n1", "text": "ñ"}, {"h": 1}, {"code": "c"})
    assert record != stored('{"id":"n1"}')
    assert record.doc is record.doc
    with pytest.raises(AttributeError):
        record.nothing  # type: ignore[attr-defined] # noqa: B018 - the point


def test_a_record_goes_out_as_stored_until_somebody_may_have_changed_it() -> None:
    odd = '{"id": "n1","n":1.50}'
    assert answers.encoded(stored(odd)) == odd.encode()
    changed = stored(odd)
    changed.doc["n"] = 2
    assert answers.encoded(changed) == b'{"id":"n1","n":2}'
    plain = Record("notes", "n2", 8, "ana", 1, {"id": "n2"})
    page = Page([stored(odd), changed, plain], 3, None, None).answer(total=3)
    assert answers.encoded(page.body) == (
        b'{"items":[{"id": "n1","n":1.50},{"id":"n1","n":2},{"id":"n2"}],"page":{"limit":3},"total":3}'
    )


# ---------------------------------------------------------------------- log lines

FACTS: dict[str, logs.Fact] = {
    "correlationId": "11111111-1111-4111-8111-111111111111", "traceId": "0" * 32, "method": "GET",
    "service": "notes", "operation": "getNote", "status": 200, "ms": 0.1,
}  # fmt: skip


@pytest.mark.parametrize(
    "changed", [{}, {"service": 'a"b'}, {"operation": "a b"}, {"ms": 1e20}, {"ms": 3}, {"code": "x"}]
)
def test_a_line_is_the_json_of_what_it_may_show(changed: dict[str, logs.Fact]) -> None:
    entry = logs.Entry("request", FACTS | changed)
    assert str(entry) == json.dumps(entry.shown())


def test_lines_of_one_turn_leave_together_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    logger, root = logging.getLogger("istmo.access"), logging.getLogger()
    before = root.handlers[:], root.level, logging.getLogger("istmo").level
    logs.configure("info", stream)
    try:

        async def main() -> str:
            logs.write(logger, logging.INFO, "request", status=1)
            logs.write(logger, logging.INFO, "request", status=2)
            early = stream.getvalue()
            logging.getLogger("other").warning("words of others")
            logs.write(logger, logging.INFO, "request", status=3)
            await asyncio.sleep(0)
            return early

        assert asyncio.run(main()) == ""
        logs.write(logger, logging.INFO, "request", status=4)
        monkeypatch.setattr(root.handlers[0], "stream", None)
        logs.write(logger, logging.INFO, "request", status=5)  # nobody is told that it cannot be written
    finally:
        root.handlers[:], level, own = before
        root.setLevel(level)
        logging.getLogger("istmo").setLevel(own)
        logging.captureWarnings(capture=False)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line.get("status", line["event"]) for line in lines] == [1, 2, "withheld", 3, 4]
    assert {tuple(line)[:3] for line in lines} == {("time", "level", "logger")}


# ---------------------------------------------------------------------- answers on their connection


def written(kind: Any, *messages: dict[str, Any], **scope: Any) -> bytes:
    """What an answer becomes on its connection, with as much of a server as it needs."""
    out: list[bytes] = []
    transport = SimpleNamespace(write=out.append, close=lambda: out.append(b"<closed>"), is_closing=lambda: False)

    async def main() -> None:
        cycle = kind(
            scope={"method": "GET", **scope}, transport=transport, flow=SimpleNamespace(write_paused=False),
            logger=logging.getLogger("x"), access_logger=logging.getLogger("x"), access_log=False,
            default_headers=[(b"date", b"today")], message_event=asyncio.Event(), expect_100_continue=False,
            keep_alive=True, on_response=lambda: out.append(b"<done>"),
        )  # fmt: skip
        for message in messages:
            await cycle.send(message)

    try:
        asyncio.run(main())
    except RuntimeError:
        out.append(b"<refused>")
    return b"".join(out)


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": [*headers]}


def body(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


LENGTH = (b"content-length", b"2")


@pytest.mark.parametrize(
    "messages",
    [
        (start(LENGTH, (b"etag", b'"1"')), body(b"ab")),
        (start(LENGTH), body(b"a", more=True), body(b"b")),
        (start(LENGTH), body(b"abc")),
        (start(LENGTH), body(b"a")),
        (start(LENGTH, (b"connection", b"close")), body(b"ab")),
        (start(LENGTH, LENGTH), body(b"ab")),
        (start((b"x", b"y")), body(b"ab")),
        (start(status=204), body(b"")),
        (start(LENGTH, (b"location", b"/a\r\nset-cookie: b")), body(b"ab")),
        (start(LENGTH, (b"a:b", b"c")), body(b"ab")),
        (start(LENGTH, (b"", b"c")), body(b"ab")),
        (start(LENGTH), start(LENGTH)),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_is_written_as_the_server_writes_it(messages: tuple[dict[str, Any], ...], method: str) -> None:
    theirs = written(RequestResponseCycle, *messages, method=method)
    ours = written(Cycle, *messages, method=method)
    assert ours == theirs


# ---------------------------------------------------------------------- programs that build on the application


def test_what_a_program_adds_comes_before_the_kernel(host: Host) -> None:
    seen: list[str] = []

    class Layer:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(scope["path"])
            await self.app(scope, receive, send)

    host.app.add_middleware(Layer)

    @host.app.get(f"{BASE}/health")
    async def health() -> dict[str, str]:
        return {"answered": "by the program"}

    assert host.call("GET", "/health").json() == {"answered": "by the program"}
    assert host.create({"text": "a"}).status_code == 201
    assert seen == [f"{BASE}/health", f"{BASE}/notes"]


def test_a_program_may_handle_its_own_errors(host: Host) -> None:
    @host.app.exception_handler(RuntimeError)
    async def handled(*_: Any) -> Any:
        raise Problem("conflict")

    assert host.call("GET", "/faults").json()["code"] == "conflict"
