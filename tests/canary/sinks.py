"""Every place where a request may leave a trace: what is logged, printed, counted, traced, journalled, answered."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from istmo.runtime import logs


class Everything(logging.Handler):
    """Keeps what any formatter could make of a record: its words, their values, its extras, its exception."""

    def __init__(self) -> None:
        super().__init__(0)
        self.said: list[str] = []
        self.names: set[str] = set()
        self._plain = logging.Formatter("%(name)s %(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        extras = {name: value for name, value in vars(record).items() if name != "msg"}
        self.said.append(f"{self._plain.format(record)} {extras!r}")
        self.names.add(record.name)


class Sinks:
    """All of them together, while one sweep runs."""

    def __init__(self) -> None:
        self.raw = Everything()
        self.printed = io.StringIO()
        self.spans = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self.spans))
        self.metrics = ""
        self.journal: list[str] = []
        self.problems: list[str] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear every logger there is, at every level that the web server's own settings let through."""
        lines = logs.Lines(self.printed)
        lines.setFormatter(logs.Formatter())
        root, own = logging.getLogger(), logging.getLogger("istmo")
        before = root.level, own.level
        root.setLevel(logging.DEBUG)
        own.setLevel(logging.DEBUG)
        apart = [
            logger
            for logger in logging.Logger.manager.loggerDict.values()
            if isinstance(logger, logging.Logger) and not logger.propagate
        ]
        for logger in (root, *apart):
            logger.addHandler(self.raw)
            logger.addHandler(lines)
        try:
            yield
        finally:
            for logger in (root, *apart):
                logger.removeHandler(self.raw)
                logger.removeHandler(lines)
            root.setLevel(before[0])
            own.setLevel(before[1])

    def texts(self) -> dict[str, str]:
        """What each sink holds."""
        return {
            "log records": "\n".join(self.raw.said),
            "log lines": self.printed.getvalue(),
            "metrics": self.metrics,
            "spans": "\n".join(span.to_json() for span in self.spans.get_finished_spans()),
            "journal": "\n".join(self.journal),
            "problems of others": "\n".join(self.problems),
        }
