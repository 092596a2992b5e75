"""Wrong civil registers, after the issue: document, credential, languages, verification, expiry, revocation."""

from __future__ import annotations

import json
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

from ._civil import CERTIFICATES, RULES

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App, Call, Forward, Reply

KERNEL = "istmo.runtime.kernel"
FORGOTTEN_AFTER = 90  # days
Json = dict[str, Any]


# Document and credential


@wrong("civil_certificates/pdf-carries-number-and-code", "The verification code is not printed on the document.")
def paper_without_code(reference: Reference) -> App:
    original = reference.original(CERTIFICATES, "_paper")

    def paper(doc: Json, request: Json) -> bytes:
        return bytes(original({**doc, "verificationCode": "-"}, request))

    reference.replace(CERTIFICATES, _paper=paper)
    return reference.app()


@wrong(
    "civil_certificates/pdf-carries-number-and-code",
    "The document shows the number of the request for its own.",
)
def paper_with_other_number(reference: Reference) -> App:
    original = reference.original(CERTIFICATES, "_paper")

    def paper(doc: Json, request: Json) -> bytes:
        return bytes(original({**doc, "number": doc["caseReference"]}, request))

    reference.replace(CERTIFICATES, _paper=paper)
    return reference.app()


@wrong("civil_certificates/pdf-digest-in-register", "The document is made anew for each download.")
def paper_made_anew(reference: Reference) -> App:
    downloads = iter(range(10**9))

    def change(call: Call, reply: Reply) -> None:
        if call.is_for("getCertificateContent") and reply.status == 200:
            reply.body += f"\n% download {next(downloads)}\n".encode()

    return reference.answering(change)


@wrong(
    "civil_certificates/credential-carries-number-and-code",
    "The credential names the request, not the certificate.",
)
def credential_of_request(reference: Reference) -> App:
    original = reference.original(CERTIFICATES, "_claims")

    def claims(doc: Json) -> Json:
        return {**original(doc), "number": doc["caseReference"]}

    reference.replace(CERTIFICATES, _claims=claims)
    return reference.app()


