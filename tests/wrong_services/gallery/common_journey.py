"""Wrong ways: drafts lost or kept, receipts of something else, ends without output, doors closed to neighbours."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App, Call, Reply

MACHINE, DRAFT = "istmo.runtime.cases._machine:Case", "istmo.runtime.cases._draft:CaseDraft"
GONE, DOCUMENTS = "istmo.runtime.gone", "istmo.runtime.documents"

Json = dict[str, Any]


# Drafts


@wrong("common/draft-survives", "A draft lasts as long as a session: twelve hours.")
def draft_of_a_session(reference: Reference) -> App:
    def keep_draft(self: Any) -> None:
        from istmo.runtime import instants  # noqa: PLC0415 - the gallery lists without loading the kernel

        self.hidden["expiresAt"] = instants.write(self.work.now + timedelta(hours=12))

    reference.replace(DRAFT, keep_draft=keep_draft)
    return reference.app()


@wrong("common/draft-survives", "A draft can be submitted only on the day on which it was last written.")
def draft_of_a_day(reference: Reference) -> App:
    original = reference.original(MACHINE, "_may")

    async def may(self: Any, work: Any, case: Any, action: str) -> None:
        from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

        if action == "submit" and case.doc["updatedAt"][:10] != work.stamp[:10]:
            raise Problem("conflict", currentStatus=case.status)
        await original(self, work, case, action)

    reference.replace(MACHINE, _may=may)
    return reference.app()


@wrong("common/draft-survives", "What is written into a draft on a later day is not kept.")
def draft_not_rewritten(reference: Reference) -> App:
    original = reference.original(MACHINE, "replace")

    async def replace(self: Any, work: Any, id: str, body: Json) -> Any:  # noqa: A002 - the parameter's name
        case = await self._case(work, id)
        if case.status == "draft" and case.doc["createdAt"][:10] != work.stamp[:10]:
            return await self._answer(work, await self._save(work, case))
        return await original(self, work, id, body)

    reference.replace(MACHINE, replace=replace)
    return reference.app()


# Discarded drafts


@wrong("common/discarded-draft-gone", "A discarded draft answers as if it had never been there.")
def discarded_unknown(reference: Reference) -> App:
    async def refuse(_work: Any, _id: str) -> None:
        return None

    reference.replace(GONE, refuse=refuse)
    return reference.app()


def _keeping_discarded(reference: Reference, refuse: Any) -> App:
    """Build the reference with discarded drafts that are kept, and refused to whom `refuse` says."""
    original = reference.original(MACHINE, "_case")

    async def case(self: Any, work: Any, case_id: str) -> Any:
        from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

        found = await original(self, work, case_id)
        if found.status == "discarded" and refuse(work):
            raise Problem("gone")
        return found

    async def discard(self: Any, work: Any, case: Any) -> Any:
        from istmo.runtime import documents  # noqa: PLC0415 - the gallery lists without loading the kernel

        for document_id in case.doc.get("documents", ()):
            await documents.detach(work, document_id, case.id)
        return await self._answer(work, await self._save(work, case))

    reference.replace(MACHINE, _case=case, _discard=discard)
    return reference.app()


@wrong("common/discarded-draft-gone", "A discarded draft is refused and stays in the list.")
def discarded_in_list(reference: Reference) -> App:
    return _keeping_discarded(reference, lambda _: True)


@wrong("common/discarded-draft-gone", "A discarded draft can still be read.")
def discarded_read_on(reference: Reference) -> App:
    return _keeping_discarded(reference, lambda work: work.writing)


@wrong("common/discarded-documents-gone", "The documents of a discarded draft stay.")
def discarded_documents_stay(reference: Reference) -> App:
    async def detach(_work: Any, _document_id: str, _resource_id: str) -> None:
        return None

    reference.replace(DOCUMENTS, detach=detach)
    return reference.app()


@wrong("common/discarded-documents-gone", "What is in the documents of a discarded draft can still be fetched.")
def discarded_content_stays(reference: Reference) -> App:
    original = reference.original(DOCUMENTS, "get_document")

    async def get_document(work: Any, id: str) -> Any:  # noqa: A002 - the parameter's name
        from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

        record = await original(work, id)
        if "discarded" in record.hidden and work.operation_id == "getDocument":
            raise Problem("gone")
        return record

    async def detach(work: Any, document_id: str, _: str) -> None:
        record = await work.get("documents", document_id)
        await work.save(record, record.doc, hidden={**record.hidden, "discarded": work.stamp})

    get_document.__module__ = DOCUMENTS  # only a module's own functions are taken for handlers
    reference.replace(DOCUMENTS, get_document=get_document, detach=detach)
    return reference.app()


# Receipts


def _digesting(reference: Reference, digest: Any) -> App:
    """Build the reference with another digest of what was sent."""
    original = reference.original(MACHINE, "_sent")

    def sent(case: Any, body: Json, facts: Json) -> None:
        before = case.hidden.get("payloadDigest")
        original(case, body, facts)
        case.hidden["payloadDigest"] = digest(body, facts, before) or case.hidden["payloadDigest"]

    reference.replace(MACHINE, _sent=staticmethod(sent))
    return reference.app()


@wrong("common/receipt-digest", "The digest is taken of JSON in the form of one programming language.")
def receipt_of_other_form(reference: Reference) -> App:
    return _digesting(
        reference, lambda body, _, __: hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    )


@wrong("common/receipt-digest", "The digest is that of the first version of the draft.")
def receipt_of_first_version(reference: Reference) -> App:
    return _digesting(reference, lambda _, __, before: before)


@wrong("common/receipt-digest", "The digest is that of what the service made of what was sent.")
def receipt_of_stored_form(reference: Reference) -> App:
    def digest(_: Json, facts: Json, __: Any) -> str:
        import rfc8785  # noqa: PLC0415 - the gallery lists without loading it

        return hashlib.sha256(rfc8785.dumps(facts)).hexdigest()

    return _digesting(reference, digest)


# The whole way


@wrong("common/whole-way-online", "What goes by post cannot be opened online.")
def output_on_paper_only(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        document = reply.json if reply.status == 200 and call.is_for("getRequest", "issueRequest") else None
        if document is not None and document["delivery"] == "post" and document["outputs"]:
            for output in document["outputs"]:
                output["href"] = output["href"].replace("/certificates/", "/shipments/")
            reply.put(document)

    return reference.answering(change)


@wrong(
    "common/whole-way-online",
    "A registrar is not told that an approved request can be issued: that is done at the counter.",
    also=("common/unavailable-actions-refused",),
)
def issue_not_on_offer(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        document = reply.json if reply.status == 200 and call.is_for("getRequest", "approveRequest") else None
        if document is not None:
            document["availableActions"] = [one for one in document["availableActions"] if one["name"] != "issue"]
            reply.put(document)

    return reference.answering(change)


# Neighbours


def _for_foreigners(reference: Reference, refuse: Any) -> App:
    """Build the reference with a refusal of its own for citizens of other member states."""
    original = reference.original(MACHINE, "_facts")

    async def facts(self: Any, work: Any, body: Json, case_id: str) -> Json:
        if work.caller.country not in {None, work.settings.country}:
            refuse(body)
        return dict(await original(self, work, body, case_id))

    reference.replace(MACHINE, _facts=facts)
    return reference.app()


@wrong("common/regional-client-accepted", "Citizens of other member states have to fill in the national additions.")
def additions_required_of_neighbours(reference: Reference) -> App:
    def refuse(body: Json) -> None:
        from istmo.runtime import problems  # noqa: PLC0415 - the gallery lists without loading the kernel

        if "national" not in body:
            raise problems.validation_failed([problems.body_item(["national"], "missing-property")])

    return _for_foreigners(reference, refuse)


@wrong("common/regional-client-accepted", "Citizens of other member states are sent to their consulate.")
def neighbours_sent_away(reference: Reference) -> App:
    def refuse(_: Json) -> None:
        from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

        raise Problem("not-entitled")

    return _for_foreigners(reference, refuse)
