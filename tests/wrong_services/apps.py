"""ASGI applications by name: `istmo check --app tests.wrong_services.apps:NAME`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _constant, _pairs
from ._gallery import Reference, gallery

if TYPE_CHECKING:
    from ._tamper import App


def __getattr__(name: str) -> App:
    server, _, slug = name.partition(_constant.OF)
    if server in _constant.SERVERS:
        return _constant.build(server, slug)
    if _pairs.AND in name:
        return _pairs.build(name)
    variants = gallery()
    if name == "reference":
        return Reference().app()
    if name not in variants:
        raise AttributeError(name)
    variant = variants[name]
    return variant.build(Reference(variant.slug, variant.country))
