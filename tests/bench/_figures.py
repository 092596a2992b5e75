"""One measured figure, and the table of what is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Measure = Callable[[], Iterator["Figure"]]
MEASURES: dict[str, Measure] = {}


@dataclass(frozen=True)
class Figure:
    """A value in a unit, and the most, or the least, that it should be (None: told, not judged)."""

    name: str
    value: float
    unit: str
    target: float | None = None
    least: float | None = None

    @property
    def line(self) -> str:
        """The figure as one line: name, value, unit, target, ok or short."""
        if self.target is not None:
            word, target = "ok" if self.value <= self.target else "short", f"<={self.target:g}"
        elif self.least is not None:
            word, target = "ok" if self.value >= self.least else "short", f">={self.least:g}"
        else:
            word = target = "-"
        return f"{self.name:<44} {self.value:>10.3f}  {self.unit:<12} {target:<8} {word}"


def measure(name: str) -> Callable[[Measure], Measure]:
    """Register a measurement under a name."""

    def register(function: Measure) -> Measure:
        MEASURES[name] = function
        return function

    return register
