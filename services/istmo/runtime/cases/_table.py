"""The machine of cases as data: every transition there is, who may take it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

OWNER: Final = "owner"
OFFICER: Final = "officer"
SUPERVISOR: Final = "supervisor"
SYSTEM: Final = "system"
ROLES: Final = (OWNER, OFFICER, SUPERVISOR, SYSTEM)


@dataclass(frozen=True, slots=True)
class Transition:
    """One action: from where, to where, by whom; `served` is False when only the clock takes it."""

    action: str
    origins: frozenset[str]
    target: str
    roles: frozenset[str]
    served: bool = True


def _row(action: str, origins: str, target: str, roles: str, *, served: bool = True) -> Transition:
    return Transition(action, frozenset(origins.split()), target, frozenset(roles.split()), served)


TRANSITIONS: Final = (
    _row("submit", "draft", "submitted", "owner"),
    _row("discard", "draft", "discarded", "owner"),
    _row("accept", "submitted", "in_review", "officer system"),
    _row("return", "submitted", "awaiting_applicant", "officer"),
    _row("request-information", "in_review", "awaiting_applicant", "officer"),
    _row("respond", "awaiting_applicant", "in_review", "owner"),
    _row("withdraw", "submitted in_review awaiting_applicant", "withdrawn", "owner"),
    _row("approve", "in_review", "approved", "officer system"),
    _row("reject", "in_review", "rejected", "officer system"),
    _row("issue", "approved", "completed", "officer system"),
    _row("appeal", "rejected", "under_appeal", "owner"),
    _row("uphold", "under_appeal", "rejected_final", "supervisor"),
    _row("overturn", "under_appeal", "approved", "supervisor"),
    _row("expire", "draft awaiting_applicant", "expired", "system", served=False),
)

DRAFT: Final = "draft"
BY_ACTION: Final = {row.action: row for row in TRANSITIONS}
STATUSES: Final = frozenset({DRAFT, *(row.target for row in TRANSITIONS)})
TERMINAL: Final = STATUSES - {origin for row in TRANSITIONS for origin in row.origins}
WAITING: Final = BY_ACTION["expire"].origins  # statuses that end by themselves when nobody acts
# Between submission and decision: a twin of such a case is a duplicate.
OPEN: Final = frozenset({"submitted", "in_review", "awaiting_applicant", "approved", "under_appeal"})


def transition(action: str, status: str) -> Transition | None:
    """Return the transition that an action is in a status, or None when it is not legal there."""
    row = BY_ACTION.get(action)
    return row if row is not None and status in row.origins else None


def possible(status: str, roles: Iterable[str]) -> list[Transition]:
    """Return what somebody in these roles may do in a status, in the order of the table."""
    held = frozenset(roles)
    return [row for row in TRANSITIONS if status in row.origins and row.roles & held]
