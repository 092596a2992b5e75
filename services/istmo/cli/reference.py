"""A reference service inside this process, for whoever names this place: the suite does, by string."""

from __future__ import annotations

from typing import Any


def build(slug: str, country: str) -> Any:
    """The reference of one service as a sandbox that forgets everything when the process ends."""
    from istmo.runtime import reference

    return reference.build(slug, country=country)
