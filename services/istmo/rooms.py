"""Finds the rooms of services: packages that entry points of the group `istmo.rooms` name hold one module each."""

from __future__ import annotations

import importlib
import importlib.util
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from istmo.errors import KitError
from istmo.names import is_slug

if TYPE_CHECKING:
    from istmo.runtime.service import Service

__all__ = ["folder", "load"]

GROUP = "istmo.rooms"
REFERENCE = "reference"  # the name of the entry point whose rooms come with the kit


def load(slug: str) -> Service:
    """Return the service that the first package with a room of that name declares."""
    from istmo.runtime.service import Service  # noqa: PLC0415 - listing rooms costs no runtime

    for package in _packages():
        name = f"{package}.{slug}"
        if not is_slug(slug) or importlib.util.find_spec(name) is None:
            continue
        service = getattr(importlib.import_module(name), "service", None)
        if isinstance(service, Service):
            return service
        raise KitError("room", f"{name} declares no service", "a room holds `service = Service(...)`")
    raise KitError("unknown-service", f"no room is called {slug}", "`istmo services` lists the services")


def folder(slug: str) -> Path:
    """Return the folder of the reference's room of that name; nothing of it is run."""
    for entry in entry_points(group=GROUP, name=REFERENCE):
        found = importlib.util.find_spec(entry.value)
        for place in (found.submodule_search_locations or ()) if found is not None else ():
            if is_slug(slug) and (Path(place) / slug / "__init__.py").is_file():
                return Path(place) / slug
    raise KitError("unknown-service", f"no room is called {slug}", "`istmo services` lists the services")


def _packages() -> list[str]:
    """Return the packages that hold rooms, those of countries before the reference."""
    found = sorted(entry_points(group=GROUP), key=lambda entry: (entry.name == REFERENCE, entry.name))
    return list(dict.fromkeys(entry.value for entry in found))
