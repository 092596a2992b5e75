"""A reference service inside this process, for whoever names this place: the suite does, by string."""

from __future__ import annotations

from typing import Any


def build(slug: str, country: str) -> Any:
    """The reference of a service as a sandbox that forgets everything when the process ends."""
    from istmo.runtime import create_app, rooms
    from istmo.runtime.settings import load

    settings = load(country=country, database="sqlite:///:memory:", environment="sandbox", log=False)
    return create_app(rooms.load(slug), settings=settings)
