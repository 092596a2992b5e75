"""Who is told what happens in a process: log lines, metrics, spans. The kernel knows only `Observer`."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from istmo.errors import Problem

from . import logs
from .store import StoreBusy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .settings import Settings
    from .trace import Trace

PROBES: Final = frozenset({"live", "ready", "metrics"})  # asked every few seconds: told only when they go wrong

OUTCOMES: Final = ("committed", "replayed", "refused", "busy", "failed")


@dataclass(slots=True)
class Unit:
    """One unit of work as observers see it; its outcome is one of `OUTCOMES` when it has ended."""

    service: str
    operation: str = "system"
    attempts: int = 0  # above 1: the store began it again
    outcome: str = "committed"
    span: Any = None


class Observer:
    """Hears what happens; this one does nothing about it."""

    def begun(self, about: Trace) -> None:
        """Hear of a request that has just come in."""

    def ended(self, about: Trace, status: int, seconds: float) -> None:
        """Hear how a request ended; status 0: it was cut off before an answer."""

    def unit_begun(self, unit: Unit) -> None:
        """Hear of a unit of work that begins."""

    def unit_ended(self, unit: Unit) -> None:
        """Hear how a unit of work ended."""

    def delivered(self, service: str, outcome: str) -> None:
        """Hear how the delivery of an event went: `delivered`, `failed` or `parked`."""

    def stopped(self) -> None:
        """Hear that the process ends."""


class AccessLog(Observer):
    """One line for each request."""

    def ended(self, about: Trace, status: int, seconds: float) -> None:
        """Write the line."""
        level = logging.DEBUG if about.operation in PROBES and status < 400 else logging.INFO  # noqa: PLR2004 - errors
        facts: dict[str, logs.Fact] = {
            "correlationId": about.correlation_id,
            "traceId": about.trace_id,
            "method": about.method,
            "service": about.service or "-",
            "operation": about.operation or "-",
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        if about.code:
            facts["code"] = about.code
        if about.refused:
            facts["refused"] = about.refused
        if about.repeated:
            facts["repeated"] = about.repeated[0]
        if about.replayed:
            facts["replayed"] = True
        logs.write(logs.ACCESS, level, "request", **facts)


@contextmanager
def unit_of(observers: Sequence[Observer], service: str) -> Iterator[Unit]:
    """A unit of work that observers hear of, from before its first attempt until it is settled."""
    unit = Unit(service)
    for observer in observers:
        observer.unit_begun(unit)
    try:
        yield unit
    except BaseException as error:
        unit.outcome = "refused" if isinstance(error, Problem) else "busy" if isinstance(error, StoreBusy) else "failed"
        raise
    finally:
        for observer in reversed(observers):
            observer.unit_ended(unit)


def build(settings: Settings) -> list[Observer]:
    """Return the observers that the settings ask for; what is not asked for is not even loaded."""
    found: list[Observer] = []
    if settings.log:
        found.append(AccessLog())
    if settings.metrics:
        from .metrics import Metrics  # noqa: PLC0415 - loaded only where it is wanted

        found.append(Metrics())
    from . import telemetry  # noqa: PLC0415 - it decides by itself whether its library is loaded

    if telemetry.wanted(settings.telemetry):
        found.append(telemetry.Spans(telemetry.tracer()))
    return found
