"""Instants as people and documents write them: any offset comes in, UTC with whole seconds goes out."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_LEAP = re.compile(r":60(?=[.Z+-])")


def read(text: str) -> datetime:
    """Return the instant of an RFC 3339 text that the schema has accepted; a leap second is the one before it."""
    moment = datetime.fromisoformat(_LEAP.sub(":59", text.upper()))
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or last hours of the calendar, with an offset that leads beyond them
        return moment.replace(tzinfo=UTC)


def write(moment: datetime) -> str:
    """Return an instant as documents write it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def utc(text: str) -> str:
    """Return the text of the same instant in UTC."""
    return write(read(text))
