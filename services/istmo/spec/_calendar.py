"""Working days of a country: its weekend, its holidays by list or library, and what a decree moved in a year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from istmo.spec._json import JSON

__all__ = ["Calendar"]

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Calendar:
    """The days on which the offices of a country work."""

    def __init__(self, told: Mapping[str, JSON]) -> None:
        self.told = told
        self.weekend = frozenset(told.get("weekend", ("saturday", "sunday")))
        self._holidays = lru_cache(maxsize=64)(self.holidays_of)

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work on a day."""
        return _DAYS[day.weekday()] not in self.weekend and day not in self._holidays(day.year)

    def add_working_days(self, start: date, count: int) -> date:
        """Return the day that lies a number of working days after a day, which itself does not count."""
        day = start
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def holidays_of(self, year: int) -> frozenset[date]:
        """Return the holidays of a year: listed dates, the library's, and what a decree moved."""
        found = {date.fromisoformat(row["date"]) for row in self.told.get("dates") or ()}
        if self.told.get("library"):
            import holidays  # noqa: PLC0415 - loads slowly and only some countries need it

            # The language is named: otherwise the locale of the process would choose it.
            found |= set(holidays.country_holidays(self.told["library"], years=year, language="es"))
        for row in self.told.get("override") or ():
            day = date.fromisoformat(row["date"])
            if row.get("removed"):
                found.discard(day)
            else:
                found.add(day)
        return frozenset(day for day in found if day.year == year)
