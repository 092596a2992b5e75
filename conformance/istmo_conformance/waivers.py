"""Waivers: who lets a failure stand, why and until when; one that is expired or not needed any more is refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from istmo_conformance.verdict import Judgement, Verdict

JSON: TypeAlias = Any


@dataclass(frozen=True)
class Waiver:
    """One waiver as `istmo.toml` declares it; its last day is still covered."""

    requirement: str
    reason: str
    owner: str
    expires: date
    link: str = ""

    @classmethod
    def of(cls, told: JSON) -> Waiver:
        """A waiver from the form in which evidence carries it."""
        expires = date.fromisoformat(told["expires"])
        return cls(told["requirement"], told["reason"], told["owner"], expires, told.get("link", ""))

    @property
    def told(self) -> JSON:
        """The form in which evidence and reports carry it."""
        return {"requirement": self.requirement, "reason": self.reason, "owner": self.owner,
                "expires": self.expires.isoformat(), "link": self.link}  # fmt: skip


class Standing(StrEnum):
    """The only words for what a waiver does in a run."""

    VALID = "valid"
    EXPIRED = "expired"
    STALE = "stale"
    OPEN = "open"


@dataclass(frozen=True)
class Ruling:
    """What a waiver does in a run, and why."""

    waiver: Waiver
    standing: Standing
    why: str = ""

    @property
    def refused(self) -> bool:
        """Whether it keeps the service from being conformant."""
        return self.standing in {Standing.EXPIRED, Standing.STALE}

    @property
    def told(self) -> JSON:
        """The form in which a report carries it."""
        return {**self.waiver.told, "standing": self.standing.value, "why": self.why}


def ruled(judgements: Sequence[Judgement], waivers: Iterable[Waiver], on: date) -> tuple[list[Judgement], list[Ruling]]:
    """The judgements with what is validly waived, and what each waiver does on a day."""
    by_id = {found.demand.id: found for found in judgements}
    rulings = [_ruling(by_id.get(waiver.requirement), waiver, on) for waiver in waivers]
    valid = {one.waiver.requirement: one.waiver for one in rulings if one.standing is Standing.VALID}
    expired = {one.waiver.requirement: one.waiver for one in rulings if one.standing is Standing.EXPIRED}
    return [_waived(found, valid, expired) for found in judgements], rulings


def _ruling(found: Judgement | None, waiver: Waiver, on: date) -> Ruling:
    if waiver.expires < on:
        return Ruling(waiver, Standing.EXPIRED, "expired")
    if found is None:
        return Ruling(waiver, Standing.STALE, "unknown-requirement")
    if found.verdict is Verdict.FAIL:
        return Ruling(waiver, Standing.VALID)
    if found.verdict in {Verdict.PASS, Verdict.WARN}:
        return Ruling(waiver, Standing.STALE, "not-failed")
    if found.verdict in {Verdict.SKIP, Verdict.NOT_CLAIMED}:
        return Ruling(waiver, Standing.STALE, "not-judged")
    # Nobody knows whether it would still be needed; the requirement itself keeps the run from being conformant.
    return Ruling(waiver, Standing.OPEN, found.verdict.value)


def _waived(found: Judgement, valid: Collection[str], expired: Collection[str]) -> Judgement:
    if found.verdict is Verdict.FAIL and found.demand.id in valid:
        return replace(found, verdict=Verdict.WAIVED)
    if found.verdict is Verdict.FAIL and found.demand.id in expired:
        return replace(found, reason="waiver-expired")
    return found


def excused(requirements: Collection[str], document: JSON) -> bool:
    """Whether everything that a failed scenario of a report proves is waived there."""
    waived = {one["id"] for one in document["requirements"] if one["verdict"] == Verdict.WAIVED}
    return bool(requirements) and set(requirements) <= waived


def day_of(moment: str) -> date:
    """The day of a moment in evidence: waivers are ruled as of the beginning of the run, whoever adds up later."""
    return date.fromisoformat(re.split("[T ]", moment, maxsplit=1)[0])
