"""A case while it is being changed: hooks of a room and the machine work on it, the machine saves it once."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from istmo.errors import KitError
from istmo.runtime import codelists, instants

from . import _table

if TYPE_CHECKING:
    from istmo.runtime.store import Json, Record
    from istmo.runtime.work import Work

REJECTING = frozenset({"reject", "uphold"})


@dataclass(frozen=True, slots=True)
class Automatic:
    """What the system does now, with the grounds when it decides."""

    action: str
    grounds: Sequence[Json] = ()
    reason: str | None = None


class CaseDraft:
    """The mutable view of one case; what is not saved by the machine never happened."""

    def __init__(self, work: Work, record: Record) -> None:
        self.work = work
        self.record = record
        self.doc: Json = copy.deepcopy(record.doc)
        self.hidden: Json = copy.deepcopy(record.hidden)
        self.keys: dict[str, str] = dict(record.keys)
        self.quote: Json | None = None  # the valid fee quote that came with the submission
        self.reached: list[str] = []  # statuses reached in this unit of work

    @property
    def id(self) -> str:
        """The identifier of the case."""
        return self.record.id

    @property
    def owner(self) -> str:
        """The subject for whom the case was made."""
        return self.record.owner

    @property
    def status(self) -> str:
        """Where the case stands."""
        return str(self.doc["status"])

    @property
    def reference(self) -> str:
        """The regional reference number."""
        return str(self.doc["reference"])

    @property
    def language(self) -> str:
        """The language in which the owner reads, else that of the caller."""
        return str(self.doc.get("language") or self.work.language)

    @property
    def fees(self) -> list[Json]:
        """The lines of the bill."""
        return self.doc.setdefault("fees", [])  # type: ignore[no-any-return] # a case holds a list there

    @property
    def changed(self) -> bool:
        """Whether there is anything to save."""
        return (self.doc, self.hidden, self.keys) != (self.record.doc, self.record.hidden, self.record.keys)

    # ------------------------------------------------------------------ holds

    def hold(self, code: str, blocks: Iterable[str], href: str | None = None) -> None:
        """Make actions wait for something; a hold of the same kind is replaced."""
        found: Json = {"code": code, "blocks": list(blocks), "since": self.work.stamp}
        if href is not None:
            found["href"] = href
        self.doc["holds"] = [*self._holds_but(code), found]

    def release(self, code: str) -> bool:
        """End a hold and tell whether there was one."""
        before = len(self.doc["holds"])
        self.doc["holds"] = self._holds_but(code)
        return len(self.doc["holds"]) < before

    def _holds_but(self, code: str) -> list[Json]:
        return [hold for hold in self.doc.get("holds", ()) if hold["code"] != code]

    def blocked_by(self, action: str) -> list[str]:
        """Return the kinds of hold that block an action now."""
        return [str(hold["code"]) for hold in self.doc.get("holds", ()) if action in hold["blocks"]]

    # ------------------------------------------------------------------ status

    def move(self, action: str, role: str, reason: str | None = None) -> None:
        """Take an action of the table; the machine has asked before whether the caller may."""
        row = _table.transition(action, self.status)
        if row is None:
            raise KitError(
                "case-move", f"{action} is not legal in {self.status}", "see istmo.runtime.cases.TRANSITIONS"
            )
        history = self.doc["statusHistory"]
        at = max(self.work.stamp, str(history[-1]["at"]))  # a clock that went back leaves the order as it was
        entry: Json = {"status": row.target, "at": at, "byRole": role}
        if reason:
            entry["reason"] = reason
        history.append(entry)
        self.doc["status"] = row.target
        self.reached.append(row.target)
        if row.target == "awaiting_applicant":
            self.hidden["expiresAt"] = self.deadline("responseDays")
        elif row.target not in _table.WAITING:
            self.hidden.pop("expiresAt", None)

    def decide(self, action: str, role: str, grounds: Sequence[Json], conditions: Sequence[str] = ()) -> None:
        """Write down a decision; a rejection that can be appealed says until when."""
        rejected = action in REJECTING
        outcome = "rejected" if rejected else "approved-with-conditions" if conditions else "approved"
        decision: Json = {"outcome": outcome, "grounds": list(grounds)}
        if conditions:
            decision["conditions"] = list(conditions)
        decision |= {"decidedAt": self.work.stamp, "decidedBy": role}
        if action == "reject":
            decision["appealUntil"] = self.deadline("appealDays")
        self.doc["decision"] = decision
        self.hidden.setdefault("decidedAt", decision["decidedAt"])  # an appeal does not make the first decision late

    # ------------------------------------------------------------------ time

    def setting(self, name: str) -> int:
        """Return a number of days from the country's profile."""
        return int(self.work.profile.setting(self.work.context.slug, name))

    def deadline(self, name: str) -> str:
        """Return the last second of the day that lies so many working days ahead, as the profile says."""
        day = self.work.profile.add_working_days(self.work.today, self.setting(name))
        return instants.write(self.work.profile.end_of_day(day))

    def keep_draft(self) -> None:
        """Let the draft live on for as long as the profile says, counted from this change."""
        days = timedelta(days=self.setting("draftDays"))
        self.hidden["expiresAt"] = instants.write(self.work.now + days)

    @property
    def overdue(self) -> bool:
        """Whether the case should have ended by itself."""
        limit = self.hidden.get("expiresAt")
        return limit is not None and self.status in _table.WAITING and self.work.stamp > str(limit)

    @property
    def late(self) -> bool:
        """Whether the decision came, or is to come, after it was due."""
        due = self.doc.get("dueBy")
        if due is None:
            return False
        decided = self.hidden.get("decidedAt")
        if decided is not None:
            return str(decided) > str(due)
        return self.status not in _table.TERMINAL and self.work.stamp > str(due)

    # ------------------------------------------------------------------ storage

    def stored_keys(self) -> dict[str, str]:
        """Return the indexed values: the room's own, and what lists and deadlines are found by."""
        keys = dict(self.keys) | {"status": self.status, "reference": self.reference}
        keys.pop("expires", None)
        if "expiresAt" in self.hidden:
            keys["expires"] = str(self.hidden["expiresAt"])[:7]
        if "submittedAt" in self.doc:
            keys["queue"] = "yes"
        if self.status not in _table.OPEN:
            keys.pop("open", None)
        return keys


def ground(code: str, language: str) -> Json:
    """Return a ground of the common code list in words."""
    titles = codelists.titles("decision_grounds")
    known = titles.get(code) or titles["other"]
    return {"code": code, "text": known["es" if language == "es" else "en"]}
