"""Published fees, quotes and bills, recomputed from what the service itself publishes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, TypeAlias

import pytest

from istmo.errors import Finding, KitError
from istmo_conformance.calls import Call
from istmo_conformance.exchanges import Exchange
from istmo_conformance.modes import Mode
from istmo_conformance.steps.contract import last, told
from istmo_conformance.steps.given import ABSENT
from istmo_conformance.steps.then import member
from istmo_conformance.steps.when import reads_pages
from istmo_conformance.values import items_at, lookup
from istmo_conformance.vocabulary import names_of, sentence
from istmo_conformance.walk import must
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
LIST, QUOTE = "listFees", "createFeeQuote"
CENT = Decimal("0.01")
BASE = "1234.55"  # an amount whose share has to be rounded


# The list


@sentence(
    "then",
    en="each listed fee has its price and its legal basis",
    es="cada tasa publicada tiene su precio y su base legal",
)
def fees_complete(world: World) -> None:
    """Every fee that was read has an amount or a formula, and names the law that it rests on."""
    poor = [str(fee.get("code")) for fee in _listed(world) if not (_priced(fee) and _named(fee.get("legalBasis")))]
    if poor:
        raise Finding(
            say("without price or legal basis: {codes}", "sin precio o base legal: {codes}", codes=told(poor))
        )


def _priced(fee: JSON) -> bool:
    formula = fee.get("formula")
    if formula is None:
        return _sum(fee.get("amount")) is not None
    return isinstance(formula, dict) and _decimal(formula.get("percentage")) is not None


def _named(basis: JSON) -> bool:
    found = [lookup(basis, name) for name in ("identifier", "name")]
    return all(isinstance(text, str) and text.strip() for text in found)


@sentence("then", en="each {fee} is among the listed fees", es="cada {fee} figura entre las tasas publicadas")
def fees_listed(world: World, fee: str) -> None:
    """The fees that were read include all of the country's profile, or all that a column of the last answer names."""
    named = names_of(fee)
    codes = _column(world, *named) if named else [one.get("code") for one in world.run.profile.fees(world.spec.slug)]
    _covers(world, [str(code) for code in codes])


def _column(world: World, column: str, name: str) -> list[JSON]:
    """What the items of a list in the last answer have under a name, as far as they have it."""
    items = member(world, name)
    if not isinstance(items, list):
        raise Finding(say('"{name}" is no list', '"{name}" no es una lista', name=name))
    return [item[column] for item in items if isinstance(item, dict) and column in item]


def _covers(world: World, codes: list[str]) -> None:
    missing = sorted(set(codes) - {str(fee.get("code")) for fee in _listed(world)})
    if missing:
        raise Finding(say("not listed: {codes}", "sin publicar: {codes}", codes=told(missing)))


def _listed(world: World) -> list[dict[str, JSON]]:
    """The fees whose list was read last."""
    last(world, LIST)
    return [fee for fee in world.collected if isinstance(fee, dict)]


@sentence(
    "then",
    en="the service says that it is free of charge exactly if it is",
    es="el servicio dice que es gratuito solo si lo es",
)
def free_says_so(world: World) -> None:
    """The list of fees says whether anything is charged at all, and that is so exactly when it is empty."""
    said, free = lookup(last(world, LIST).json(), "/freeOfCharge"), not _listed(world)
    if said is not free:
        raise Finding(
            say("{count} fees are listed, and free of charge is {said}",
                "hay {count} tasas publicadas, y gratuito es {said}",
                count=len(_listed(world)), said=said if isinstance(said, bool) else "-")
        )  # fmt: skip


# Quotes