@wrong(
    "civil_certificates/credential-carries-number-and-code",
    "The credential is signed by nobody who can be asked.",
)
def credential_signed_by_stranger(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        document = reply.json if call.is_for("getCertificate") and reply.status == 200 else None
        if document is not None:
            head, _, signature = document["credential"]["value"].rpartition(".")
            document["credential"]["value"] = f"{head}.{signature[::-1]}"
            reply.put(document)

    return reference.answering(change)


@wrong("civil_certificates/multilingual-same-facts", "The English text leaves the last fact out.")
def english_leaves_out(reference: Reference) -> App:
    original = reference.original(CERTIFICATES, "_rendition")

    def rendition(kind: str, data: Json, language: str) -> Json:
        shown: Json = original(kind, data, language)
        return {**shown, "facts": shown["facts"][:-1]} if language == "en" else shown

    reference.replace(CERTIFICATES, _rendition=rendition)
    return reference.app()


@wrong("civil_certificates/multilingual-same-facts", "The English text turns dates round.")
def english_dates(reference: Reference) -> App:
    original = reference.original(CERTIFICATES, "_rendition")

    def turned(value: str) -> str:
        try:
            return date.fromisoformat(value).strftime("%m/%d/%Y")
        except ValueError:
            return value

    def rendition(kind: str, data: Json, language: str) -> Json:
        shown: Json = original(kind, data, language)
        facts = [{**fact, "value": turned(fact["value"])} for fact in shown["facts"]]
        return {**shown, "facts": facts} if language == "en" else shown

    reference.replace(CERTIFICATES, _rendition=rendition)
    return reference.app()


# Verification


@wrong("civil_certificates/verification-reveals-least", "The verification also tells the entry, for convenience.")
def verification_tells_entry(reference: Reference) -> App:
    original = reference.original(RULES, "disclosed")

    def disclosed(certificate: Json, *about: object) -> Json:
        return {**original(certificate, *about), "registrationNumber": certificate["registerEntry"]["number"]}

    reference.replace(RULES, disclosed=disclosed)
    return reference.app()


@wrong("civil_certificates/verification-reveals-least", "Instead of initials the verification tells the names.")
def verification_tells_names(reference: Reference) -> App:
    def initials(name: Json) -> str:
        return " ".join([*name["givenNames"], *name["familyNames"]])

    reference.replace(RULES, initials=initials)
    return reference.app()


@wrong("civil_certificates/verification-unknown-code", "A code that was never issued is said to be revoked.")
def unknown_code_revoked(reference: Reference) -> App:
    said = {
        "status": "revoked", "type": "birth", "issuedAt": "2020-01-01T00:00:00Z", "issuer": "-", "initials": "-",
    }  # fmt: skip

    def change(call: Call, reply: Reply) -> None:
        if call.is_for("verifyCertificate") and reply.status == 404:
            reply.status = 200
            reply.set("content-type", "application/json")
            reply.put(said)

    return reference.answering(change)


def _counting(operation: Any, count: int) -> Any:  # noqa: ANN401 - the kernel's own type
    """Return as much of an operation as the limiter looks at, with another number of failures."""
    limit = operation.failure_limit
    return SimpleNamespace(id=operation.id, failure_limit=limit and {**limit, "count": count})


@wrong("civil_certificates/verification-limits-guessing", "Codes can be guessed without end.")
def guessing_unlimited(reference: Reference) -> App:
    limiter = reference.original(KERNEL, "FailureLimiter")

    class Unlimited(limiter):  # type: ignore[misc, valid-type] # the class is looked up at run time
        async def check(self, operation: Any, service: str, address: str) -> None:
            if operation.id != "verifyCertificate":
                await super().check(operation, service, address)

    reference.replace(KERNEL, FailureLimiter=Unlimited)
    return reference.app()


@wrong("civil_certificates/verification-limits-guessing", "After ten wrong codes a right one is still confirmed.")
def guessing_rewarded(reference: Reference) -> App:
    limiter = reference.original(KERNEL, "FailureLimiter")

    class Generous(limiter):  # type: ignore[misc, valid-type] # the class is looked up at run time
        async def check(self, operation: Any, service: str, address: str) -> None:
            counted = _counting(operation, 30) if operation.id == "verifyCertificate" else operation
            await super().check(counted, service, address)

    reference.replace(KERNEL, FailureLimiter=Generous)
    return reference.app()


@wrong("civil_certificates/verification-limits-guessing", "Whoever mistypes three times is shut out.")
def guessing_ends_early(reference: Reference) -> App:
    limiter = reference.original(KERNEL, "FailureLimiter")

    class Strict(limiter):  # type: ignore[misc, valid-type] # the class is looked up at run time
        async def check(self, operation: Any, service: str, address: str) -> None:
            counted = _counting(operation, 3) if operation.id == "verifyCertificate" else operation
            await super().check(counted, service, address)

    reference.replace(KERNEL, FailureLimiter=Strict)
    return reference.app()


# Expiry and revocation


@wrong(
    "civil_certificates/certificate-expires",
    "What was valid once is valid for ever.",
    also=("civil_certificates/validity-in-months",),  # which asks for an end
)
def nothing_expires(reference: Reference) -> App:
    original = reference.original(RULES, "status")

    def status(certificate: Json, today: date) -> str:
        return str(original({**certificate, "validUntil": None}, today))

    reference.replace(RULES, status=status)
    return reference.app()


@wrong(
    "civil_certificates/certificate-expires",
    "A certificate is expired on its last day already.",
    also=("civil_certificates/validity-in-months",),  # which says which day is the last
)
def expired_a_day_early(reference: Reference) -> App:
    original = reference.original(RULES, "status")

    def status(certificate: Json, today: date) -> str:
        return str(original(certificate, today + timedelta(days=1)))

    reference.replace(RULES, status=status)
    return reference.app()


@wrong("civil_certificates/revoked-stays-revoked", "A revocation is forgotten after three months.")
def revocation_forgotten(reference: Reference) -> App:
    original = reference.original(RULES, "status")

    def status(certificate: Json, today: date) -> str:
        revoked = certificate.get("revokedAt")
        if revoked and (today - date.fromisoformat(revoked[:10])).days > FORGOTTEN_AFTER:
            return "valid"
        return str(original(certificate, today))

    reference.replace(RULES, status=status)
    return reference.app()


@wrong("civil_certificates/revoked-stays-revoked", "The page for verification does not learn of revocations.")
def verification_from_copy(reference: Reference) -> App:
    async def tamper(call: Call, forward: Forward) -> Reply:
        reply = await forward(call)
        document = reply.json if call.is_for("verifyCertificate") and reply.status == 200 else None
        if document is not None and document["status"] == "revoked":
            reply.body = json.dumps({**document, "status": "valid"}, ensure_ascii=False).encode()
        return reply

    return reference.tampered(tamper)
