"""The running half of the kernel: what rooms declare, what handlers work with, and the application around them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from istmo.errors import Problem

    from .app import create_app
    from .cases import Case
    from .national import National
    from .service import Collection, Service
    from .settings import Settings
    from .sources import Source
    from .store import Query
    from .work import Answer, Caller, Page, Record, Work

__all__ = [
    "Answer",
    "Caller",
    "Case",
    "Collection",
    "National",
    "Page",
    "Problem",
    "Query",
    "Record",
    "Service",
    "Settings",
    "Source",
    "Work",
    "create_app",
]

_HOMES = {
    "Answer": "istmo.runtime.work",
    "Caller": "istmo.runtime.work",
    "Case": "istmo.runtime.cases",
    "Collection": "istmo.runtime.service",
    "National": "istmo.runtime.national",
    "Page": "istmo.runtime.work",
    "Problem": "istmo.errors",
    "Query": "istmo.runtime.store",
    "Record": "istmo.runtime.work",
    "Service": "istmo.runtime.service",
    "Settings": "istmo.runtime.settings",
    "Source": "istmo.runtime.sources",
    "Work": "istmo.runtime.work",
    "create_app": "istmo.runtime.app",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
