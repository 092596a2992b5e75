"""Receipts: signed proof that something was handed in, which anybody with the code can check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from istmo.errors import Problem

if TYPE_CHECKING:
    from .store import Json
    from .work import Work

KIND = "receipts"
CODE = re.compile(r"[A-Za-z0-9_-]{22}")


async def issue(work: Work, case_reference: str, payload_digest: str, *, owner: str) -> Json:
    """Issue the receipt of a submission; its signature covers all other members."""
    return await seal(work, payload_digest, owner=owner, caseReference=case_reference)


async def seal(work: Work, payload_digest: str, *, owner: str, **facts: str) -> Json:
    """Keep and return a receipt of some facts, which its code and its signature prove."""
    code = work.new_code()
    base = work.settings.base_url.rstrip("/") + work.context.base_path
    receipt: Json = {
        "code": code,
        **facts,
        "service": work.context.kebab,
        "issuedAt": work.stamp,
        "payloadDigest": payload_digest,
        "verifyUrl": f"{base}/receipts/{code}/verification",
    }
    receipt["signature"] = work.sign(receipt)
    await work.add(KIND, receipt, owner=owner, id=code)
    return receipt


async def verify_receipt(work: Work, code: str) -> Json:
    """Confirm a receipt with the least that proves it; a code of another shape is simply not found."""
    if not CODE.fullmatch(code):
        raise Problem("not-found")
    receipt = (await work.get(KIND, code, any_owner=True)).doc
    return {"valid": True, **{name: receipt[name] for name in ("service", "issuedAt", "payloadDigest")}}
