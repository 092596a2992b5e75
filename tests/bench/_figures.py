"""One measured figure, and the table of what is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Measure = Callable[[], Iterator["Figure"]]
MEASURES: dict[str, Measure] = {}
SLOW: set[str] = set()  # measurements that take minutes


@dataclass(frozen=True)
class Figure:
    """A value in a unit, and the most or the least that it should be (neither: told, not judged)."""

    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def met(self) -> bool:
        """Whether the value is within its bounds."""
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def line(self) -> str:
        """The figure as one line: name, value, unit, target, ok or short."""
        bounds = (("<=", self.most), (">=", self.least))
        target = " ".join(f"{sign}{bound:.10g}" for sign, bound in bounds if bound is not None) or "-"
        word = "-" if target == "-" else "ok" if self.met else "short"
        return f"{self.name:<44} {self.value:>10.3f}  {self.unit:<12} {target:<8} {word}"


def measure(name: str, *, slow: bool = False) -> Callable[[Measure], Measure]:
    """Register a measurement under a name; a slow one runs when it is named, or when all slow ones are asked for."""

    def register(function: Measure) -> Measure:
        MEASURES[name] = function
        if slow:
            SLOW.add(name)
        return function

    return register
