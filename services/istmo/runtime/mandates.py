"""Mandates: who may act for whom, with which rights, in which services, and for how long."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem

from . import evidence, instants, problems
from .work import Answer, Record

if TYPE_CHECKING:
    from datetime import datetime

    from .store import Json
    from .work import Work

KIND = "mandates"
PARTIES = "mandate-parties"  # one record for each party, by which that party's list is found
ME = "me"
OFFICES = frozenset({"officer", "supervise", "system", "audit"})  # rights of an office are nobody's to give


async def create_mandate(work: Work, body: Json) -> Answer:
    """Let a representative use some of the caller's rights."""
    mine = work.caller.subject
    if body["principal"]["id"] not in {ME, mine}:
        raise Problem("mandate-required", rule="common/mandate-required")
    items = _faults(body, mine)
    if items:
        raise problems.validation_failed(items)
    mandate_id = str(uuid.uuid4())
    doc = {**body, "id": mandate_id, "principal": {**body["principal"], "id": mine}}
    doc |= {"status": "active", "createdAt": work.stamp}
    doc |= {name: instants.utc(body[name]) for name in ("validFrom", "validUntil") if name in body}
    if "evidence" in body:
        doc["evidence"] = [evidence.received(one, mine) for one in body["evidence"]]
    record = await work.add(KIND, doc, owner=mine, id=mandate_id)
    for party in (mine, body["representative"]["id"]):
        await work.add(PARTIES, {"mandate": mandate_id}, owner=party, keys={"mandate": mandate_id})
    return Answer(shown(work, record), etag=record.version)


async def list_mandates(work: Work, limit: int = 20, cursor: str | None = None) -> Answer:
    """List the mandates that the caller gives or holds, also those that ended."""
    page = await work.page(PARTIES, limit=limit, cursor=cursor, owner=work.caller.subject)
    found = [await work.known(KIND, party.doc["mandate"]) for party in page.records]
    return page.answer([shown(work, record) for record in found if record is not None])


async def delete_mandate(work: Work, id: str) -> None:  # noqa: A002 - the parameter's name
    """End a mandate as its principal or its representative; a second time changes nothing."""
    record = await work.get(KIND, id, any_owner=True)
    if work.caller.subject not in {record.doc["principal"]["id"], record.doc["representative"]["id"]}:
        raise Problem("not-found")
    if record.doc["status"] != "revoked":
        await work.save(record, {**record.doc, "status": "revoked", "revokedAt": work.stamp})


async def resolve(work: Work, mandate_id: str) -> Json:
    """Return the mandate under which the caller acts now, or refuse whatever is wrong with it in one way."""
    record = await work.known(KIND, mandate_id.lower())
    if record is None or not _usable(work, record):
        raise Problem("mandate-required", rule="common/mandate-required")
    return {"id": record.id, "principal": record.doc["principal"]["id"], "scopes": record.doc["scopes"]}


def _usable(work: Work, record: Record) -> bool:
    doc = record.doc
    return (
        doc["representative"]["id"] == work.caller.subject
        and status(doc, work.now) == "active"
        and instants.read(doc["validFrom"]) <= work.now
        and work.context.kebab in doc["services"]
    )


def status(doc: Json, now: datetime) -> str:
    """Return the status of a mandate at an instant."""
    if doc["status"] == "revoked":
        return "revoked"
    until = doc.get("validUntil")
    return "expired" if until is not None and instants.read(until) <= now else "active"


def shown(work: Work, record: Record) -> Json:
    """Return a mandate as it is served."""
    doc = {name: value for name, value in record.doc.items() if name != "revokedAt"}
    return {**doc, "status": status(record.doc, work.now)}


def _faults(body: Json, principal: str) -> list[dict[str, Any]]:
    """Return what the schema cannot say about a mandate."""
    items = []
    if body["representative"]["id"] in {ME, principal}:
        items.append(problems.body_item(["representative", "id"], "not-allowed-here"))
    for n, scope in enumerate(body["scopes"]):
        service, _, verb = scope.partition(":")
        if service not in body["services"] or verb in OFFICES:
            items.append(problems.body_item(["scopes", n], "not-allowed-here"))
    until = body.get("validUntil")
    if until is not None and instants.read(until) <= instants.read(body["validFrom"]):
        items.append(problems.body_item(["validUntil"], "end-before-start"))
    return items
