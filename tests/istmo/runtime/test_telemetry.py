"""Spans say which operation, how it ended and how long it took; of what was asked they say nothing."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.istmo.runtime.host import Host

from istmo.errors import KitError
from istmo.runtime import telemetry
from istmo.runtime.settings import load

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ATTRIBUTES = {
    "http.request.method", "http.response.status_code", "istmo.service", "istmo.operation", "istmo.problem",
    "istmo.refused", "istmo.replayed", "istmo.outcome", "istmo.attempts",
}  # fmt: skip


@pytest.fixture
def seen() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    yield exporter
    exporter.shutdown()


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch, seen: InMemorySpanExporter) -> Iterator[Host]:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(seen))
    monkeypatch.setattr(telemetry, "tracer", lambda: provider.get_tracer("istmo"))
    host = Host(telemetry=True, log=True)
    seen.clear()
    yield host
    host.close()


def by_name(seen: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in seen.get_finished_spans()}


def test_a_request_and_its_unit_of_work_are_two_spans_of_the_callers_trace(
    traced: Host, seen: InMemorySpanExporter
) -> None:
    headers = {**traced.auth(), "Idempotency-Key": "key-00000001", "traceparent": PARENT}
    answer = traced.call("POST", "/notes", json={"text": "a"}, headers=headers)
    request, unit = by_name(seen)["createNote"], by_name(seen)["unit"]

    assert request.context is not None
    assert request.parent is not None
    assert unit.parent is not None
    assert f"{request.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert f"{request.parent.span_id:016x}" == "b7ad6b7169203331"
    assert unit.parent.span_id == request.context.span_id
    assert answer.headers["traceparent"] == f"00-0af7651916cd43dd8448eb211c80319c-{request.context.span_id:016x}-01"
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST",
        "http.response.status_code": 201,
        "istmo.service": "notes",
        "istmo.operation": "createNote",
    }
    assert dict(unit.attributes or {}) == {
        "istmo.service": "notes",
        "istmo.operation": "createNote",
        "istmo.outcome": "committed",
        "istmo.attempts": 1,
    }


def test_the_log_line_names_the_trace_of_the_span(
    traced: Host, seen: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "istmo.access"):
        traced.call("GET", "/health")
    (line,) = [json.loads(record.getMessage()) for record in caplog.records if record.name == "istmo.access"]
    (span,) = seen.get_finished_spans()
    assert span.context is not None
    assert line["traceId"] == f"{span.context.trace_id:032x}"


def test_a_failure_is_marked_without_its_words(traced: Host, seen: InMemorySpanExporter) -> None:
    traced.call("GET", "/faults?access_token=ana")
    traced.call("GET", "/faults")
    traced.create({"text": "break late"})
    traced.create({"text": "refuse me late"})
    traced.call("GET", "/people/ana-ficticia")
    spans = seen.get_finished_spans()

    found = [(span.name, span.status.status_code.name) for span in spans]
    assert found == [
        ("fail", "UNSET"), ("fail", "ERROR"), ("unit", "ERROR"), ("createNote", "ERROR"), ("unit", "UNSET"),
        ("createNote", "UNSET"), ("-", "UNSET"),
    ]  # fmt: skip
    assert [span.events for span in spans] == [()] * 7
    assert {span.status.description for span in spans} == {None}
    assert {name for span in spans for name in span.attributes or {}} <= ATTRIBUTES
    assert not {"12345", "ana"} & set(str([span.to_json() for span in spans]).replace("-", " ").split())


def test_a_caller_who_does_not_sample_is_followed(traced: Host, seen: InMemorySpanExporter) -> None:
    answer = traced.call("GET", "/health", headers={"traceparent": PARENT[:-2] + "00"})
    assert seen.get_finished_spans() == ()
    assert answer.headers["traceparent"].startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert answer.headers["traceparent"].endswith("-00")


@pytest.mark.parametrize(
    ("variables", "asked", "wanted"),
    [
        ({}, None, False),
        ({}, True, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, None, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, False, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, None, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}, None, False),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, None, True),
    ],
)
def test_spans_are_recorded_when_somebody_asks(
    variables: dict[str, str], asked: Any, wanted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*telemetry.ASKING, "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert telemetry.wanted(load(telemetry=asked).telemetry) is wanted


def test_without_the_extra_it_is_an_error_to_ask_by_name_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "NEEDED", ("opentelemetry.nothing.trace",))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    assert telemetry.wanted(None) is False
    with pytest.raises(KitError) as refused:
        Host(telemetry=True)
    assert refused.value.code == "no-telemetry"
    assert "istmo[telemetry]" in refused.value.hint


class Collector(BaseHTTPRequestHandler):
    """Takes what is exported."""

    taken: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.taken.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_what_waits_leaves_before_the_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        host = Host(telemetry=True)
        host.create({"text": "ana-ficticia"})
        host.close()
        server.shutdown()

    exported = b"".join(Collector.taken)
    assert b"createNote" in exported
    assert b"ana-ficticia" not in exported
