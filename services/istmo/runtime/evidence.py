"""Evidence as the service keeps it, made from what somebody handed in."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from . import instants

if TYPE_CHECKING:
    from .store import Json

ME = "me"


def received(given: Json, mine: str) -> Json:
    """Return evidence that was uploaded: named, with its subject by identifier and its instants in UTC."""
    subject = given["subject"]
    times: Json = {name: instants.utc(given[name]) for name in ("issuedAt", "validUntil") if name in given}
    whose = {**subject, "id": mine} if subject["id"] == ME else subject
    return {**given, **times, "id": str(uuid.uuid4()), "subject": whose, "obtainedVia": "upload"}
