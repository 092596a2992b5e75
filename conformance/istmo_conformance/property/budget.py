"""How much the property layer may do."""

from __future__ import annotations

from dataclasses import dataclass

SECONDS = 60.0


@dataclass(frozen=True)
class Budget:
    """The cases of an operation decide what is called; the clock only decides where to stop."""

    seconds: float = SECONDS
    listed: int = 24  # cases of an operation that the contract itself suggests: examples and bounds
    searched: int = 16  # cases of an operation that are drawn at random
    shrinking: int = 40  # cases that may be spent on making a counter-example small
    operations: tuple[str, ...] = ()  # only these; all when empty
