"""Another system behind the service: records that it holds are read from there, mapped, and never written there.

CHANGE THIS: `source.py` maps the tables of an invented system, `schema.sql`. Put the statements of yours in their place.
What the service changes of such a record is kept in its own store, with the journal; the service's events tell the
other system about it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from istmo.runtime import Collection, Service

from .source import Legacy

__all__ = ["VARIABLE", "behind"]

VARIABLE = "LEGACY_DATABASE"


def behind(service: Service) -> Service:
    """Return the service with the other system behind the kinds of records that it holds, if the environment names it."""
    database = os.environ.get(VARIABLE)
    if not database:
        return service
    source = Legacy(Path(database))
    kinds = source.kinds()
    declared = [replace(one, source=source) if one.name in kinds else one for one in service.collections]
    names = {one.name for one in declared}
    return replace(service, collections=[*declared, *(Collection(kind, source=source) for kind in kinds - names)])
