"""Puts other parts in the place of those of the product: how wrong services and wrong runtimes are made."""

from __future__ import annotations

import importlib
from typing import Any


def _home(place: str) -> Any:  # noqa: ANN401 - a module or a class
    module, _, name = place.partition(":")
    found = importlib.import_module(module)
    return getattr(found, name) if name else found


class Parts:
    """The parts of the product in this process; each variant has a process of its own, so nothing is put back."""

    def replace(self, place: str, **parts: object) -> None:
        """Put other parts in the place of those of a module or `module:Class`."""
        target = _home(place)
        for name, part in parts.items():
            if not hasattr(target, name):
                raise AttributeError(f"{place} has no {name}: the variant is out of date")
            setattr(target, name, part)

    def original(self, place: str, name: str) -> Any:  # noqa: ANN401 - any part of any module
        """Return the part that `replace` will take the place of."""
        return getattr(_home(place), name)
