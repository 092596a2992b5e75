from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.istmo.runtime.desk import BASE, Desk

from istmo.runtime import fees
from istmo.spec import Profile, profile

SHARE = {
    "code": "CIV-SHARE",
    "title": {"en": "Share", "es": "Parte"},
    "formula": {
        "percentage": "1.5",
        "minimum": {"amount": "5.00", "currency": "XTS"},
        "maximum": {"amount": "100.00", "currency": "XTS"},
        "text": {"en": "1.5 %", "es": "1.5 %"},
    },
    "exemptions": [],
    "legalBasis": {"identifier": "XX-1", "name": {"en": "Law", "es": "Ley"}, "href": "https://law.example"},
}


def money(amount: Any, currency: str = "XTS") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def ask(desk: Desk, *lines: dict[str, Any]) -> Any:
    return desk.ask(None, "POST", "/fee-quotes", {"lines": list(lines)})


@pytest.fixture
def priced(desk: Desk) -> Desk:
    """A country that also charges a share of an amount."""
    real = profile("XX")
    document = {**real.document, "fees": {"civil_certificates": [*real.fees("civil_certificates"), SHARE]}}
    desk.context.profile = Profile("XX", document)
    return desk


def test_every_fee_is_published_with_its_legal_basis(priced: Desk) -> None:
    answer = priced.ask(None, "GET", "/fees", headers={"Accept-Language": "en"}).json()
    assert answer["freeOfCharge"] is False
    assert [one["code"] for one in answer["items"]] == ["CIV-CERT", "CIV-APOSTILLE", "CIV-SHARE"]
    assert all(one["legalBasis"]["name"] for one in answer["items"])
    assert answer["items"][2]["formula"]["text"] == "1.5 %"
    spanish = priced.ask(None, "GET", "/fees", headers={"Accept-Language": "es"}).json()
    assert spanish["items"][0]["title"] == "Certificado, por cada copia"


def test_pages_of_fees_hold_each_fee_once(priced: Desk) -> None:
    first = priced.ask(None, "GET", "/fees?limit=2")
    assert first.headers["link"].endswith('rel="next"')
    second = priced.ask(None, "GET", f"/fees?limit=2&cursor={first.json()['page']['nextCursor']}").json()
    assert len(first.json()["items"]) == 2
    assert [one["code"] for one in second["items"]] == ["CIV-SHARE"]
    assert "nextCursor" not in second["page"]
    assert priced.ask(None, "GET", "/fees?cursor=forged").status_code == 400


def test_a_free_service_says_so(desk: Desk) -> None:
    desk.context.profile = Profile("XX", {**profile("XX").document, "fees": {}})
    assert desk.ask(None, "GET", "/fees").json()["freeOfCharge"] is True
    assert desk.ask(None, "GET", "/").json()["costs"] == [{"identifier": "free", "description": "Gratuito"}]


def test_the_same_question_gets_the_same_quote_and_keeps_nothing_of_anybody(desk: Desk) -> None:
    desk.clock("2027-03-15T15:00:00Z")
    lines = [{"code": "CIV-CERT", "quantity": 3}, {"code": "CIV-APOSTILLE", "quantity": 1}]
    first, again = ask(desk, *lines).json(), ask(desk, *lines).json()
    assert first == again
    assert first["total"] == {"amount": "55.00", "currency": "XTS"}
    assert first["validUntil"] == "2027-03-23T05:59:59Z"
    kept = desk.do(desk.context.reader.get("fee-quotes", first["quoteId"]))
    assert kept is not None
    assert kept.owner == ""
    assert set(kept.doc) == {"lines", "total", "validUntil"}


def test_equal_questions_at_once_get_the_same_quote(database: str) -> None:
    desk = Desk(database=database)  # as served: what is committed is read on another connection
    for copies in (1, 2, 3):
        body = {"lines": [{"code": "CIV-CERT", "quantity": copies}]}
        answers = desk.together(*(desk.client.post(f"{BASE}/fee-quotes", json=body) for _ in range(12)))
        assert [answer.status_code for answer in answers] == [200] * 12
        assert len({answer.json()["quoteId"] for answer in answers}) == 1
    desk.close()