@sentence(
    "when",
    en="{who} asks what {number} of each listed fee cost[, {number_2} times at once]",
    es="{who} pregunta cuánto cuestan {number} de cada tasa publicada[, {number_2} veces a la vez]",
    needs=Mode.WRITE,
)
def asks_each(world: World, who: str, number: str, number_2: str | None = None) -> None:
    """Read the published fees, then ask for a quote of each, and of all that add up in one currency."""
    reads_pages(world, who, LIST, "100")
    lines = [_line(world, fee, int(number)) for fee in _listed(world)]
    if not lines and lookup(last(world, LIST).json(), "/freeOfCharge") is True:
        pytest.skip(ABSENT)
    if not lines:
        raise Finding(say("no fee is listed", "no hay tasas publicadas"))
    together = [line for line, fee in zip(lines, _listed(world), strict=True) if _currency(world, fee) == _first(world)]
    kept: list[Exchange] = []
    for asked in [[line] for line in lines] + ([together] if len(together) > 1 else []):
        body = json.dumps({"lines": asked})
        times, parallel = int(number_2 or 1), number_2 is not None
        world.perform(Call(who, world.spec.operations[QUOTE], body=body, times=times, parallel=parallel))
        kept.extend(world.group)
    world.group = kept


def _line(world: World, fee: JSON, number: int) -> JSON:
    line: JSON = {"code": fee.get("code"), "quantity": number}
    return line if fee.get("formula") is None else {**line, "base": {"amount": BASE, "currency": _first(world)}}


def _first(world: World) -> str:
    return world.run.profile.currencies[0]


def _currency(world: World, fee: JSON) -> str:
    return str(lookup(fee, "/amount/currency")) if fee.get("formula") is None else _first(world)


@sentence(
    "given",
    "when",
    en="{who} asks what the case costs",
    es="{who} pregunta cuánto cuesta el caso",
    needs=Mode.WRITE,
)
def asks_for_case(world: World, who: str) -> None:
    """Ask what the lines cost that the case at hand was billed; a case without a bill has nothing to ask for."""
    if world.case is None:
        raise KitError("nothing-at-hand", "no case is at hand", "create one first")
    kept = ("code", "quantity", "exemption")
    lines = [{name: line[name] for name in kept if name in line} for line in items_at(world.case.doc, "/fees")]
    if not lines:
        pytest.skip(ABSENT)
    operation = world.spec.operations[QUOTE]
    must(world, Call(who, operation, body=json.dumps({"lines": lines})), operation.success)


@sentence("then", en="each quote {quoted}", es="cada cotización {quoted}")
def each_quote(world: World, quoted: str) -> None:
    """Every quote of the last When is about the lines asked, at the published price, or the same as asked before."""
    QUOTED[quoted](world)


def quotes_asked(world: World) -> None:
    """Every quote of the last When has the lines that were asked for, and a total."""
    for asked, quote in _quotes(world):
        if _about(quote) != sorted((str(line["code"]), int(line["quantity"])) for line in asked):
            raise Finding(say("a quote is about something else", "una cotización trata de otra cosa"))
        if _sum(quote.get("total")) is None:
            raise Finding(say("a quote has no total", "una cotización no tiene total"))


def quotes_published(world: World) -> None:
    """Lines and total of every quote of the last When are what the published amounts and formulas come to."""
    fees = {str(fee.get("code")): fee for fee in _listed(world)}
    for asked, quote in _quotes(world):
        expected = {str(line["code"]): _price(fees[str(line["code"])], line) for line in asked}
        actual = {str(line.get("code")): _sum(line.get("amount")) for line in items_at(quote, "/lines")}
        wrong = [code for code in expected if actual.get(code) != expected[code]]
        whole = sum(amount for amount, _ in expected.values())
        if not wrong and _sum(quote.get("total")) != (whole, next(iter(expected.values()))[1]):
            wrong = ["total"]
        if wrong:
            raise Finding(
                say("a quote differs from the published price: {codes}",
                    "una cotización difiere del precio publicado: {codes}", codes=told(wrong)),
                expected=f"{expected} = {whole}"[:300], actual=f"{actual} = {_sum(quote.get('total'))}"[:300],
            )  # fmt: skip


