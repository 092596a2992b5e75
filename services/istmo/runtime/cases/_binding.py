"""What the specification says about a collection of cases, compared with the table of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from istmo.errors import KitError

from . import _table

if TYPE_CHECKING:
    from istmo.runtime.service import ServiceContext
    from istmo.spec import CasePaths, Operation


def operations(paths: CasePaths) -> dict[str, Operation]:
    """Return the operations by action; `replace` is the one that edits a draft."""
    found = dict(paths.actions)
    if paths.replace is not None:
        found["replace"] = paths.replace
    return found


def agree(context: ServiceContext, action: str, operation: Operation) -> None:
    """Refuse a specification whose transition is not the table's."""
    stated, row = operation.allowed, _table.BY_ACTION[action]
    if stated is None:
        return
    same = set(stated.origins) == row.origins and set(stated.targets) == {row.target}
    if not same or not set(stated.role.split()) <= row.roles:
        hint = "x-istmo-transition repeats the table of the case machine"
        raise KitError("case-transition", f"{context.slug}: {operation.id} is not the transition {action}", hint)
