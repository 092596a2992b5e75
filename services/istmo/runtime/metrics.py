"""Figures of a process for Prometheus, with labels from closed sets only; loaded only where they are wanted."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from .health import kit_version
from .observe import Observer, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prometheus_client import Metric

    from .service import AppContext
    from .trace import Trace

disable_created_metrics()  # type: ignore[no-untyped-call] # untyped; a second figure a counter, which nobody asks for

MEDIA_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"  # where several workers keep what one answer tells of all of them
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(frozen=True)
class Family:
    """A metric as it is documented: its name without suffixes, what it is, its labels, what it tells."""

    name: str
    kind: str
    labels: tuple[str, ...]
    tells: str


REQUESTS: Final = Family("istmo_requests", "counter", ("service", "operation", "status"), "Requests that were answered")
SECONDS: Final = Family("istmo_request_seconds", "histogram", ("service", "operation"), "Seconds until the answer")
IN_FLIGHT: Final = Family("istmo_requests_in_flight", "gauge", (), "Requests that are being served now")
REFUSED: Final = Family("istmo_refused", "counter", ("reason",), "Requests that were refused before they were read")
UNITS: Final = Family("istmo_units", "counter", ("service", "outcome"), "Units of work that ended")
RETRIES: Final = Family("istmo_unit_retries", "counter", ("service",), "Times that a unit of work began again")
REPLAYS: Final = Family(
    "istmo_idempotency_replays", "counter", ("service", "operation"), "Answers that were given again for their key"
)
DELIVERIES: Final = Family(
    "istmo_deliveries", "counter", ("service", "outcome"), "Deliveries of events by how they went"
)
OUTBOX: Final = Family("istmo_outbox", "gauge", ("state",), "Deliveries that wait, and those that were given up")
READY: Final = Family("istmo_ready", "gauge", (), "Whether the process is ready: 1 or 0")
DATABASE: Final = Family("istmo_database_ready", "gauge", (), "Whether the database takes a write now: 1 or 0")
WARNINGS: Final = Family("istmo_database_warnings", "gauge", (), "What an operator should know about the database")
BUILD: Final = Family("istmo_build_info", "gauge", ("version", "engine", "engine_version"), "What runs here; always 1")

FAMILIES: Final = (
    REQUESTS, SECONDS, IN_FLIGHT, REFUSED, UNITS, RETRIES, REPLAYS,
    DELIVERIES, OUTBOX, READY, DATABASE, WARNINGS, BUILD,
)  # fmt: skip


class Metrics(Observer):
    """Counts what happens in this process, or in all workers that share a folder."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = self._counter(REQUESTS)
        self._seconds = Histogram(SECONDS.name, SECONDS.tells, SECONDS.labels, buckets=BUCKETS, registry=self._registry)
        self._in_flight = Gauge(IN_FLIGHT.name, IN_FLIGHT.tells, registry=self._registry, multiprocess_mode="livesum")
        self._refused = self._counter(REFUSED)
        self._units = self._counter(UNITS)
        self._retries = self._counter(RETRIES)
        self._replays = self._counter(REPLAYS)
        self._deliveries = self._counter(DELIVERIES)

    def _counter(self, family: Family) -> Counter:
        return Counter(family.name, family.tells, family.labels, registry=self._registry)

    def begun(self, about: Trace) -> None:  # noqa: ARG002 - the observer's signature
        """Count a request in."""
        self._in_flight.inc()

    def ended(self, about: Trace, status: int, seconds: float) -> None:
        """Count a request out."""
        self._in_flight.dec()
        service, operation = about.service or "-", about.operation or "-"
        self._requests.labels(service, operation, str(status) if status else "-").inc()
        self._seconds.labels(service, operation).observe(seconds)
        if about.refused:
            self._refused.labels(about.refused).inc()
        if about.replayed:
            self._replays.labels(service, operation).inc()

    def unit_ended(self, unit: Unit) -> None:
        """Count a unit of work."""
        self._units.labels(unit.service, unit.outcome).inc()
        if unit.attempts > 1:
            self._retries.labels(unit.service).inc(unit.attempts - 1)

    def delivered(self, service: str, outcome: str) -> None:
        """Count a delivery."""
        self._deliveries.labels(service, outcome).inc()

    def text(self, now: Iterable[Metric]) -> bytes:
        """Return everything counted and what was just looked up, in Prometheus' text format."""
        registry = self._registry
        if FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library leaves it untyped
        looked_up = CollectorRegistry()
        looked_up.register(_Now(now))
        return generate_latest(registry) + generate_latest(looked_up)


class _Now(Collector):
    """Figures that are looked up when somebody asks."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


async def now(app: AppContext, *, ready: bool, database: bool) -> list[Metric]:
    """Return what is true of the database and the process at this moment."""
    engine, engine_version = app.store.engine()
    backlog = await app.store.backlog() if database else {}
    return [
        _gauge(OUTBOX, {(state,): float(count) for state, count in backlog.items()}),
        _gauge(READY, {(): float(ready)}),
        _gauge(DATABASE, {(): float(database)}),
        _gauge(WARNINGS, {(): float(len(app.store.warnings()))}),
        _gauge(BUILD, {(kit_version(), engine, engine_version): 1.0}),
    ]


def _gauge(family: Family, values: Mapping[tuple[str, ...], float]) -> GaugeMetricFamily:
    found = GaugeMetricFamily(family.name, family.tells, labels=family.labels)
    for labels, value in values.items():
        found.add_metric(labels, value)
    return found
