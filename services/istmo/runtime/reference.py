"""The reference service behind a slug, ready to be served or judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from istmo.rooms import load as load_room

from .app import create_app
from .settings import load

if TYPE_CHECKING:
    from .app import Application


def build(*slugs: str, country: str = "XX", **settings: Any) -> Application:  # noqa: ANN401 - any setting
    """Return the application of the reference services, in memory unless a database is named."""
    chosen = {"database": "sqlite:///:memory:", "country": country, "log": False, **settings}
    return create_app(*(load_room(slug) for slug in slugs), settings=load(**chosen))
