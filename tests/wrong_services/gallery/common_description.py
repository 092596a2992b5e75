"""Wrong descriptions and lists of fees: half told, in one language, with dead links, without price or law."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_services._tamper import App, Call, Reply

DESCRIBE, FEES, UNIT = "istmo.runtime.describe", "istmo.runtime.fees", "istmo.runtime.unit"
PAUSE = 0.01  # seconds in which other calls come in between
Json = dict[str, Any]


def _telling(reference: Reference, operation: str, change: Callable[[Json, Call], None]) -> App:
    """Build the reference with other answers to one operation."""

    def changed(call: Call, reply: Reply) -> None:
        document = reply.json if call.is_for(operation) and reply.status == 200 else None
        if document is not None:
            change(document, call)
            reply.put(document)

    return reference.answering(changed)


# Description


@wrong(
    "common/service-description-complete",
    "Only the name of the service has been translated.",
    also=("common/language-of-answers",),
)
def description_in_one_language(reference: Reference) -> App:
    original = reference.original(DESCRIBE, "_room")

    def room(work: Any) -> Any:
        found = original(work)
        return {**found, "descriptions": {"es": found["descriptions"]["es"]}}

    reference.replace(DESCRIBE, _room=room)
    return reference.app()


@wrong(
    "common/service-description-complete",
    "The description in English leaves the legal basis empty.",
    also=("common/answers-match-the-contract",),
)
def description_without_law_in_english(reference: Reference) -> App:
    def change(document: Json, call: Call) -> None:
        if (call.header("accept-language") or "").startswith("en"):
            document["legalBasis"] = []

    return _telling(reference, "getServiceDescription", change)


@wrong(
    "common/service-description-complete",
    "The description does not say how long it takes.",
    also=("common/answers-match-the-contract",),
)
def description_without_processing_time(reference: Reference) -> App:
    return _telling(reference, "getServiceDescription", lambda document, _: document.pop("processingTime"))


@wrong("common/service-links-work", "A link leads to where the forms were before they moved.")
def link_to_old_address(reference: Reference) -> App:
    original = reference.original(DESCRIBE, "_links")

    def links(work: Any) -> list[Json]:
        return [{**one, "href": one["href"].replace("/forms", "/formularios")} for one in original(work)]

    reference.replace(DESCRIBE, _links=links)
    return reference.app()


@wrong("common/service-links-work", "A link leads to the lists of a person who has logged in.")
def link_behind_login(reference: Reference) -> App:
    original = reference.original(DESCRIBE, "_links")

    def links(work: Any) -> list[Json]:
        return [*original(work), {"rel": "requests", "href": f"{work.context.base_path}/requests"}]

    reference.replace(DESCRIBE, _links=links)
    return reference.app()


# Fees


@wrong("common/fees-published", "A fee that applies rarely is not on the list.")
def fee_not_listed(reference: Reference) -> App:
    async def list_fees(work: Any, limit: int = 20, cursor: str | None = None) -> Any:
        from istmo.runtime import fees, listing  # noqa: PLC0415 - the gallery lists without loading the kernel

        found = [fees._shown(fee, work.language) for fee in work.profile.fees(work.context.slug)]  # noqa: SLF001 - spoiled
        return listing.answer(work, found[:1], limit, cursor, freeOfCharge=not found)

    list_fees.__module__ = FEES
    reference.replace(FEES, list_fees=list_fees)
    return reference.app()


@wrong("common/fees-published", "Nobody says which law a fee rests on.")
def fee_without_law(reference: Reference) -> App:
    def change(document: Json, _: Call) -> None:
        for fee in document["items"]:
            fee.pop("legalBasis", None)

    return _telling(reference, "listFees", change)


@wrong("common/fees-published", "The description names a cost that the list of fees does not have.")
def cost_not_listed(reference: Reference) -> App:
    original = reference.original(DESCRIBE, "_costs")

    def costs(work: Any) -> list[Json]:
        return [*original(work), {"identifier": "express", "description": "Express", "feeCode": "CIV-EXPRESS"}]

    reference.replace(DESCRIBE, _costs=costs)
    return reference.app()


@wrong("common/fees-published", "The bill has a charge for handling that nobody announced.")
def charge_not_listed(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        document = reply.json if call.is_for("submitRequest") and reply.status == 200 else None
        if document is not None and b"feeQuoteId" not in call.body and document["format"] == "full-copy":
            handling = {"amount": "1.00", "currency": "XTS"}
            document["fees"].append({"code": "CIV-HANDLING", "quantity": 1, "amount": handling})
            reply.put(document)

    return reference.answering(change)


@wrong("common/free-service-says-so", "The service says that it is free of charge, and charges.")
def free_of_charge_with_fees(reference: Reference) -> App:
    return _telling(reference, "listFees", lambda document, _: document.update(freeOfCharge=True))


# Quotes


@wrong("common/fee-quote-deterministic", "The lines of a quote come in another order each time.")
def quote_in_any_order(reference: Reference) -> App:
    asked = iter(range(10**9))

    def change(document: Json, _: Call) -> None:
        if len(document["lines"]) > 1 and next(asked) % 2:
            document["lines"].reverse()

    return _telling(reference, "createFeeQuote", change)


@wrong(
    "common/fee-quote-deterministic",
    "Of those who ask at the same moment, one is told what it costs.",
    also=("common/answers-match-the-contract",),
)
def quote_for_one_at_a_time(reference: Reference) -> App:
    from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

    original = reference.original(UNIT, "write")
    under_way: set[str] = set()

    async def write(context: Any, new_work: Any, effect: Any, intention: Any) -> Any:
        operation = new_work(None).operation_id
        if operation != "createFeeQuote":
            return await original(context, new_work, effect, intention)
        if operation in under_way:
            raise Problem("duplicate")
        under_way.add(operation)
        try:
            await asyncio.sleep(PAUSE)
            return await original(context, new_work, effect, intention)
        finally:
            under_way.discard(operation)

    reference.replace(UNIT, write=write)
    return reference.app()


@wrong("common/fee-quote-deterministic", "Who asks again for the same pays one cent more.")
def quote_rises_with_demand(reference: Reference) -> App:
    seen: dict[bytes, int] = {}

    def change(call: Call, reply: Reply) -> None:
        if call.path == "/_sandbox/reset":
            seen.clear()
        document = reply.json if call.is_for("createFeeQuote") and reply.status == 200 else None
        if document is not None:
            seen[call.body] = seen.get(call.body, -1) + 1
            units, cents = document["total"]["amount"].split(".")
            whole = int(units) * 100 + int(cents) + seen[call.body]
            document["total"]["amount"] = f"{whole // 100}.{whole % 100:02d}"
            reply.put(document)

    return reference.answering(change)


@wrong("common/fee-quote-equals-published-fee", "The total of a quote is that of its first line.")
def quote_totals_first_line(reference: Reference) -> App:
    def change(document: Json, _: Call) -> None:
        document["total"] = document["lines"][0]["amount"]

    return _telling(reference, "createFeeQuote", change)


@wrong("common/fee-quote-equals-published-fee", "Who asks for more than five gets a discount that nobody published.")
def quote_with_unpublished_discount(reference: Reference) -> App:
    original = reference.original(FEES, "_priced")

    def priced(line: Json, fee: Any) -> Json:
        return dict(original({**line, "quantity": min(line["quantity"], 5)}, fee)) | {"quantity": line["quantity"]}

    reference.replace(FEES, _priced=priced)
    return reference.app()


@wrong(
    "common/fee-quote-without-login",
    "Who asks what ten or more cost has to log in first.",
    also=("common/answers-match-the-contract",),
)
def quote_for_many_with_login(reference: Reference) -> App:
    original = reference.original(FEES, "create_fee_quote")

    async def create_fee_quote(work: Any, body: Json) -> Json:
        from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

        if any(line["quantity"] >= 10 for line in body["lines"]):  # noqa: PLR2004 - what is many
            raise Problem("unauthenticated", headers={"WWW-Authenticate": "Bearer"})
        return dict(await original(work, body))

    create_fee_quote.__module__ = FEES
    reference.replace(FEES, create_fee_quote=create_fee_quote)
    return reference.app()


@wrong("common/bill-equals-quote", "Who comes with a quote is billed for one piece only.")
def bill_forgets_quantity_of_quote(reference: Reference) -> App:
    original = reference.original(FEES, "bill")

    async def bill(work: Any, case: Any, lines: Any, **how: Any) -> None:
        if case.quote is not None:
            lines = [{**line, "quantity": 1} for line in lines]
            case.quote = None
        await original(work, case, lines, **how)

    reference.replace(FEES, bill=bill)
    return reference.app()


@wrong("common/bill-equals-quote", "Redeeming a quote costs a little more than was quoted.")
def bill_adds_to_quote(reference: Reference) -> App:
    original = reference.original(FEES, "bill")

    async def bill(work: Any, case: Any, lines: Any, **how: Any) -> None:
        quoted = case.quote is not None
        await original(work, case, lines, **how)
        if quoted:
            amount = case.doc["fees"][0]["amount"]
            case.doc["fees"][0]["amount"] = {**amount, "amount": amount["amount"].replace(".00", ".50")}

    reference.replace(FEES, bill=bill)
    return reference.app()