def quotes_repeat(world: World) -> None:
    """Every quote of the last When has the lines and the total that the same question got before, or at that moment."""
    asked = [one for one in world.history if one.operation is world.spec.operations[QUOTE]]
    first: dict[bytes, Exchange] = {}
    for one in asked:
        before = first.setdefault(one.answer.request.body, one)
        if one in world.group and _essence(before.answer.json()) != _essence(one.answer.json()):
            raise Finding(say("the same question gets another quote", "la misma pregunta recibe otra cotización"))
    if len(first) == len(asked) and all(one in world.group for one in asked):  # a list of fees may have changed
        raise KitError("nothing-before", "nothing was asked before", "ask twice")


QUOTED = {
    "is about what was asked": quotes_asked,
    "is at the published price": quotes_published,
    "repeats the earlier one": quotes_repeat,
}


@sentence("then", en="the bill is as quoted", es="el cobro es el cotizado")
def bill_as_quoted(world: World) -> None:
    """The fees of the last answer are the lines of the last quote, at the same amounts."""
    quote = last(world, QUOTE).json()
    bill = {"lines": member(world, "fees")}
    if _billed(quote) != _billed(bill) or not _billed(bill):
        raise Finding(
            say("the bill is not what was quoted", "el cobro no es lo cotizado"),
            expected=str(_billed(quote))[:300], actual=str(_billed(bill))[:300],
        )  # fmt: skip


def _quotes(world: World) -> Iterator[tuple[list[JSON], JSON]]:
    """What was asked and what was answered, for every quote of the last When."""
    for exchange in world.group:
        if exchange.answer.status != world.spec.operations[QUOTE].success:
            raise Finding(
                say("a question for a quote answers {status}", "una pregunta por una cotización responde {status}",
                    status=exchange.answer.status)
            )  # fmt: skip
        quote = exchange.answer.json()
        yield json.loads(exchange.answer.request.body)["lines"], quote if isinstance(quote, dict) else {}


def _about(quote: JSON) -> list[tuple[str, int]]:
    return sorted(
        (str(line.get("code")), line["quantity"] if isinstance(line.get("quantity"), int) else 0)
        for line in items_at(quote, "/lines")
    )


def _billed(bill: JSON) -> list[tuple[str, str, Any]]:
    return sorted(
        (str(line.get("code")), str(line.get("quantity")), _sum(line.get("amount")))
        for line in items_at(bill, "/lines")
    )


def _essence(quote: JSON) -> JSON:
    """What does not depend on when a quote was asked for."""
    return [lookup(quote, "/lines"), lookup(quote, "/total")]


def _price(fee: JSON, line: JSON) -> tuple[Decimal, str]:
    """What the published amount or formula comes to, half up to the minor unit, then held between its bounds."""
    formula = fee.get("formula")
    if formula is None:
        unit, currency = _sum(fee.get("amount")) or (Decimal(0), "")
        return unit * int(line["quantity"]), currency
    base, currency = _sum(line["base"]) or (Decimal(0), "")
    share = (base * (_decimal(formula.get("percentage")) or Decimal(0)) / 100).quantize(CENT, ROUND_HALF_UP)
    least, most = _sum(formula.get("minimum")), _sum(formula.get("maximum"))
    share = max(share, least[0]) if least else share
    share = min(share, most[0]) if most else share
    return share * int(line["quantity"]), currency


def _sum(found: JSON) -> tuple[Decimal, str] | None:
    """A sum of money, or nothing."""
    if not isinstance(found, dict):
        return None
    amount = _decimal(found.get("amount"))
    return None if amount is None else (amount, str(found.get("currency")))


def _decimal(found: JSON) -> Decimal | None:
    try:
        number = Decimal(found) if isinstance(found, str) and len(found) < 40 else None  # noqa: PLR2004  # no amount is
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None
