"""Wrong services at their cases: what they offer, what they remember, what they let happen after the end."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem
from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_services._tamper import App, Call, Reply

TABLE = "istmo.runtime.cases._table"
VIEW = "istmo.runtime.cases._view"
DRAFT = "istmo.runtime.cases._draft"
MACHINE = "istmo.runtime.cases._machine"
DOCUMENTS = "istmo.runtime.documents"
Json = dict[str, Any]


# What is offered


@wrong("common/available-actions-work", "Everybody is offered what the status allows, whoever may do it.")
def actions_offered_to_all(reference: Reference) -> App:
    original = reference.original(VIEW, "render")
    possible, roles = reference.original(TABLE, "possible"), reference.original(TABLE, "ROLES")

    async def render(machine: Any, work: Any, case: Any) -> Json:  # noqa: ANN401 - the kernel's own types
        shown: Json = await original(machine, work, case)
        names = {entry["name"] for entry in shown["availableActions"]}
        base = f"{work.context.base_path}/{machine.collection}/{case.id}"
        for row in possible(case.status, roles):
            operation = machine.operations(work).get(row.action)
            if operation is not None and row.served and row.action not in names:
                entry = {"name": row.action, "method": "POST", "href": f"{base}/{row.action}"}
                shown["availableActions"].append({**entry, "requiredScope": operation.scopes[0]})
        return shown

    reference.replace(VIEW, render=render)
    return reference.app()


def _offering(reference: Reference, change: Callable[[Json], None]) -> App:
    """Build the reference with other entries of what may be done."""

    def changed(_call: Call, reply: Reply) -> None:
        document = reply.json
        entries = document.get("availableActions") if isinstance(document, dict) else None
        if isinstance(entries, list):
            for entry in entries:
                change(entry)
            reply.put(document)

    return reference.answering(changed)


@wrong("common/available-actions-work", "The addresses of what may be done lead nowhere.")
def action_addresses_dead(reference: Reference) -> App:
    return _offering(reference, lambda entry: entry.update(href=entry["href"].replace("/v1/", "/v0/")))


@wrong("common/available-actions-work", "What may be done is offered by the wrong method.")
def action_methods_swapped(reference: Reference) -> App:
    return _offering(reference, lambda entry: entry.update(method={"POST": "PUT", "PUT": "POST"}[entry["method"]]))


@wrong("common/available-actions-work", "The owner is still offered to withdraw what was already decided.")
def withdrawal_offered_too_long(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        document = reply.json if call.is_for("getRequest") and reply.status == 200 else None
        if document is not None and document["status"] in {"rejected", "approved"}:
            entry = {"name": "withdraw", "method": "POST", "href": f"{call.path}/withdraw"}
            document["availableActions"].append({**entry, "requiredScope": "civil-certificates:write"})
            reply.put(document)

    return reference.answering(change)


@wrong("common/unavailable-actions-refused", "An officer can return what was submitted, and is not told so.")
def return_unsaid(reference: Reference) -> App:
    return _unsaid(reference, "return")


@wrong("common/unavailable-actions-refused", "A draft does not say that it can be discarded, and it can.")
def discarding_unsaid(reference: Reference) -> App:
    return _unsaid(reference, "discard")


def _unsaid(reference: Reference, name: str) -> App:
    """Leave an action out of what cases offer."""
    original = reference.original(VIEW, "render")

    async def render(machine: Any, work: Any, case: Any) -> Json:  # noqa: ANN401 - the kernel's own types
        shown: Json = await original(machine, work, case)
        return {**shown, "availableActions": [one for one in shown["availableActions"] if one["name"] != name]}

    reference.replace(VIEW, render=render)
    return reference.app()


# What is remembered


@wrong("common/status-history-grows", "A new status writes its time into the entry before it, too.")
def history_rewritten(reference: Reference) -> App:
    draft = reference.original(DRAFT, "CaseDraft")
    original = draft.move

    def move(case: Any, *about: Any, **more: Any) -> None:  # noqa: ANN401 - the kernel's own types
        original(case, *about, **more)
        case.doc["statusHistory"][-2]["at"] = case.doc["statusHistory"][-1]["at"]

    draft.move = move
    return reference.app()


@wrong("common/status-history-grows", "An entry takes the time of the clock, even when the clock went back.")
def history_by_clock(reference: Reference) -> App:
    draft = reference.original(DRAFT, "CaseDraft")
    original = draft.move

    def move(case: Any, *about: Any, **more: Any) -> None:  # noqa: ANN401 - the kernel's own types
        original(case, *about, **more)
        case.doc["statusHistory"][-1]["at"] = case.work.stamp

    draft.move = move
    return reference.app()


@wrong("common/status-history-grows", "Once a case is submitted, its time as a draft is forgotten.")
def history_without_draft(reference: Reference) -> App:
    draft = reference.original(DRAFT, "CaseDraft")
    original = draft.move

    def move(case: Any, *about: Any, **more: Any) -> None:  # noqa: ANN401 - the kernel's own types
        original(case, *about, **more)
        case.doc["statusHistory"] = [one for one in case.doc["statusHistory"] if one["status"] != "draft"]

    draft.move = move
    return reference.app()


# What happens after the end


@wrong("common/closed-case-unchangeable", "What the owner wrote can still be corrected after the end.")
def closed_case_edited(reference: Reference) -> App:
    machine = reference.original(MACHINE, "Case")
    terminal = reference.original(TABLE, "TERMINAL")
    original = machine.replace

    async def replace(self: Any, work: Any, id: str, body: Json) -> Any:  # noqa: A002, ANN401 - as the kernel has it
        case = await self._case(work, id)
        if case.status not in terminal:
            return await original(self, work, id, body)
        case.doc |= {name: value for name, value in body.items() if name not in {"applicant", "documents", "evidence"}}
        return await self._answer(work, await self._save(work, case))

    machine.replace = replace
    return reference.app()


@wrong("common/closed-case-unchangeable", "An officer can take up again what its owner had withdrawn.")
def withdrawn_case_reopened(reference: Reference) -> App:
    machine = reference.original(MACHINE, "Case")
    original = machine.act

    async def act(self: Any, work: Any, case_id: str, action: str, body: Json) -> Any:  # noqa: ANN401 - see above
        if action == "accept" and work.caller.may("officer"):
            case = await self._case(work, case_id)
            if case.status == "withdrawn":
                case.doc["status"] = "submitted"
                await self._save(work, case)
        return await original(self, work, case_id, action, body)

    machine.act = act
    return reference.app()


@wrong("common/closed-case-documents-readable", "The files of a case that ended without success are locked away.")
def closed_files_locked(reference: Reference) -> App:
    terminal = reference.original(TABLE, "TERMINAL")
    original = reference.original(DOCUMENTS, "get_document")

    @functools.wraps(original)
    async def get_document(work: Any, id: str) -> Any:  # noqa: A002, ANN401 - as the kernel has it
        record = await original(work, id)
        for use in record.hidden.get("uses", ()):
            case = await work.context.reader.get("requests", use)
            if case is not None and case.doc["status"] in terminal:
                raise Problem("not-found")
        return record

    reference.replace(DOCUMENTS, get_document=get_document)
    return reference.app()
