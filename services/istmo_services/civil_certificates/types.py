"""The certificate types as the country's profile offers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from istmo.runtime import listing

from . import codes, rules

if TYPE_CHECKING:
    from istmo.runtime import Answer, Work


def page(work: Work, limit: int, cursor: str | None) -> Answer:
    """Answer one page of the certificate types, in the order of the profile."""
    values = work.profile.service(work.context.slug)
    shown = [_type(work, kind, values) for kind in values["certificateTypes"]]
    return listing.answer(work, shown, limit, cursor)


def _type(work: Work, kind: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    code = kind["code"]
    return {
        "code": code,
        "title": codes.title("certificate-types", code, work.language),
        "description": codes.title("certificate-types", code, work.language, column="description"),
        "formats": kind["formats"],
        "deliveries": kind["deliveries"],
        "languages": [language for language in values["languages"] if language in rules.MULTILINGUAL],
        "relationships": values["entitledRelationships"][code],
        "validityMonths": values.get("validityMonths", {}).get(code),
        "apostille": {
            "paper": bool(values.get("apostilleForPaper")),
            "digital": bool(values.get("apostilleForDigital")),
        },
        "fee": _fee(work),
    }


def _fee(work: Work) -> dict[str, Any]:
    """Return what one copy costs."""
    fee = next(one for one in work.profile.fees(work.context.slug) if one["code"] == rules.CERTIFICATE)
    title = fee["title"].get(work.language) or fee["title"]["en"]
    return {"code": fee["code"], "title": title, "amount": fee["amount"]}
