"""Wrong civil registers, at the counter: what is offered, who may ask, for what, how often and at what price."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

from ._civil import HOOKS, RULES, hooked

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App, Call, Reply

TABLE = "istmo.runtime.cases._table"
FORMATS = ["extract", "full-copy", "multilingual-extract"]
RELATIONSHIPS = ("self", "child", "parent", "spouse", "ward", "other")
MOST_COPIES = 10
Json = dict[str, Any]


@wrong("civil_certificates/certificate-types-published", "The catalogue still shows last year's price.")
def catalogue_with_old_price(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("listCertificateTypes") and reply.status == 200:
            document = reply.json
            for kind in document["items"]:
                kind["fee"]["amount"]["amount"] = "7.50"
            reply.put(document)

    return reference.answering(change)


@wrong(
    "civil_certificates/certificate-types-published",
    "The catalogue does not say how long a certificate is valid.",
)
def catalogue_without_validity(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("listCertificateTypes") and reply.status == 200:
            document = reply.json
            for kind in document["items"]:
                del kind["validityMonths"]
            reply.put(document)

    return reference.answering(change)


@wrong("civil_certificates/formats-as-published", "Any format is accepted for any type of certificate.")
def any_format(reference: Reference) -> App:
    original = reference.original(RULES, "offered")

    def offered(request: Json, kinds: list[Json], **apostille: bool) -> object:
        return original(request, [{**kind, "formats": FORMATS} for kind in kinds], **apostille)

    reference.replace(RULES, offered=offered)
    return reference.app()


@wrong("civil_certificates/apostille-only-where-offered", "An apostille is sold for a digital certificate too.")
def apostille_on_anything(reference: Reference) -> App:
    original = reference.original(RULES, "offered")

    def offered(request: Json, kinds: list[Json], **_apostille: bool) -> object:
        return original(request, kinds, apostille_paper=True, apostille_digital=True)

    reference.replace(RULES, offered=offered)
    return reference.app()


@wrong(
    "civil_certificates/entitled-relationships",
    "The country's list of relationships is not looked at.",
    also=("civil_certificates/refusal-names-rule",),  # what is not refused names no rule
)
def any_relationship(reference: Reference) -> App:
    original = reference.original(RULES, "entitled")

    def entitled(request: Json, _listed: list[str], *, by_mandate: bool) -> object:
        return original(request, RELATIONSHIPS, by_mandate=by_mandate)

    reference.replace(RULES, entitled=entitled)
    return reference.app()


@wrong(
    "civil_certificates/entitled-relationships",
    "What is refused at first is accepted as a change of the draft.",
)
def drafts_changed_unchecked(reference: Reference) -> App:
    checked = reference.original(HOOKS, "draft")

    async def draft(work: Any, body: Json) -> Any:  # noqa: ANN401 - the kernel's own type is not imported here
        if work.operation.id == "replaceRequest":
            return {"type": body["certificateType"], "about": body["about"]}
        return await checked(work, body)

    return hooked(reference, draft=draft)


@wrong(
    "civil_certificates/other-needs-mandate-or-evidence",
    "Anybody may ask for anybody's record as `other`.",
    also=("civil_certificates/refusal-names-rule",),  # what is not refused names no rule
)
def other_without_reason(reference: Reference) -> App:
    original = reference.original(RULES, "entitled")

    def entitled(request: Json, listed: list[str], *, by_mandate: bool) -> object:
        return original(request, listed, by_mandate=by_mandate or True)

    reference.replace(RULES, entitled=entitled)
    return reference.app()


@wrong(
    "civil_certificates/other-needs-mandate-or-evidence",
    "Any attachment passes for evidence of a legal interest.",
)
def other_with_any_evidence(reference: Reference) -> App:
    original = reference.original(RULES, "entitled")

    def entitled(request: Json, listed: list[str], *, by_mandate: bool) -> object:
        return original(request, listed, by_mandate=by_mandate or bool(request.get("evidence")))

    reference.replace(RULES, entitled=entitled)
    return reference.app()


@wrong(
    "civil_certificates/copies-range", "More than ten copies are silently made ten.", also=("common/constraints-hold",)
)
def copies_cut_silently(reference: Reference) -> App:
    def change(call: Call) -> None:
        if not call.is_for("createRequest"):
            return
        try:
            document = json.loads(call.body)
        except (ValueError, RecursionError):
            return
        copies = document.get("copies") if isinstance(document, dict) else None
        if isinstance(copies, int) and copies > MOST_COPIES:
            call.body = json.dumps({**document, "copies": MOST_COPIES}).encode()

    return reference.asking(change)


@wrong("civil_certificates/copies-range", "No copy is taken for one copy.", also=("common/constraints-hold",))
def no_copy_is_one(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.is_for("createRequest") and b'"copies": 0' in call.body:
            call.body = call.body.replace(b'"copies": 0', b'"copies": 1')

    return reference.asking(change)


@wrong("civil_certificates/event-not-in-future", "Dates of events that are still to come are accepted.")
def future_accepted(reference: Reference) -> App:
    original = reference.original(RULES, "event_dates")

    def event_dates(request: Json, _today: date) -> object:
        return original(request, date.max)

    reference.replace(RULES, event_dates=event_dates)
    return reference.app()


@wrong("civil_certificates/event-not-in-future", "Today is taken from the clock of Greenwich.")
def today_of_greenwich(reference: Reference) -> App:
    checked, original = reference.original(HOOKS, "draft"), reference.original(RULES, "event_dates")
    clock: dict[str, date] = {}

    async def draft(work: Any, body: Json) -> Any:  # noqa: ANN401 - the kernel's own type is not imported here
        clock["today"] = work.now.date()
        return await checked(work, body)

    def event_dates(request: Json, _today: date) -> object:
        return original(request, clock["today"])

    reference.replace(RULES, event_dates=event_dates)
    return hooked(reference, draft=draft)


@wrong("civil_certificates/event-after-birth", "Nobody compares the date of the event with the date of birth.")
def event_before_birth(reference: Reference) -> App:
    original = reference.original(RULES, "event_dates")

    def event_dates(request: Json, today: date) -> object:
        about = request["about"]
        person = {name: value for name, value in about["person"].items() if name != "birthDate"}
        return original({**request, "about": {**about, "person": person}}, today)

    reference.replace(RULES, event_dates=event_dates)
    return reference.app()


@wrong("civil_certificates/duplicate-open-request", "The same request can be submitted any number of times.")
def duplicates_accepted(reference: Reference) -> App:
    async def refuse_twin(_work: object, _case: object) -> None:
        return None

    reference.replace(HOOKS, _refuse_twin=refuse_twin)
    return reference.app()


@wrong("civil_certificates/duplicate-after-end", "Evidence of a withdrawn request cannot be handed in again.")
def evidence_used_up(reference: Reference) -> App:
    original, key = reference.original(HOOKS, "_refuse_twin"), reference.original(RULES, "duplicate_key")

    async def refuse_twin(work: Any, case: Any) -> None:  # noqa: ANN401 - the kernel's own types are not imported here
        from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

        for earlier in await work.find("requests", owner=case.owner, status="withdrawn"):
            if case.doc.get("evidence") and key(earlier.doc, case.owner) == key(case.doc, case.owner):
                raise Problem("duplicate")
        await original(work, case)

    reference.replace(HOOKS, _refuse_twin=refuse_twin)
    return reference.app()


@wrong(
    "civil_certificates/duplicate-after-end",
    "Each certificate is issued to a person once in a lifetime.",
    also=(
        "civil_certificates/corrected-entry-found",
        "civil_certificates/certificate-language",
    ),
)
def completed_blocks_forever(reference: Reference) -> App:
    reference.replace(TABLE, OPEN=reference.original(TABLE, "OPEN") | {"completed"})
    return reference.app()


@wrong(
    "civil_certificates/minors-by-guardian",
    "A parent may ask for the record of a minor as anything.",
    also=("civil_certificates/refusal-names-rule",),  # what is not refused names no rule
)
def minors_by_anybody(reference: Reference) -> App:
    original = reference.original(RULES, "guarded")

    def guarded(request: Json, today: date) -> object:
        return original(request, today) if request["about"]["relationship"] == "self" else None

    reference.replace(RULES, guarded=guarded)
    return reference.app()


@wrong(
    "civil_certificates/minors-by-guardian",
    "Age is counted in calendar years, so who comes of age this year is of age.",
)
def minors_by_year(reference: Reference) -> App:
    def is_minor(born: date, today: date) -> bool:
        return today.year - born.year < 18

    reference.replace(RULES, is_minor=is_minor)
    return reference.app()


@wrong(
    "civil_certificates/minor-not-by-itself",
    "A minor may ask for the own record.",
    also=("civil_certificates/refusal-names-rule",),  # what is not refused names no rule
)
def minor_by_itself(reference: Reference) -> App:
    original = reference.original(RULES, "guarded")

    def guarded(request: Json, today: date) -> object:
        return None if request["about"]["relationship"] == "self" else original(request, today)

    reference.replace(RULES, guarded=guarded)
    return reference.app()


@wrong("civil_certificates/minor-also-without-birth-date", "Only the age that the applicant tells is looked at.")
def age_as_told(reference: Reference) -> App:
    reference.replace(RULES, _withheld=lambda *_: False)
    return reference.app()


@wrong(
    "civil_certificates/fee-per-copy",
    "Whatever the number of copies, one is billed.",
    also=("civil_certificates/social-programme-exempt",),  # whose copies are counted too
)
def one_copy_billed(reference: Reference) -> App:
    original = reference.original(RULES, "charges")

    def charges(request: Json, *exemptions: object) -> object:
        lines = original(request, *exemptions)
        return [{**line, "quantity": 1} if line["code"] == "CIV-CERT" else line for line in lines]

    reference.replace(RULES, charges=charges)
    return reference.app()


@wrong("civil_certificates/fee-per-copy", "One apostille is billed for all copies.", country="HN")
def one_apostille_billed(reference: Reference) -> App:
    original = reference.original(RULES, "charges")

    def charges(request: Json, *exemptions: object) -> object:
        lines = original(request, *exemptions)
        return [{**line, "quantity": 1} if line["code"] == "CIV-APOSTILLE" else line for line in lines]

    reference.replace(RULES, charges=charges)
    return reference.app()


@wrong("civil_certificates/fee-hold-blocks-issue", "What is fetched at the office is issued before it is paid.")
def issued_unpaid(reference: Reference) -> App:
    original = reference.original(HOOKS, "submitted")

    async def submitted(work: Any, case: Any) -> None:  # noqa: ANN401 - the kernel's own types are not imported here
        await original(work, case)
        if case.doc["delivery"] == "office":
            case.release("fee-unpaid")

    return hooked(reference, submitted=submitted)


@wrong("civil_certificates/fee-hold-blocks-issue", "The system issues before anybody has paid; only registrars wait.")
def system_issues_unpaid(reference: Reference) -> App:
    original = reference.original(HOOKS, "automatic")

    async def automatic(work: Any, case: Any) -> Any:  # noqa: ANN401 - the kernel's own types are not imported here
        step = await original(work, case)
        if step is not None and step.action == "issue":
            case.release("fee-unpaid")
        return step

    return hooked(reference, automatic=automatic)


@wrong("civil_certificates/payment-releases-issue", "After the payment an officer has to press the button.")
def payment_waits_for_officer(reference: Reference) -> App:
    original = reference.original(HOOKS, "automatic")

    async def automatic(work: Any, case: Any) -> Any:  # noqa: ANN401 - the kernel's own types are not imported here
        step = await original(work, case)
        return None if step is not None and step.action == "issue" else step

    return hooked(reference, automatic=automatic)


@wrong(
    "civil_certificates/requests-by-status",
    "Citizens see all of their requests, whichever status they ask for.",
    also=(
        "common/constraints-hold",
        "common/repeated-parameter",
        "common/constraints-hold",
    ),
)
def own_requests_unfiltered(reference: Reference) -> App:
    def change(call: Call) -> None:
        own = "civil-certificates:officer" not in _scopes(call)
        if call.is_for("listRequests") and own:
            call.query = "&".join(part for part in call.query.split("&") if not part.startswith("status="))

    return reference.asking(change)


def _scopes(call: Call) -> str:
    """The scopes of the token of a call."""
    token = (call.header("authorization") or "").removeprefix("Bearer ")
    payload = token.split(".")[1] if token.count(".") == 2 else ""  # noqa: PLR2004 - the dots of a JWT
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["scope"]) if payload else ""
