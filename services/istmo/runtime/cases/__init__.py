"""Cases: one machine for every application that officers decide; a room adds hooks and writes none of its actions.

A room declares `Case("requests", hooks)`. The hooks, each optional, plain or `async`:

    draft(work, body) -> dict | None         members to add when a draft is written; raises Problem
    submitted(work, case) -> None            fees (`fees.bill`), holds, duplicates (`case.keys["open"]`)
    automatic(work, case) -> Automatic | str | None   what the system does now; asked again after each change
    guard(work, case, action) -> None        raises Problem; also asked when actions are offered: it changes nothing
    issued(work, case) -> list[dict]         the outputs of a case that is being completed
    event(work, type, data) -> None          an event of another service

`case.keys` are indexed values of the room; the key `open` is dropped when a case leaves `OPEN`, so that a
`Collection("requests", unique=("open",))` refuses twins only while the first is under way.
"""

from ._draft import Automatic, CaseDraft
from ._events import acts_on, expire_overdue, hand_over, take_event
from ._machine import PAID, Case
from ._table import OPEN, ROLES, STATUSES, TERMINAL, TRANSITIONS, Transition, possible, transition

__all__ = [
    "OPEN",
    "PAID",
    "ROLES",
    "STATUSES",
    "TERMINAL",
    "TRANSITIONS",
    "Automatic",
    "Case",
    "CaseDraft",
    "Transition",
    "acts_on",
    "expire_overdue",
    "hand_over",
    "possible",
    "take_event",
    "transition",
]
