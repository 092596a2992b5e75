"""A case as one caller sees it: what it says, whether it is late, and what this caller may do now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from istmo.errors import Problem
from istmo.runtime.identity import LADDER

from . import _table

if TYPE_CHECKING:
    from istmo.runtime.store import Json
    from istmo.runtime.work import Work
    from istmo.spec import Operation

    from ._draft import CaseDraft
    from ._machine import Case

_VERBS = {_table.OFFICER: "officer", _table.SUPERVISOR: "supervise", _table.SYSTEM: "system"}


def roles(work: Work, case: CaseDraft) -> set[str]:
    """Return in which roles the caller stands towards a case."""
    found = {role for role, verb in _VERBS.items() if work.caller.may(verb)}
    if case.owner and case.owner == work.caller.acting_for:
        found.add(_table.OWNER)
    return found


async def render(machine: Case, work: Work, case: CaseDraft) -> Json:
    """Return the case with its computed members."""
    return {**case.doc, "late": case.late, "availableActions": await available(machine, work, case)}


async def available(machine: Case, work: Work, case: CaseDraft) -> list[Json]:
    """Return what the caller may do now, from the table that also refuses, with the holds that still block it."""
    found: list[Json] = []
    base = f"{work.context.base_path}/{machine.collection}/{case.id}"
    held = roles(work, case)
    for row in _table.possible(case.status, held):
        operation = machine.operations(work).get(row.action)
        if operation is None or not row.served or not await _open(machine, work, case, row.action):
            continue
        _offer(found, work, operation, row.action, f"{base}/{row.action}", case.blocked_by(row.action))
    replace = machine.operations(work).get("replace")
    if replace is not None and case.status == _table.DRAFT and _table.OWNER in held:
        _offer(found, work, replace, "replace", base, [])
    return found


def _offer(found: list[Json], work: Work, operation: Operation, name: str, href: str, blocked: list[str]) -> None:
    """Add an action when the caller's token reaches for it."""
    scopes = [scope for scope in operation.scopes if scope in work.caller.scopes]
    if not scopes or not _reaches(work.caller.acr, operation.acr):
        return
    entry: Json = {"name": name, "method": operation.method.upper(), "href": href, "requiredScope": scopes[0]}
    if blocked:
        entry["blockedBy"] = blocked
    found.append(entry)


def _reaches(acr: str | None, needed: str | None) -> bool:
    """Tell whether a level of assurance suffices."""
    return needed is None or (acr in LADDER and LADDER.index(acr) >= LADDER.index(needed))


async def _open(machine: Case, work: Work, case: CaseDraft, action: str) -> bool:
    """Tell whether neither a deadline nor a guard of the room stands against an action."""
    if past_appeal(case, action):
        return False
    try:
        await machine.hooks.guard(work, case, action)
    except Problem:
        return False
    return True


def past_appeal(case: CaseDraft, action: str) -> bool:
    """Tell whether an appeal comes too late."""
    until = case.doc.get("decision", {}).get("appealUntil")
    return action == "appeal" and until is not None and case.work.stamp > str(until)


async def illegal(machine: Case, work: Work, case: CaseDraft) -> Problem:
    """Return the refusal of an action that the status does not allow; it says what would be possible."""
    offered = await available(machine, work, case)
    allowed = [entry["name"] for entry in offered if "blockedBy" not in entry]
    return Problem("illegal-transition", currentStatus=case.status, allowedActions=allowed)