def test_an_exemption_costs_nothing(desk: Desk) -> None:
    quote = ask(desk, {"code": "CIV-CERT", "quantity": 2, "exemption": "social-programme"}).json()
    assert quote["total"]["amount"] == "0.00"
    assert quote["lines"][0]["exemption"] == "social-programme"


@pytest.mark.parametrize(
    ("base", "amount"),
    [
        ("0.00", "5.00"),
        ("333.33", "5.00"),
        ("1000.00", "15.00"),
        ("1000.33", "15.00"),
        ("1001.00", "15.02"),
        ("9999999.99", "100.00"),
    ],
)
def test_a_formula_is_rounded_half_up_and_held_between_its_bounds(priced: Desk, base: str, amount: str) -> None:
    quote = ask(priced, {"code": "CIV-SHARE", "quantity": 1, "base": {"amount": base, "currency": "XTS"}}).json()
    assert quote["total"]["amount"] == amount


@pytest.mark.parametrize(
    ("line", "pointer", "code"),
    [
        ({"code": "NOT-A-FEE"}, "code", "unknown-code"),
        ({"code": "CIV-SHARE"}, "base", "base-missing"),
        ({"code": "CIV-SHARE", "base": money("1.00", "USD")}, "base/currency", "currency-not-allowed"),
        ({"code": "CIV-CERT", "base": money("1.00", "USD")}, "base/currency", "currency-not-allowed"),
        ({"code": "CIV-CERT", "base": money("1.00")}, "base", "not-allowed-here"),
        ({"code": "CIV-SHARE", "base": money("-1.00")}, "base/amount", "too-small"),
        ({"code": "CIV-CERT", "exemption": "rich-uncle"}, "exemption", "unknown-code"),
        ({"code": "CIV-SHARE", "base": money("1.0")}, "base/amount", "wrong-format"),
        ({"code": "CIV-SHARE", "base": money(1.0)}, "base/amount", "wrong-type"),
        ({"code": "CIV-CERT", "quantity": 1001}, "quantity", "too-large"),
    ],
)
def test_a_question_without_an_answer_says_what_is_wrong(
    priced: Desk, line: dict[str, Any], pointer: str, code: str
) -> None:
    refused = ask(priced, {"quantity": 1, **line})
    assert refused.status_code == 422
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [(f"/lines/0/{pointer}", code)]


def test_a_sum_that_no_amount_can_say_is_refused(priced: Desk) -> None:
    document = dict(priced.context.profile.document)
    document["fees"] = {"civil_certificates": [{**SHARE, "formula": {"percentage": "100", "text": "all"}}]}
    priced.context.profile = Profile("XX", document)
    line = {"code": "CIV-SHARE", "quantity": 2, "base": money("999999999999999.99")}
    assert ask(priced, {**line, "quantity": 1}).json()["total"]["amount"] == "999999999999999.99"
    assert ask(priced, line).json()["errors"][0]["code"] == "too-large"


@given(amount=st.decimals(min_value=0, max_value="999999999999999.99", places=2))
@settings(max_examples=200, deadline=None)
def test_money_is_written_with_two_decimals_and_never_as_a_power(amount: Decimal) -> None:
    written = fees.money(amount, "XTS")["amount"]
    assert Decimal(written) == amount
    whole, _, cents = written.partition(".")
    assert whole.isdigit()
    assert len(cents) == 2


def test_amounts_in_currencies_that_the_country_does_not_use_are_found_anywhere() -> None:
    body = {
        "a": [{"amount": "1.00", "currency": "USD"}, {"amount": "1.00", "currency": "XTS"}],
        "national": {"amount": "1.00", "currency": "USD"},
        "b": {"c": {"amount": "1.00", "currency": "EUR"}},
    }
    found = fees.currency_items(body, ("XTS",))
    assert [one["pointer"] for one in found] == ["/a/0/currency", "/b/c/currency"]
