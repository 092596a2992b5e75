"""What an applicant hands in: for whom, with which files and evidence; refused unless it is the caller's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from istmo.errors import Problem
from istmo.runtime import documents, evidence, fees, problems

if TYPE_CHECKING:
    from istmo.runtime.store import Json
    from istmo.runtime.work import Work

ME = "me"


def applicant(work: Work, body: Json) -> Json:
    """Return the applicant by identifier; anybody but the caller, or the principal of the mandate, is refused."""
    stated = body["applicant"]
    mine = work.caller.acting_for
    if stated["id"] not in {ME, mine}:
        raise Problem("mandate-required", rule="common/mandate-required")
    return {**stated, "id": mine}


async def attach(work: Work, body: Json, *, to: str) -> tuple[list[str], list[Json]]:
    """Return the documents and the evidence of a body after having checked that they may be attached."""
    listed = list(body.get("documents") or ())
    given = list(body.get("evidence") or ())
    wanted = [(document, f"/documents/{n}") for n, document in enumerate(listed)]
    wanted += [(one["documentId"], f"/evidence/{n}/documentId") for n, one in enumerate(given) if "documentId" in one]
    await documents.attach(work, wanted, to=to)
    return listed, [evidence.received(one, work.caller.acting_for) for one in given]


def check_money(work: Work, body: Json) -> None:
    """Refuse amounts in currencies that the country does not use."""
    items = fees.currency_items(body, work.profile.currencies)
    if items:
        raise problems.validation_failed(items)


def reason(body: Json) -> str | None:
    """Return the reason of an action: the one stated, else the words of its grounds."""
    stated = body.get("reason")
    if stated is not None:
        return str(stated)
    grounds: Sequence[Json] = body.get("grounds") or ()
    return "; ".join(str(ground["text"]) for ground in grounds)[:2000] or None
