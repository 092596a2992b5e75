"""The templates of the kit by name; each is loaded when it is asked for."""

from __future__ import annotations

import importlib
from typing import Any, Final

from istmo.errors import KitError
from istmo.scaffold.answers import Template
from istmo.texts import suggestion, text

__all__ = ["NAMES", "find"]

NAMES: Final = ("service", "profile", "spec")


def find(name: str) -> Template[Any]:
    """Return a template, or refuse a name that none has."""
    if name not in NAMES:
        raise KitError("unknown-template", text("scaffold.no-template", name=name), suggestion(name, NAMES))
    template: Template[Any] = importlib.import_module(f"istmo.scaffold.{name}").TEMPLATE
    return template
