"""Named moments at which a test lets this process die, fail or wait; a production process refuses to have any.

Random kills rarely hit the moment between a commit and its answer; a named moment hits it every time. The setting
`ISTMO_FAIL_POINTS` arms them: `after-commit=die`, `signing=raise`, `before-delivery=wait:0.5`; a number after an at
sign lets the first ones pass (`before-commit=die@3`), and commas separate several.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

from istmo.errors import KitError

POINTS = ("before-commit", "after-commit", "signing", "before-delivery", "after-delivery")
ACTIONS = ("die", "raise", "wait")
LONGEST = 60.0  # seconds


class Failed(OSError):
    """What a fail-point raises: an error of the kind that disks and networks make."""


@dataclass(slots=True)
class _Armed:
    action: str
    seconds: float
    left: int  # how often the moment passes before something happens


_armed: dict[str, _Armed] = {}


def arm(text: str) -> None:
    """Arm what a setting says, and disarm everything else."""
    _armed.clear()
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, order = part.partition("=")
        order, _, count = order.partition("@")
        action, _, seconds = order.partition(":")
        try:
            armed = _Armed(action, float(seconds or 0), int(count or 1) - 1)
        except ValueError:
            armed = _Armed("", 0.0, 0)
        if name not in POINTS or armed.action not in ACTIONS or not 0 <= armed.seconds <= LONGEST or armed.left < 0:
            hint = f"moments: {', '.join(POINTS)}; what happens: die, raise, wait:SECONDS; from which time on: @NUMBER"
            raise KitError("fail-points", f"{part!r} is no fail-point", hint)
        _armed[name] = armed


def reach(name: str) -> None:
    """Pass a moment; what is armed for it happens."""
    armed = _armed.get(name)
    if armed is None:
        return
    if armed.left:
        armed.left -= 1
        return
    if armed.action == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if armed.action == "raise":
        raise Failed(f"fail-point {name}")
    time.sleep(armed.seconds)
