"""How far a span such as "3 days", "5 working days" or "the minutes of "automaticMinutes"" moves a moment."""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from istmo_conformance.values import lookup

if TYPE_CHECKING:
    from istmo_conformance.world import World

_OF = re.compile(r'(?:the|los) (?P<unit>.+) (?:of|de) "(?P<setting>[^"]*)"')
STEPS = {
    ("second", "segundo"): timedelta(seconds=1),
    ("minute", "minuto"): timedelta(minutes=1),
    ("hour", "hora"): timedelta(hours=1),
    ("day", "día"): timedelta(days=1),
    ("week", "semana"): timedelta(weeks=1),
}


def counted(world: World, span: str) -> tuple[int, str]:
    """The number and the unit of a span; the profile knows the number of what it grants."""
    granted = _OF.fullmatch(span)
    if granted is not None:
        number: Any = lookup(world.run.profile.service(world.spec.slug), granted["setting"])
        return int(number), granted["unit"]
    first, _, unit = span.partition(" ")
    return int(first) if first.isdigit() else 1, unit


def after(world: World, moment: datetime, span: str) -> datetime:
    """A moment moved by a span; working days are those of the profile, at the same time of day."""
    number, unit = counted(world, span)
    if "working" in unit or "hábil" in unit:
        local = moment.astimezone(world.zone)
        day = world.run.profile.add_working_days(local.date(), number)
        return local.replace(year=day.year, month=day.month, day=day.day)
    for names, step in STEPS.items():
        if unit.startswith(names):
            return moment + number * step
    months = number * (12 if unit.startswith(("year", "año")) else 1)
    total = moment.year * 12 + moment.month - 1 + months
    year, month = total // 12, total % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
