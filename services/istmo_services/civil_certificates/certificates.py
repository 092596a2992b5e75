"""Certificates: issued from an entry as data, PDF and signed credential; superseded, revoked or expired for good."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from istmo.runtime import describe, pdf

from . import codes, rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from istmo.runtime import Record, Work

KIND = "certificates"
DOCUMENT_TYPE = "civil-certificate"
BATCH = 100


async def issue(work: Work, request: rules.Json, owner: str, entry: Record) -> Record:
    """Issue a certificate of an entry: its PDF is stored, its digest is in the certificate and in the credential."""
    doc = _certificate(work, request, entry.doc)
    doc |= {"number": await _number(work), "verificationCode": work.new_code()}
    paper = _paper(doc, request)
    title = codes.title("certificate-types", doc["type"], doc["renditions"][0]["language"])
    stored = await work.store_file(paper, "application/pdf", DOCUMENT_TYPE, owner, title, issued=True)
    doc |= {"documentId": stored.id, "documentSha256": stored.doc["sha256"]}
    doc["credential"] = {"format": "jws", "value": work.sign(_claims(doc))}
    keys = {"status": rules.VALID, "entry": entry.id, "code": doc["verificationCode"]}
    hidden = {"initials": rules.initials(entry.doc["persons"][0]["name"])}
    doc = {"id": str(uuid.uuid4()), **doc}
    return await work.add(KIND, doc, owner=owner, id=doc["id"], hidden=hidden, keys=keys)


async def _number(work: Work) -> str:
    """Return a number of the same series as the references of requests, so that no two are alike."""
    return work.reference(await work.take_number(f"reference:{work.today.year}"))


def _certificate(work: Work, request: rules.Json, entry: rules.Json) -> dict[str, Any]:
    """Return what a certificate says, before it has a number."""
    kind = request["certificateType"]
    data = rules.facts(entry, codes.fact_codes())
    languages = rules.languages(request, work.profile.language)
    months = work.profile.service(work.context.slug).get("validityMonths", {}).get(kind)
    register = ("number", "book", "page", "office", "registeredAt", "version")
    return {
        "type": kind,
        "format": request["format"],
        "status": rules.VALID,
        "issuedAt": work.stamp,
        "issuer": issuer(work, languages[0]),
        "validUntil": rules.valid_until(work.today, months),
        "caseReference": request["reference"],
        "registerEntry": {name: entry[name] for name in register},
        "data": data,
        "renditions": [_rendition(kind, data, language) for language in languages],
    }


def _rendition(kind: str, data: rules.Json, language: str) -> dict[str, Any]:
    title = codes.title("certificate-types", kind, language)
    label = partial(codes.label, language=language)
    return rules.rendition(data, language, title, label, partial(codes.value, language=language))


def _claims(doc: rules.Json) -> dict[str, Any]:
    """Return what the credential states; the facts themselves stay in the certificate."""
    names = (
        "number",
        "verificationCode",
        "documentSha256",
        "type",
        "format",
        "issuedAt",
        "issuer",
        "validUntil",
    )
    return {name: doc[name] for name in names}


def issuer(work: Work, language: str) -> str:
    """Return the name of the civil register in a language."""
    return str(describe.authority(work, language)["name"])


def _paper(doc: rules.Json, request: rules.Json) -> bytes:
    """Return the PDF of a certificate."""
    first = doc["renditions"][0]
    sections: list[pdf.Section] = []
    for shown in doc["renditions"]:
        sections += _sections(doc, shown, apostille=bool(request.get("apostille")))
    return pdf.document(
        " / ".join(shown["title"] for shown in doc["renditions"]),
        sections,
        language=first["language"],
        author=doc["issuer"],
        number=doc["number"],
        code=doc["verificationCode"],
        made_at=rules.instant(doc["issuedAt"]),
        footer=[codes.WORDS[shown["language"]]["verify"] for shown in doc["renditions"]],
    )


def _sections(doc: rules.Json, shown: rules.Json, *, apostille: bool) -> Sequence[pdf.Section]:
    """Return the parts of the document in one language."""
    language, register = shown["language"], doc["registerEntry"]
    words = codes.WORDS[language]
    about = [
        (words["number"], doc["number"]),
        (words["code"], doc["verificationCode"]),
        (words["format"], codes.title("formats", doc["format"], language)),
        (words["issued"], doc["issuedAt"]),
        (words["until"], doc["validUntil"] or words["unlimited"]),
        (words["case"], doc["caseReference"]),
    ]
    entry = [
        (words["entryNumber"], register["number"]),
        (words["book"], register["book"]),
        (words["page"], register["page"]),
        (words["office"], register["office"]),
        (words["registered"], register["registeredAt"]),
        (words["version"], str(register["version"])),
    ]
    notes = [words["statement"], *([words["apostille"]] if apostille else [])]
    return (
        pdf.Section(shown["title"], language, about),
        pdf.Section(words["facts"], language, [(one["label"], one["value"]) for one in shown["facts"]]),
        pdf.Section(words["entry"], language, entry, notes),
    )


async def current(work: Work, record: Record) -> Record:
    """Return a certificate with its status of today; what has expired is stored as expired, for good."""
    status = rules.status(record.doc, work.today)
    return record if status == record.doc["status"] else await _end(work, record, status)


async def expire(work: Work, owner: str) -> None:
    """Store the expiry of the owner's certificates whose validity has ended."""
    after = 0
    while batch := await work.find(KIND, owner=owner, after=after, limit=BATCH, status=rules.VALID):
        for record in batch:
            await current(work, record)
        after = batch[-1].seq


async def supersede(work: Work, entry_id: str) -> None:
    """End every valid certificate of an entry because the entry has a newer version."""
    after = 0
    while batch := await work.find(KIND, after=after, limit=BATCH, entry=entry_id, status=rules.VALID):
        for record in batch:
            if rules.status(record.doc, work.today) == rules.VALID:
                await _end(work, record, rules.SUPERSEDED)
        after = batch[-1].seq


async def revoke(work: Work, record: Record, reason: str) -> Record:
    """Withdraw a certificate for good; the reason stays in the files."""
    if refusal := rules.revocable(record.doc, work.today):
        raise refusal
    return await _end(work, record, rules.REVOKED, {"revokedAt": work.stamp}, {"reason": reason})


async def _end(
    work: Work, record: Record, status: str, shown: rules.Json | None = None, hidden: rules.Json | None = None
) -> Record:
    doc = {**record.doc, "status": status, **(shown or {})}
    return await work.save(
        record, doc, hidden={**record.hidden, **(hidden or {})}, keys={**record.keys, "status": status}
    )
