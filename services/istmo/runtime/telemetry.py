"""Spans for OpenTelemetry, by its API: a name and attributes from closed sets, never an event, a message or a path."""

from __future__ import annotations

import importlib.util
import os
import threading
from typing import TYPE_CHECKING, Any, Final

from istmo.errors import KitError

from .observe import Observer, Unit

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

    from .trace import Trace

# The standard variables by which an operator asks for traces.
ASKING: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")
NEEDED: Final = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")
LAST_WORDS: Final = 3.0  # seconds in which spans that wait may still leave when the process ends


def wanted(setting: bool | None) -> bool:  # noqa: FBT001 - the value of one setting
    """Tell whether spans are recorded; asked for by name and not installed, the process does not start."""
    if setting is None:
        disabled = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
        exporter = os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower()
        asked = any(os.environ.get(name) for name in ASKING)
        return asked and exporter == "otlp" and not disabled and installed()
    if setting and not installed():
        message = "ISTMO_TELEMETRY asks for traces, and OpenTelemetry is not installed"
        raise KitError("no-telemetry", message, "pip install 'istmo[telemetry]', or unset ISTMO_TELEMETRY")
    return setting


def installed() -> bool:
    """Tell whether the extra is installed, without loading it."""
    try:
        return all(importlib.util.find_spec(name) is not None for name in NEEDED)
    except ModuleNotFoundError:
        return False


def tracer() -> Tracer:
    """Return a tracer that exports by OTLP over HTTP, to where the standard variables say."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - the extra
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - the extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - the extra
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - the extra

    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": "istmo"}
    provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("istmo")


class Spans(Observer):
    """One span for each request and one beneath it for each unit of work."""

    def __init__(self, tracer: Tracer) -> None:
        from opentelemetry import context, trace  # noqa: PLC0415 - the extra

        self._tracer = tracer
        self._trace = trace
        self._context = context

    def begun(self, about: Trace) -> None:
        """Begin the span of a request, beneath the caller's when there is one; log lines take its trace id."""
        parent = self._context.Context()
        if about.parent_id:
            remote = self._trace.SpanContext(
                int(about.trace_id, 16),
                int(about.parent_id, 16),
                is_remote=True,
                trace_flags=self._trace.TraceFlags(int(about.flags, 16)),
            )
            parent = self._trace.set_span_in_context(self._trace.NonRecordingSpan(remote), parent)
        span = self._tracer.start_span("-", context=parent, kind=self._trace.SpanKind.SERVER)
        told = span.get_span_context()
        if told.is_valid:
            about.trace_id, about.span_id = f"{told.trace_id:032x}", f"{told.span_id:016x}"
            about.flags = f"{int(told.trace_flags):02x}"
        token = self._context.attach(self._trace.set_span_in_context(span, parent))
        about.span = (span, token)

    def ended(self, about: Trace, status: int, seconds: float) -> None:  # noqa: ARG002 - the observer's signature
        """End the span of a request."""
        span, token = about.span
        self._context.detach(token)
        span.update_name(about.operation or "-")
        facts = {
            "http.request.method": about.method if about.method != "?" else "_OTHER",
            "http.response.status_code": status,
            "istmo.service": about.service or "-",
            "istmo.operation": about.operation or "-",
            "istmo.problem": about.code,
            "istmo.refused": about.refused,
            "istmo.replayed": about.replayed,
        }
        span.set_attributes({name: value for name, value in facts.items() if value})
        self._end(span, failed=status == 0 or status >= 500)  # noqa: PLR2004 - errors of the service itself

    def unit_begun(self, unit: Unit) -> None:
        """Begin the span of a unit of work."""
        unit.span = self._tracer.start_span("unit", kind=self._trace.SpanKind.INTERNAL)

    def unit_ended(self, unit: Unit) -> None:
        """End the span of a unit of work."""
        facts: dict[str, Any] = {
            "istmo.service": unit.service,
            "istmo.operation": unit.operation,
            "istmo.outcome": unit.outcome,
            "istmo.attempts": unit.attempts,
        }
        unit.span.set_attributes(facts)
        self._end(unit.span, failed=unit.outcome in {"busy", "failed"})

    def _end(self, span: Span, *, failed: bool) -> None:
        """End a span; why it failed is told by attributes, a description could quote anything."""
        if failed:
            span.set_status(self._trace.StatusCode.ERROR)
        span.end()

    def stopped(self) -> None:
        """Let spans that wait leave, for a moment at most."""
        provider = getattr(self._tracer, "span_processor", None)
        if provider is None:
            return
        last = threading.Thread(target=provider.shutdown, daemon=True)
        last.start()
        last.join(LAST_WORDS)
