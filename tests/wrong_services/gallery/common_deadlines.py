"""Wrong calendars: days that are due too early or too late, and lateness that is not seen or is invented."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tests.wrong_services._tamper import App

DRAFT = "istmo.runtime.cases._draft:CaseDraft"


# The day on which a case is due


def _due(reference: Reference, day: Callable[[Any, int], date]) -> App:
    """Build the reference with another way to the day on which a case is due; other deadlines stay right."""
    original = reference.original(DRAFT, "deadline")

    def deadline(self: Any, name: str) -> str:
        if name != "processingDays":
            return str(original(self, name))
        from istmo.runtime import instants  # noqa: PLC0415 - the gallery lists without loading the kernel

        last = day(self.work, self.setting(name))
        return instants.write(datetime.combine(last, time(23, 59, 59), self.work.context.zone))

    reference.replace(DRAFT, deadline=deadline)
    return reference.app()


@wrong("common/due-date-as-published", "Every day of the calendar counts.")
def due_in_calendar_days(reference: Reference) -> App:
    def day(work: Any, count: int) -> date:
        last: date = work.today + timedelta(days=count)
        return last

    return _due(reference, day)


@wrong("common/due-date-as-published", "Weekends do not count, and holidays do.")
def due_without_holidays(reference: Reference) -> App:
    def day(work: Any, count: int) -> date:
        last: date = work.today
        while count > 0:
            last += timedelta(days=1)
            count -= last.weekday() < 5
        return last

    return _due(reference, day)


@wrong("common/due-date-as-published", "The day of the submission counts as the first.")
def due_a_day_early(reference: Reference) -> App:
    def day(work: Any, count: int) -> date:
        last: date = work.profile.add_working_days(work.today - timedelta(days=1), count)
        return last

    return _due(reference, day)


@wrong("common/due-date-as-published", "The day of the submission is the one that it is in UTC.")
def due_counted_in_utc(reference: Reference) -> App:
    def day(work: Any, count: int) -> date:
        last: date = work.profile.add_working_days(work.now.astimezone(UTC).date(), count)
        return last

    return _due(reference, day)


@wrong("common/due-date-as-published", "What comes in on a Saturday has come in on Monday.")
def due_from_next_working_day(reference: Reference) -> App:
    def day(work: Any, count: int) -> date:
        begun: date = work.today
        while not work.profile.is_working_day(begun):
            begun += timedelta(days=1)
        last: date = work.profile.add_working_days(begun, count)
        return last

    return _due(reference, day)


# Late


def _late(reference: Reference, late: Callable[[Any, str, str | None], bool]) -> App:
    """Build the reference with another idea of `late`, from the day that was due and the day of the decision."""

    def judged(self: Any) -> bool:
        due = self.doc.get("dueBy")
        return due is not None and late(self, str(due), self.hidden.get("decidedAt"))

    reference.replace(DRAFT, late=property(judged))
    return reference.app()


@wrong("common/late-decision-marked", "Whether a case is late is worked out when it is submitted, and never again.")
def late_as_of_submission(reference: Reference) -> App:
    return _late(reference, lambda case, due, _: str(case.doc["submittedAt"]) > due)


@wrong("common/late-decision-marked", "A case is late as long as it waits; once it is decided nobody remembers.")
def late_until_decided(reference: Reference) -> App:
    return _late(reference, lambda case, due, decided: decided is None and case.work.stamp > due)


@wrong("common/late-decision-marked", "A case that was decided in time is late as soon as its day has passed.")
def late_by_today(reference: Reference) -> App:
    return _late(reference, lambda case, due, _: case.work.stamp > due)


@wrong("common/late-decision-marked", "The office has a day of grace.")
def late_after_a_day_of_grace(reference: Reference) -> App:
    def late(case: Any, due: str, decided: str | None) -> bool:
        from istmo.runtime import instants  # noqa: PLC0415 - the gallery lists without loading the kernel

        return instants.read(decided or case.work.stamp) > instants.read(due) + timedelta(days=1)

    return _late(reference, late)
