"""Mutated references by name, `MODULE__at__NUMBER__in__COUNTRY`: `istmo check --app tests.mutants.apps:NAME`."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from tests.mutants import _mutate
from tests.wrong_services._gallery import Reference


class Mutating(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module in its mutated form; everything else is loaded as ever."""

    def __init__(self, module: str, index: int) -> None:
        self._module = module
        self._index = index

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Speak for the one module."""
        del path, target
        if fullname != self._module:
            return None
        return importlib.util.spec_from_file_location(fullname, _mutate.path_of(fullname), loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run the mutated source."""
        code = compile(_mutate.source(self._module, self._index), str(_mutate.path_of(self._module)), "exec")
        exec(code, module.__dict__)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - an ASGI application
    mutant, _, country = name.partition("__in__")
    place, at, index = mutant.rpartition("__at__")
    module = place.replace("__", ".")
    if not at or module not in _mutate.TARGETS:
        raise AttributeError(name)
    slug = _mutate.mutants(module)[int(index)].slug
    if module in sys.modules:
        raise RuntimeError(f"{module} was loaded before it could be changed")
    sys.meta_path.insert(0, Mutating(module, int(index)))
    app = Reference(slug, country).app()
    if module not in sys.modules:
        raise RuntimeError(f"the reference does not use {module}")
    return app
