"""Wrong services at files and receipts: what is taken, what is attached, what proves a submission."""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem
from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App, Call, Reply

DOCUMENTS, RECEIPTS = "istmo.runtime.documents", "istmo.runtime.receipts"
WORK = "istmo.runtime.work:Work"
MIB = 1024 * 1024
Json = dict[str, Any]


# Files


@wrong("common/document-media-type", "A file of an unknown kind is filed as a PDF.")
def any_file_a_pdf(reference: Reference) -> App:
    aliases = reference.original(DOCUMENTS, "ALIASES")
    strange = dict.fromkeys(("application/octet-stream", "text/plain"), "application/pdf")
    reference.replace(DOCUMENTS, ALIASES=aliases | strange, is_really=lambda *_: True)
    return reference.app()


@wrong("common/document-media-type", "A file is believed to be what it calls itself.")
def label_believed(reference: Reference) -> App:
    reference.replace(DOCUMENTS, is_really=lambda *_: True)
    return reference.app()


@wrong("common/document-too-large", "Files are taken up to twice the limit.")
def larger_files(reference: Reference) -> App:
    from istmo.runtime.settings import Limits  # noqa: PLC0415 - the gallery lists without loading the kernel

    reference.settings["limits"] = Limits(document_bytes=20 * MIB)
    return reference.app()


@wrong("common/document-too-large", "Files are taken up to half the limit only.")
def smaller_files(reference: Reference) -> App:
    from istmo.runtime.settings import Limits  # noqa: PLC0415 - see larger_files

    reference.settings["limits"] = Limits(document_bytes=5 * MIB)
    return reference.app()


@wrong("common/document-digest-mismatch", "The digest that comes with a file is not looked at.")
def digest_ignored(reference: Reference) -> App:
    original = reference.original(DOCUMENTS, "upload_document")

    @functools.wraps(original)
    async def upload_document(work: Any, body: Any) -> Any:  # noqa: ANN401 - the kernel's own types
        body.fields.pop("sha256", None)
        return await original(work, body)

    reference.replace(DOCUMENTS, upload_document=upload_document)
    return reference.app()


def _scans_read_as_clean(reference: Reference, *statuses: str) -> App:
    original = reference.original(DOCUMENTS, "_own")

    async def own(work: Any, document_id: str) -> Any:  # noqa: ANN401 - the kernel's own types
        record = await original(work, document_id)
        if record is not None and record.doc["scanStatus"] in statuses:
            record.doc["scanStatus"] = "clean"
        return record

    reference.replace(DOCUMENTS, _own=own)
    return reference.app()


@wrong("common/unclean-document-refused", "A file can be attached before its scan has ended.")
def pending_attached(reference: Reference) -> App:
    return _scans_read_as_clean(reference, "pending")


@wrong("common/unclean-document-refused", "Only a pending scan keeps a file out, a rejected one does not.")
def rejected_attached(reference: Reference) -> App:
    return _scans_read_as_clean(reference, "rejected")


# Receipts


