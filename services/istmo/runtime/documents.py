"""Files that people hand in or receive: kept by digest, checked by their bytes, attached only when found clean.

In a sandbox a file is clean at once, until `/_sandbox/scans` says otherwise. Elsewhere it is pending until the
operator's scanner has looked at it and calls `scanned`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from istmo.errors import Problem

from . import gone, parse, problems
from .work import Answer, Record

if TYPE_CHECKING:
    from .parse import Upload
    from .service import ServiceContext
    from .work import Work

KIND = "documents"
CLEAN, PENDING, REJECTED = "clean", "pending", "rejected"
SCANS = frozenset({CLEAN, PENDING, REJECTED})
USES = "uses"  # the resources that a document is attached to
SUFFIXES = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/xml": "xml",
    "application/json": "json",
}
ALIASES = {"text/xml": "application/xml", "image/jpg": "image/jpeg"}
BEGINNINGS = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}


class _NotPlain(Exception):
    """An XML document with a document type: it may expand or fetch."""


async def upload_document(work: Work, body: Upload) -> Record:
    """Keep a file of a kind that the standard takes; its bytes decide, not its name."""
    media_type = ALIASES.get(body.media_type, body.media_type)
    if media_type not in SUFFIXES or not is_really(body.data, media_type):
        raise Problem("unsupported-media-type")
    stated = body.fields.get("sha256")
    if stated is not None and stated != hashlib.sha256(body.data).hexdigest():
        raise problems.validation_failed([problems.body_item(["sha256"], "digest-mismatch")])
    owner = work.caller.acting_for
    record = await work.store_file(
        body.data, media_type, body.fields["type"], owner, body.fields.get("title"), hidden={USES: []}
    )
    if work.settings.sandbox:
        return record
    return await work.save(record, {**record.doc, "scanStatus": PENDING})  # until the scanner calls `scanned`


async def get_document(work: Work, id: str) -> Record:  # noqa: A002 - the parameter's name
    """Read what is known about an own file."""
    try:
        return await work.get(KIND, id)
    except Problem as problem:
        if problem.code == "not-found":
            await gone.refuse(work, id)
        raise


async def get_document_content(work: Work, id: str) -> Answer:  # noqa: A002 - the parameter's name
    """Read an own file that passed its check, with its digest."""
    doc = (await get_document(work, id)).doc
    if doc["scanStatus"] != CLEAN:
        raise Problem("conflict")
    digest = base64.b64encode(bytes.fromhex(doc["sha256"])).decode()
    headers = {
        "Content-Disposition": f'attachment; filename="{id}.{SUFFIXES[doc["mediaType"]]}"',
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    return Answer(await work.file(id), etag=doc["sha256"], media_type=doc["mediaType"], headers=headers)


async def scanned(context: ServiceContext, document_id: str, status: str) -> bool:
    """Record how the scan of a document ended; False when there is no such document."""
    if status not in SCANS:
        raise ValueError(status)

    async def unit(work: Work) -> None:
        record = await work.get(KIND, document_id, any_owner=True)
        await work.save(record, {**record.doc, "scanStatus": status})

    try:
        await context.run(unit)
    except Problem as problem:
        if problem.code == "not-found":
            return False
        raise
    return True


# ---------------------------------------------------------------------- attaching


async def attach(work: Work, wanted: Iterable[tuple[str, str]], *, to: str) -> None:
    """Attach documents, given with their pointers, to a resource: own ones only, and only clean ones."""
    found: dict[str, Record] = {}
    items: list[dict[str, Any]] = []
    for document_id, pointer in wanted:
        record = await _own(work, document_id)
        if record is None:
            items.append({"in": "body", "pointer": pointer, "code": "not-allowed-here"})
        else:
            found[document_id] = record
    if items:
        raise problems.validation_failed(items)
    if any(record.doc["scanStatus"] != CLEAN for record in found.values()):
        raise Problem("conflict", rule="common/unclean-document-refused")
    for record in found.values():
        uses = record.hidden.get(USES, [])
        if to not in uses:
            await work.save(record, record.doc, hidden={**record.hidden, USES: [*uses, to]})


async def detach(work: Work, document_id: str, resource_id: str) -> None:
    """Take a document from a discarded resource; one that nothing else uses is removed for good."""
    record = await _own(work, document_id)
    if record is None:
        return
    uses = [use for use in record.hidden.get(USES, []) if use != resource_id]
    if uses:
        await work.save(record, record.doc, hidden={**record.hidden, USES: uses})
        return
    await work.remove_file(record)
    await gone.mark(work, document_id, record.owner)


async def _own(work: Work, document_id: str) -> Record | None:
    """Return a document of the person for whom the call acts."""
    try:
        return await work.get(KIND, document_id)
    except Problem as problem:
        if problem.code == "not-found":
            return None
        raise


# ---------------------------------------------------------------------- bytes


def is_really(data: bytes, media_type: str) -> bool:
    """Tell whether the bytes are of a media type."""
    beginning = BEGINNINGS.get(media_type)
    if beginning is not None:
        return data.startswith(beginning)
    return _is_json(data) if media_type == "application/json" else _is_xml(data)


def _is_json(data: bytes) -> bool:
    try:
        parse.decode(data)
    except Problem:
        return False
    return True


def _is_xml(data: bytes) -> bool:
    """Tell whether the bytes are well-formed XML without a document type."""

    def refuse(*_: object) -> None:
        raise _NotPlain

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, _NotPlain, ValueError, LookupError):  # the last: an encoding that nobody knows
        return False
    return True
