"""ASGI applications by name: `istmo check --app tests.right_services.apps:NAME`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.right_services.liberties import LIBERTIES
from tests.wrong_services._gallery import Reference

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App


def __getattr__(name: str) -> App:
    if name not in LIBERTIES:
        raise AttributeError(name)
    return LIBERTIES[name].build(Reference())
