"""Wrong tills: what waits for no payment, payments that release late, quotes that end at the wrong time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem
from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App, Call, Reply

FEES = "istmo.runtime.fees"
CASE = "istmo.runtime.cases._machine:Case"
DRAFT = "istmo.runtime.cases._draft:CaseDraft"
HOLD, PAID = "fee-unpaid", "payments.request.paid"


# Holds


@wrong(
    "common/unpaid-fee-blocks",
    "What a fee blocks waits when the system would do it, and not when an officer does.",
    # The first is the same rule in the words of this service; the second speaks of "the action that it blocked".
    also=("civil_certificates/fee-hold-blocks-issue", "common/paid-fee-releases"),
)
def officers_ignore_holds(reference: Reference) -> App:
    async def may(self: Any, work: Any, case: Any, action: str) -> None:  # noqa: ANN401 - the kernel's own types
        await self.hooks.guard(work, case, action)

    reference.replace(CASE, _may=may)
    return reference.app()


@wrong(
    "common/unpaid-fee-blocks",
    "The hold is only a reminder: it is gone once somebody was refused because of it.",
    also=("civil_certificates/fee-hold-blocks-issue",),  # the same rule in the words of this service
)
def hold_gone_with_refusal(reference: Reference) -> App:
    begin, original = reference.original(DRAFT, "__init__"), reference.original(CASE, "_may")
    reminded: set[str] = set()

    def init(self: Any, work: Any, record: Any) -> None:  # noqa: ANN401 - the kernel's own types
        begin(self, work, record)
        if self.id in reminded:
            self.release(HOLD)

    async def may(self: Any, work: Any, case: Any, action: str) -> None:  # noqa: ANN401 - see above
        try:
            await original(self, work, case, action)
        except Problem as problem:
            if problem.code == "hold-active":
                reminded.add(case.id)
            raise

    reference.replace(DRAFT, __init__=init)
    reference.replace(CASE, _may=may)
    return reference.app()


@wrong("common/paid-fee-releases", "After the payment the case is read once more with the holds of before.")
def release_seen_late(reference: Reference) -> App:
    shown: dict[str, list[Any]] = {}
    late: dict[str, list[Any]] = {}

    def change(call: Call, reply: Reply) -> None:
        if call.path == "/_sandbox/events":
            order = json.loads(call.body)
            case = str(order["data"].get("caseId"))
            if order["type"] == PAID and case in shown:
                late[case] = shown.pop(case)
        elif call.is_for("getRequest") and reply.status == 200:
            document = reply.json
            shown[document["id"]] = document["holds"]
            if document["id"] in late:
                document["holds"] = late.pop(document["id"])
                reply.put(document)

    return reference.answering(change)


# Quotes


@wrong("common/expired-quote", "A quote holds for ever.")
def quotes_for_ever(reference: Reference) -> App:
    async def quoted(work: Any, quote_id: str) -> Any:  # noqa: ANN401 - the kernel's own types
        record = await work.context.reader.get("fee-quotes", quote_id)
        if record is None:
            raise Problem("validation-failed")
        return record.doc

    reference.replace(FEES, quoted=quoted)
    return reference.app()


@wrong("common/expired-quote", "A quote whose time is over is refused as a conflict.")
def expired_quote_refused_as_conflict(reference: Reference) -> App:
    original = reference.original(FEES, "quoted")

    async def quoted(work: Any, quote_id: str) -> Any:  # noqa: ANN401 - the kernel's own types
        try:
            return await original(work, quote_id)
        except Problem as problem:
            if problem.rule == "common/expired-quote":
                raise Problem("conflict") from None
            raise

    reference.replace(FEES, quoted=quoted)
    return reference.app()


@wrong("common/expired-quote", "A quote that holds to the end of a day is over when that day begins.")
def quotes_end_a_day_early(reference: Reference) -> App:
    original = reference.original(FEES, "quoted")

    async def quoted(work: Any, quote_id: str) -> Any:  # noqa: ANN401 - the kernel's own types
        quote = await original(work, quote_id)
        if work.stamp[:10] >= quote["validUntil"][:10]:
            raise Problem("rule-violated", rule="common/expired-quote")
        return quote

    reference.replace(FEES, quoted=quoted)
    return reference.app()