@wrong(
    "common/receipt-given", "A submission is accepted without a receipt.",
    # A receipt that is not there has no digest, and one that only the list shows is more than a reading shows.
    also=("common/receipt-digest", "common/lists-show-no-more", "common/receipt-verifies"),
)  # fmt: skip
def no_receipt(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        document = reply.json
        if isinstance(document, dict) and document.pop("receipt", None) is not None:
            reply.put(document)

    return reference.answering(change)


@wrong("common/receipt-given", "All receipts of a day share one code.")
def shared_receipt(reference: Reference) -> App:
    original = reference.original(RECEIPTS, "issue")

    async def issue(work: Any, *about: Any, **more: Any) -> Json:  # noqa: ANN401 - the kernel's own types
        first = await work.context.reader.find(_query())
        found: Json = await original(work, *about, **more)
        return {**found, **{name: first[0].doc[name] for name in ("code", "verifyUrl")}} if first else found

    reference.replace(RECEIPTS, issue=issue)
    return reference.app()


@wrong("common/receipt-verifies", "A receipt is forgotten after a year.")
def receipt_forgotten(reference: Reference) -> App:
    original = reference.original(RECEIPTS, "verify_receipt")

    @functools.wraps(original)
    async def verify_receipt(work: Any, code: str) -> Json:  # noqa: ANN401 - the kernel's own type
        found: Json = await original(work, code)
        if found["issuedAt"][:4] < str(work.today.year - 1):
            raise Problem("not-found")
        return found

    reference.replace(RECEIPTS, verify_receipt=verify_receipt)
    return reference.app()


@wrong("common/receipt-verifies", "A receipt becomes invalid when time has passed.")
def receipt_invalid(reference: Reference) -> App:
    original = reference.original(RECEIPTS, "verify_receipt")

    @functools.wraps(original)
    async def verify_receipt(work: Any, code: str) -> Json:  # noqa: ANN401 - the kernel's own type
        found: Json = await original(work, code)
        return {**found, "valid": found["issuedAt"][:10] == str(work.today)}

    reference.replace(RECEIPTS, verify_receipt=verify_receipt)
    return reference.app()


def _sealed(reference: Reference, change: Any) -> App:  # noqa: ANN401 - what is signed, from the work and the receipt
    """Sign something else than the receipt, or with something else than the published key."""
    original = reference.original(WORK, "sign")

    def sign(work: Any, document: Json) -> str:  # noqa: ANN401 - the kernel's own type
        return original(work, document) if "caseReference" not in document else str(change(work, document, original))

    reference.replace(WORK, sign=sign)
    return reference.app()


@wrong("common/receipt-verifies", "A receipt bears the signature of another text.")
def receipt_signs_nothing(reference: Reference) -> App:
    return _sealed(reference, lambda work, document, sign: sign(work, {"code": document["code"]}))


@wrong("common/receipt-verifies", "The signature of a receipt does not fit its text.")
def receipt_signature_spoilt(reference: Reference) -> App:
    def spoil(work: Any, document: Json, sign: Any) -> str:  # noqa: ANN401 - the kernel's own types
        head, payload, signature = sign(work, document).split(".")
        return f"{head}.{payload}.{signature[::-1]}"

    return _sealed(reference, spoil)


def _limited(reference: Reference, count: int) -> App:
    """Let another number of unknown codes pass before checks of receipts are refused."""
    limiter = reference.original("istmo.runtime.kernel", "FailureLimiter")

    class Other(limiter):  # type: ignore[misc, valid-type] # the class is looked up at run time
        async def check(self, operation: Any, service: str, address: str) -> None:  # noqa: ANN401 - the kernel's type
            if operation.id == "verifyReceipt":
                operation = SimpleNamespace(id=operation.id, failure_limit={**operation.failure_limit, "count": count})
            await super().check(operation, service, address)

    reference.replace("istmo.runtime.kernel", FailureLimiter=Other)
    return reference.app()


@wrong("common/receipt-limits-guessing", "Codes of receipts can be guessed without end.")
def receipts_guessed(reference: Reference) -> App:
    return _limited(reference, 1_000_000)


@wrong("common/receipt-limits-guessing", "Whoever mistypes the code of a receipt three times is shut out.")
def receipts_closed_early(reference: Reference) -> App:
    return _limited(reference, 3)


async def _like(work: Any, code: str, same: Any) -> str:  # noqa: ANN401 - the kernel's own types
    """The first code of a receipt that is the same as another one in the eyes of a careless comparison."""
    known = await work.context.reader.find(_query())
    return next((record.id for record in known if same(record.id) == same(code)), code)


def _query() -> Any:  # noqa: ANN401 - the kernel's own type
    from istmo.runtime.store import Query  # noqa: PLC0415 - the gallery lists without loading the kernel

    return Query("receipts", limit=1000)


def _compared(reference: Reference, same: Any) -> App:  # noqa: ANN401 - a function of a text
    original = reference.original(RECEIPTS, "verify_receipt")

    @functools.wraps(original)
    async def verify_receipt(work: Any, code: str) -> Json:  # noqa: ANN401 - the kernel's own type
        found: Json = await original(work, await _like(work, code, same))
        return found

    reference.replace(RECEIPTS, verify_receipt=verify_receipt)
    return reference.app()


@wrong(
    "common/altered-receipt-unknown",
    "The last character of a receipt's code does not count.",
    also=("common/receipt-limits-guessing",),
)
def code_cut(reference: Reference) -> App:
    return _compared(reference, lambda code: code[:-1])


@wrong(
    "common/altered-receipt-unknown",
    "Capital and small letters of a receipt's code are the same.",
    also=("common/receipt-limits-guessing",),
)
def code_without_case(reference: Reference) -> App:
    return _compared(reference, str.lower)


@wrong(
    "common/altered-receipt-unknown",
    "Only the first half of a receipt's code is compared.",
    also=("common/receipt-limits-guessing",),
)
def code_half(reference: Reference) -> App:
    return _compared(reference, lambda code: code[:11])


@wrong("common/receipt-reveals-nothing", "The verification of a receipt says who handed it in.")
def receipt_names_owner(reference: Reference) -> App:
    original = reference.original(RECEIPTS, "verify_receipt")

    @functools.wraps(original)
    async def verify_receipt(work: Any, code: str) -> Json:  # noqa: ANN401 - the kernel's own type
        record = await work.context.reader.get("receipts", code)
        found: Json = await original(work, code)
        return {**found, "presentedBy": record.owner}

    reference.replace(RECEIPTS, verify_receipt=verify_receipt)
    return reference.app()


@wrong("common/receipt-reveals-nothing", "The verification of a receipt shows the case to which it belongs.")
def receipt_shows_case(reference: Reference) -> App:
    original = reference.original(RECEIPTS, "verify_receipt")

    @functools.wraps(original)
    async def verify_receipt(work: Any, code: str) -> Json:  # noqa: ANN401 - the kernel's own type
        found: Json = await original(work, code)
        receipt = await work.context.reader.get("receipts", code)
        for record in await work.find("requests", reference=receipt.doc["caseReference"], limit=1):
            found["case"] = record.doc
        return found

    reference.replace(RECEIPTS, verify_receipt=verify_receipt)
    return reference.app()
