{% set it = facts(cookiecutter) -%}
"""What {{ it.article }} {{ it.noun }} adds to the case machine: its check, its fee, its output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from istmo.runtime import fees

from . import decisions, kinds, rules

if TYPE_CHECKING:
    from istmo.runtime import Work
    from istmo.runtime.cases import CaseDraft

COLLECTION = "{{ it.collection }}"


async def draft(work: Work, body: dict[str, Any]) -> dict[str, Any]:
    """Check what is asked for; the type of a case is its kind."""
    if refusal := rules.typed(body) or rules.offered(body, kinds.codes(work)):
        raise refusal
    return {"type": body["kind"]}


async def submitted(work: Work, case: CaseDraft) -> None:
    """Charge the fee, which blocks `issue` until it is paid."""
    await fees.bill(work, case, rules.charges(work.profile.fees(work.context.slug)), blocks=["issue"])


async def issued(work: Work, case: CaseDraft) -> list[dict[str, Any]]:
    """Issue the decision as a document of the owner."""
    return [await decisions.issue(work, case)]
