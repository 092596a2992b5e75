"""Fees: the published list, quotes that hold a price for a while, and the bill of a case."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem

from . import canonical, instants, listing, problems

if TYPE_CHECKING:
    from .cases import CaseDraft
    from .store import Json
    from .work import Answer, Work

KIND = "fee-quotes"
HOLD = "fee-unpaid"
CENT = Decimal("0.01")
MOST = Decimal("999999999999999.99")
MONEY = {"amount", "currency"}
NOBODY = ""  # a quote belongs to nobody: whoever has its id may use it


async def list_fees(work: Work, limit: int = 20, cursor: str | None = None) -> Answer:
    """List every fee that the service can charge; a service without any says that it is free."""
    found = [_shown(fee, work.language) for fee in work.profile.fees(work.context.slug)]
    return listing.answer(work, found, limit, cursor, freeOfCharge=not found)


async def create_fee_quote(work: Work, body: Json) -> Json:
    """Say what something costs; the same question on the same day gets the same quote."""
    lines = priced(work, body["lines"])
    days = int(work.profile.setting(work.context.slug, "quoteDays"))
    last = work.profile.end_of_day(work.today + timedelta(days=days))
    quote: Json = {"lines": lines, "total": total(lines), "validUntil": instants.write(last)}
    digest = hashlib.sha256(canonical.dumps(quote)).digest()[:24]
    quote_id = f"q{base64.urlsafe_b64encode(digest).decode()}"
    if await work.known(KIND, quote_id) is None:
        await work.add(KIND, quote, owner=NOBODY, id=quote_id)
    return {"quoteId": quote_id, **quote, "lines": _titled(work, lines, work.language)}


async def quoted(work: Work, quote_id: str) -> Json:
    """Return a quote that still holds, or refuse."""
    record = await work.known(KIND, quote_id)
    if record is None:
        raise problems.validation_failed([problems.body_item(["feeQuoteId"], "unknown-code")])
    if work.stamp > record.doc["validUntil"]:
        item = problems.body_item(["feeQuoteId"], "not-allowed-here")
        raise Problem("rule-violated", rule="common/expired-quote", errors=[item])
    return record.doc


async def bill(work: Work, case: CaseDraft, lines: Iterable[Json], *, blocks: Sequence[str] = ("issue",)) -> None:
    """Bill a case for `{code, quantity, base?, exemption?}` and hold it until that is paid.

    A valid quote that came with the submission sets the price, and has to be about the same lines.
    """
    asked = list(lines)
    found = priced(work, asked)
    if case.quote is not None:
        if _question(case.quote["lines"]) != _question(found):
            item = problems.body_item(["feeQuoteId"], "not-allowed-here")
            raise Problem("rule-violated", rule="common/bill-equals-quote", errors=[item])
        found = case.quote["lines"]
    case.doc["fees"] = [*case.doc.get("fees", ()), *_titled(work, found, case.language)]
    if found and Decimal(total(found)["amount"]) > 0:
        case.doc["paymentRequestIds"] = [*case.doc.get("paymentRequestIds", ()), str(uuid.uuid4())]
        case.hold(HOLD, blocks)


# ---------------------------------------------------------------------- prices


def priced(work: Work, lines: Iterable[Json]) -> list[Json]:
    """Return lines with their amounts, or refuse all that is wrong with them."""
    published = {str(fee["code"]): fee for fee in work.profile.fees(work.context.slug)}
    found, items = [], []
    for n, line in enumerate(lines):
        faults = _faults(line, published.get(str(line["code"])), work.profile.currencies)
        items += [problems.body_item(["lines", n, *place], code) for place, code in faults]
        if not faults:
            found.append(_priced(line, published[str(line["code"])]))
    items = items or _sum_faults(found)
    if items:
        raise problems.validation_failed(items)
    return found


def _sum_faults(lines: Sequence[Json]) -> list[dict[str, Any]]:
    """Return why lines cannot be added up: several currencies, or more than an amount can say."""
    if len({line["amount"]["currency"] for line in lines}) > 1:
        return [problems.body_item(["lines"], "currency-not-allowed")]
    whole = sum((Decimal(line["amount"]["amount"]) for line in lines), Decimal(0))
    return [problems.body_item(["lines"], "too-large")] if whole > MOST else []


def _faults(line: Json, fee: Mapping[str, Any] | None, currencies: Sequence[str]) -> list[tuple[tuple[str, ...], str]]:
    """Return what is wrong with a line: where, and the code of the violation."""
    if fee is None:
        return [(("code",), "unknown-code")]
    found: list[tuple[tuple[str, ...], str]] = []
    base, exemption = line.get("base"), line.get("exemption")
    if base is not None and base["currency"] not in currencies:
        found.append((("base", "currency"), "currency-not-allowed"))
    elif base is not None and base["amount"].startswith("-"):
        found.append((("base", "amount"), "too-small"))
    if fee.get("formula") is not None and base is None:
        found.append((("base",), "base-missing"))
    if fee.get("formula") is None and base is not None and not found:
        found.append((("base",), "not-allowed-here"))
    if exemption is not None and exemption not in {one["code"] for one in fee.get("exemptions") or ()}:
        found.append((("exemption",), "unknown-code"))
    return found


def _priced(line: Json, fee: Mapping[str, Any]) -> Json:
    """Return a line that has no faults with its amount: a fee by formula came with the base that it applies to."""
    formula = fee.get("formula")
    money_of = fee["amount"] if formula is None else line["base"]
    unit = Decimal(money_of["amount"]) if formula is None else _share(formula, money_of)
    priced_line: Json = {"code": line["code"], "quantity": line["quantity"]}
    if "exemption" in line:
        return {**priced_line, "amount": money(Decimal(0), money_of["currency"]), "exemption": line["exemption"]}
    return {**priced_line, "amount": money(unit * int(line["quantity"]), money_of["currency"])}


def _share(formula: Mapping[str, Any], base: Json) -> Decimal:
    """Return a percentage of an amount, half up to the minor unit, then held between its bounds."""
    share = (Decimal(base["amount"]) * Decimal(formula["percentage"]) / 100).quantize(CENT, ROUND_HALF_UP)
    if formula.get("minimum"):
        share = max(share, Decimal(formula["minimum"]["amount"]))
    if formula.get("maximum"):
        share = min(share, Decimal(formula["maximum"]["amount"]))
    return share


def money(amount: Decimal, currency: str) -> Json:
    """Return an amount of money as documents write it."""
    return {"amount": str(amount.quantize(CENT, ROUND_HALF_UP)), "currency": currency}


def total(lines: Sequence[Json]) -> Json:
    """Return the sum of lines, of which there is at least one; all are in one currency."""
    whole = sum((Decimal(line["amount"]["amount"]) for line in lines), Decimal(0))
    return money(whole, lines[0]["amount"]["currency"])


def _question(lines: Iterable[Json]) -> list[tuple[str, int, str]]:
    """Return what lines are about, without their amounts and their order."""
    return sorted((str(one["code"]), int(one["quantity"]), str(one.get("exemption", ""))) for one in lines)


# ---------------------------------------------------------------------- money in bodies


def currency_items(body: Any, currencies: Sequence[str]) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    """Return a violation for each amount of money in a body whose currency the country does not use."""
    return [
        problems.body_item([*place, "currency"], "currency-not-allowed")
        for place, currency in _amounts(body, ())
        if currency not in currencies
    ]


def _amounts(node: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        if node.keys() == MONEY and isinstance(node["currency"], str):
            yield place, node["currency"]
        for name, value in node.items():
            if name != "national":  # what a country adds follows the rules of that country
                yield from _amounts(value, (*place, name))
    elif isinstance(node, list):
        for n, value in enumerate(node):
            yield from _amounts(value, (*place, n))


# ---------------------------------------------------------------------- texts


def local(texts: Any, language: str) -> str:  # noqa: ANN401 - a text or texts by language
    """Return a text of the profile in a language, in English or else in any when there is none in it."""
    if isinstance(texts, Mapping):
        return str(texts.get(language) or texts.get("en") or next(iter(texts.values())))
    return str(texts)


def legal(row: Mapping[str, Any], language: str) -> Json:
    """Return a legal basis of the profile as it is served."""
    found: Json = {"identifier": row["identifier"], "name": local(row["name"], language)}
    if row.get("href"):
        found["href"] = row["href"]
    return found


def _titled(work: Work, lines: Iterable[Json], language: str) -> list[Json]:
    titles = {fee["code"]: local(fee["title"], language) for fee in work.profile.fees(work.context.slug)}
    return [{"code": line["code"], "title": titles[line["code"]], **line} for line in lines]


def _shown(fee: Mapping[str, Any], language: str) -> Json:
    shown: Json = {"code": fee["code"], "title": local(fee["title"], language)}
    if fee.get("formula") is not None:
        formula = fee["formula"]
        kept = {name: formula[name] for name in ("percentage", "minimum", "maximum") if formula.get(name)}
        shown["formula"] = {**kept, "text": local(formula["text"], language)}
    else:
        shown["amount"] = fee["amount"]
    shown["exemptions"] = [_exemption(one, language) for one in fee.get("exemptions") or ()]
    if fee.get("legalBasis"):
        shown["legalBasis"] = legal(fee["legalBasis"], language)
    return shown


def _exemption(row: Mapping[str, Any], language: str) -> Json:
    found: Json = {"code": row["code"], "title": local(row["title"], language)}
    if row.get("legalBasis"):
        found["legalBasis"] = legal(row["legalBasis"], language)
    return found
