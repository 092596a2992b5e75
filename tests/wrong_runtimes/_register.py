"""The register of wrong runtimes: what each breaks, how it is spoiled, and by which tests it must fall."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from tests.parts import Parts

VARIABLE = "ISTMO_TEST_WRONG_RUNTIME"  # names the variant to the processes that a judged test starts

Spoil = Callable[[Parts], None]


@dataclass(frozen=True)
class Wrong:
    """One wrong runtime: the requirement that it breaks, a sentence, and the tests that must notice."""

    name: str
    breaks: str
    sentence: str
    by: tuple[str, ...]
    spoil: Spoil
    engine: str
    slow: bool


_REGISTER: dict[str, Wrong] = {}


def wrong(breaks: str, sentence: str, *by: str, engine: str = "sqlite", slow: bool = False) -> Callable[[Spoil], Spoil]:
    """Register a variant with the tests of its requirement that must fall; they run on one engine."""

    def register(spoil: Spoil) -> Spoil:
        name = spoil.__name__
        if name in _REGISTER:
            raise ValueError(f"two wrong runtimes are called {name}")
        _REGISTER[name] = Wrong(name, breaks, sentence, by, spoil, engine, slow)
        return spoil

    return register


def gallery() -> dict[str, Wrong]:
    """Return every wrong runtime by name."""
    from . import gallery as rooms

    for found in pkgutil.iter_modules(rooms.__path__):
        importlib.import_module(f"{rooms.__name__}.{found.name}")
    return dict(sorted(_REGISTER.items()))


def spoil(name: str) -> None:
    """Make this process run the wrong runtime of a name; there is no way back."""
    gallery()[name].spoil(Parts())
