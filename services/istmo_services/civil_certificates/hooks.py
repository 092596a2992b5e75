"""What a request for a certificate adds to the case machine: its checks, its look-up, its fees, its output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from istmo.errors import Problem
from istmo.runtime import fees
from istmo.runtime.cases import Automatic, CaseDraft

from . import certificates, codes, register, rules

if TYPE_CHECKING:
    from istmo.runtime import Record, Work

COLLECTION = "requests"
ENTRY = "entryId"  # the entry that the look-up found; internal, no answer shows it
TWIN = "open"  # the key that identical requests share while they are open
DEATH = "civil.death.registered"


async def draft(work: Work, body: dict[str, Any]) -> dict[str, Any]:
    """Check what needs no register: who asks, when it happened, what is offered."""
    values = work.profile.service(work.context.slug)
    if body.get("type", body["certificateType"]) != body["certificateType"]:
        raise rules.refused_value("/type", "const", "the type equals the certificate type")
    listed = values["entitledRelationships"].get(body["certificateType"], ())
    for refusal in (
        rules.entitled(body, listed, by_mandate=work.caller.mandate is not None),
        rules.guarded(body, work.today),
        rules.event_dates(body, work.today),
        rules.offered(
            body,
            values["certificateTypes"],
            apostille_paper=bool(values.get("apostilleForPaper")),
            apostille_digital=bool(values.get("apostilleForDigital")),
        ),
    ):
        if refusal is not None:
            raise refusal
    return {"type": body["certificateType"], "about": _normalised(work, body["about"])}


def _normalised(work: Work, about: dict[str, Any]) -> dict[str, Any]:
    """Return what is said about the record with every identifier of this country in its one form."""
    person = about["person"]
    identifiers = [
        {**one, "value": work.profile.identifier(one["scheme"], one["value"]).value}
        if one["country"] == work.profile.country
        else one
        for one in person.get("identifiers", ())
    ]
    return {**about, "person": {**person, "identifiers": identifiers}} if identifiers else about


async def submitted(work: Work, case: CaseDraft) -> None:
    """Refuse a second identical request, and charge the fees, which block `issue` until they are paid."""
    await _refuse_twin(work, case)
    listed = work.profile.fees(work.context.slug)
    exemptions = {fee["code"]: [one["code"] for one in fee.get("exemptions", ())] for fee in listed}
    await fees.bill(work, case, rules.charges(case.doc, exemptions), blocks=["issue"])


async def _refuse_twin(work: Work, case: CaseDraft) -> None:
    key = rules.duplicate_key(case.doc, case.owner)
    for twin in await work.find(COLLECTION, owner=case.owner, open=key):
        if not CaseDraft(work, twin).overdue:
            raise Problem("duplicate", rule=rules.rule("duplicate-open-request"))
        left = {name: value for name, value in twin.keys.items() if name != TWIN}
        await work.save(twin, twin.doc, keys=left)  # its time has run out, although nobody has looked since
    case.keys[TWIN] = key


async def automatic(work: Work, case: CaseDraft) -> Automatic | None:
    """Name what the system does now: take digital extracts, look every request up, issue what it approved."""
    by_system = rules.decided_by_system(case.doc)
    if case.status == "submitted" and by_system:
        return Automatic("accept")
    if case.status == "in_review":
        return await _decide(work, case, by_system=by_system)
    if case.status == "approved" and case.doc["decision"]["decidedBy"] == "system":
        return Automatic("issue")
    return None


async def _decide(work: Work, case: CaseDraft, *, by_system: bool) -> Automatic | None:
    """Look in the register once; without one sound entry the answer is always the same rejection."""
    if ENTRY not in case.hidden:
        entry = await register.look_up(work, case.doc, case.owner)
        if entry is None:
            return Automatic("reject", [codes.ground("no-record", case.language)])
        case.hidden[ENTRY] = entry.id
    return Automatic("approve", [codes.ground("entry-found", case.language)]) if by_system else None


async def guard(work: Work, case: CaseDraft, action: str) -> None:
    """Let nothing be issued after an overturned rejection until the register holds the entry."""
    if action == "issue" and ENTRY not in case.hidden and await _entry(work, case) is None:
        raise Problem("conflict", rule=rules.rule("unique-match-only"), currentStatus=case.status)


async def _entry(work: Work, case: CaseDraft) -> Record | None:
    """Return the entry of an approved case; after an overturned rejection it may have been entered since."""
    if ENTRY in case.hidden:
        return await register.entry(work, case.hidden[ENTRY])
    return await register.look_up(work, case.doc, case.owner, overturned=True)


async def issued(work: Work, case: CaseDraft) -> list[dict[str, Any]]:
    """Issue the certificate from the present version of the entry."""
    entry = await _entry(work, case)
    if entry is None:
        raise Problem("conflict", rule=rules.rule("unique-match-only"))
    record = await certificates.issue(work, case.doc, case.owner, entry)
    href = f"{work.context.base_path}/{certificates.KIND}/{record.id}"
    title = codes.title("certificate-types", record.doc["type"], case.language)
    return [{"type": "certificate", "id": record.id, "href": href, "title": title}]


async def event(work: Work, type: str, data: dict[str, Any]) -> None:  # noqa: A002 - the name in CloudEvents
    """Take a notice of death; notices that cannot be entered, or are known, change nothing."""
    subject, day = data.get("subjectRef"), data.get("effectiveDate")
    if type.removeprefix("istmo.") == DEATH and isinstance(subject, str) and isinstance(day, str):
        await register.take_death(work, subject, day[:10])
