"""What the service does beyond the case machine: one function an operation, named after it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem
from istmo.runtime import Answer, documents

from . import certificates, codes, register, rules, types

if TYPE_CHECKING:
    from istmo.runtime import Record, Work

CORRECTIONS = "corrections"
Body = dict[str, Any]


async def list_certificate_types(work: Work, limit: int = 20, cursor: str | None = None) -> Answer:
    """List what this country offers, to everybody."""
    return types.page(work, limit, cursor)


async def list_certificates(
    work: Work, status: str | None = None, limit: int = 20, cursor: str | None = None
) -> Answer:
    """List the certificates of the caller; `status` is the status of today."""
    owner = work.caller.acting_for
    await certificates.expire(work, owner)
    wanted = rules.STATUSES if status is None else [status]
    page = await work.page(certificates.KIND, limit=limit, cursor=cursor, owner=owner, status=wanted)
    return page.answer()


async def get_certificate(work: Work, id: str) -> Record:  # noqa: A002 - the parameter's name
    """Read one certificate, the own one or as a registrar any."""
    return await certificates.current(work, await _certificate(work, id))


async def get_certificate_content(work: Work, id: str) -> Answer:  # noqa: A002 - the parameter's name
    """Download the PDF, whose bytes never change."""
    doc = (await _certificate(work, id)).doc
    headers = {"Content-Disposition": f'attachment; filename="{doc["number"]}.pdf"'}
    return Answer(
        await work.file(doc["documentId"]),
        media_type="application/pdf",
        headers=headers,
        etag=doc["documentSha256"],
        language=doc["renditions"][0]["language"],
    )


async def revoke_certificate(work: Work, id: str, body: Body) -> Record:  # noqa: A002 - the parameter's name
    """Revoke a certificate for good."""
    record = await certificates.current(work, await work.get(certificates.KIND, id, any_owner=True))
    return await certificates.revoke(work, record, body["reason"])


async def verify_certificate(work: Work, body: Body) -> Body:
    """Confirm a verification code and disclose the least that proves it."""
    found = await work.find(certificates.KIND, code=body["verificationCode"], limit=1)
    if not found:
        raise Problem("not-found")
    return rules.disclosed(found[0].doc, found[0].hidden["initials"], work.today)


async def create_correction(work: Work, body: Body) -> Answer:
    """Report an error; nothing changes in the register until a registrar decides."""
    certificate = await work.get(certificates.KIND, body["certificateId"])
    fact = rules.fact_of(body["member"], certificate.doc["data"])
    if isinstance(fact, Problem):
        raise fact
    if refusal := rules.proposed(body["proposedValue"], codes.fact_kind(fact), codes.fact_values(fact)):
        raise refusal
    doc = {"id": str(uuid.uuid4()), **body, "status": "reported", "reportedAt": work.stamp}
    await documents.attach(work, [(one, "/documents") for one in body.get("documents", ())], to=doc["id"])
    record = await work.add(CORRECTIONS, doc, owner=certificate.owner, id=doc["id"], keys={"status": "reported"})
    return Answer(record.doc, etag=record.version, location=f"{work.context.base_path}/{CORRECTIONS}/{record.id}")


async def get_correction(work: Work, id: str) -> Record:  # noqa: A002 - the parameter's name
    """Read one report, the own one or as a registrar any."""
    return await work.get(CORRECTIONS, id, any_owner=work.caller.may("officer"))


async def apply_correction(work: Work, id: str, body: Body | None = None) -> Record:  # noqa: A002 - the parameter's name
    """Give the entry a new version with the proposed value; certificates of the old one are superseded."""
    correction = await _reported(work, id)
    certificate = await work.get(certificates.KIND, correction.doc["certificateId"], any_owner=True)
    fact = correction.doc["member"].removeprefix("/")
    await register.correct(work, certificate.keys["entry"], fact, correction.doc["proposedValue"])
    return await _decide(work, correction, "applied", body)


async def dismiss_correction(work: Work, id: str, body: Body | None = None) -> Record:  # noqa: A002 - the parameter's name
    """Leave the entry and its certificates as they are."""
    return await _decide(work, await _reported(work, id), "dismissed", body)


async def _certificate(work: Work, certificate_id: str) -> Record:
    return await work.get(certificates.KIND, certificate_id, any_owner=work.caller.may("officer"))


async def _reported(work: Work, correction_id: str) -> Record:
    record = await work.get(CORRECTIONS, correction_id, any_owner=True)
    if refusal := rules.undecided(record.doc):
        raise refusal
    return record


async def _decide(work: Work, record: Record, status: str, body: Body | None) -> Record:
    doc = {**record.doc, "status": status, "decidedAt": work.stamp}
    if body and "reason" in body:
        doc["decisionReason"] = body["reason"][:1000]
    return await work.save(record, doc, keys={"status": status})
