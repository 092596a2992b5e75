"""A country's values, working days and identifiers."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from istmo import spec as specs
from istmo.errors import KitError
from istmo.paths import data
from istmo.spec import IdentifierError, Profile

XX = specs.profile("XX")
HN = specs.profile("HN")


def test_values_come_without_their_sources() -> None:
    assert XX.value("timeZone") == "America/Tegucigalpa"
    assert XX.value("services.civil_certificates.processingDays") == 5
    assert XX.value("flags.legalBasis.eSignature")["es"]
    assert XX.value("nothing.here", None) is None
    with pytest.raises(KitError, match=r"nothing\.here"):
        XX.value("nothing.here")


def test_a_country_without_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KitError, match="XX"):
        specs.profile("../XX")


def test_fees_authorities_and_personas_belong_to_a_service() -> None:
    assert [fee["code"] for fee in XX.fees("civil_certificates")] == ["CIV-CERT", "CIV-APOSTILLE"]
    assert XX.fees("nothing") == []
    assert XX.authority("civil_certificates")["identifier"] == "XX-CR"
    assert XX.service("civil_certificates")["responseDays"] == 20
    assert (XX.language, XX.currencies, HN.currencies) == ("es", ("XTS",), ("HNL",))


@pytest.mark.parametrize(
    ("country", "start", "days", "end"),
    [
        (XX, date(2026, 12, 24), 1, date(2026, 12, 28)),  # Christmas, then a weekend
        (XX, date(2026, 11, 27), 5, date(2026, 12, 4)),
        (XX, date(2026, 11, 28), 0, date(2026, 11, 28)),
        (HN, date(2026, 9, 14), 1, date(2026, 9, 16)),  # Independence Day
    ],
)
def test_working_days_pass_over_weekends_and_holidays(country: Profile, start: date, days: int, end: date) -> None:
    assert country.add_working_days(start, days) == end


@given(st.dates(date(2026, 1, 1), date(2030, 6, 1)), st.integers(0, 60))
def test_working_days_add_up(start: date, days: int) -> None:
    end = XX.add_working_days(start, days)
    passed = sum(XX.is_working_day(date.fromordinal(day)) for day in range(start.toordinal() + 1, end.toordinal() + 1))
    assert passed == days
    assert days == 0 or XX.is_working_day(end)


def test_a_decree_moves_a_holiday() -> None:
    holidays: dict[str, Any] = {
        "weekend": ["sunday"],
        "library": "HN",
        "override": [
            {"date": "2026-09-15", "removed": True},
            {"date": "2026-09-16", "name": {"es": "Puente"}},
        ],
    }
    moved = Profile("HN", {"holidays": {"value": holidays, "source": "decree", "confidence": "verified"}})
    assert moved.is_working_day(date(2026, 9, 15))
    assert not moved.is_working_day(date(2026, 9, 16))
    assert moved.is_working_day(date(2026, 9, 12))  # a Saturday


def samples(kind: str) -> list[tuple[str, str, str]]:
    return [
        (code, str(scheme), str(value))
        for code in specs.countries()
        for scheme, row in specs.profile(code).schemes.items()
        for value in row["samples"][kind]
    ]


@pytest.mark.parametrize(("code", "scheme", "value"), samples("valid"))
def test_valid_identifiers_get_one_form(code: str, scheme: str, value: str) -> None:
    found = specs.profile(code).identifier(scheme, value)
    assert specs.profile(code).identifier(scheme, found.value) == found
    assert specs.profile(code).identifier(scheme, f" {value.lower()} ".replace("-", " - ")) == found
    assert found.checksum in {"passed", "not_applicable"}


@pytest.mark.parametrize(("code", "scheme", "value"), samples("badFormat"))
def test_a_wrong_form_is_always_refused(code: str, scheme: str, value: str) -> None:
    with pytest.raises(IdentifierError) as refused:
        specs.profile(code).identifier(scheme, value)
    assert (refused.value.reason, refused.value.code) == ("format", "identifier-format")


@pytest.mark.parametrize(("code", "scheme", "value"), samples("badChecksum"))
def test_a_wrong_check_digit_is_refused_where_the_profile_enforces_it(code: str, scheme: str, value: str) -> None:
    country = specs.profile(code)
    if country.schemes[scheme]["checksum"] == "enforce":
        with pytest.raises(IdentifierError) as refused:
            country.identifier(scheme, value)
        assert (refused.value.reason, refused.value.status) == ("checksum", 422)
    else:
        assert country.identifier(scheme, value).checksum == "failed"


@pytest.mark.parametrize("value", ["١٢٣٤٥٦٧٨٢", "123456782\n1", "1" * 100, "", "12345678²"])
def test_digits_of_other_scripts_and_hidden_text_are_no_identifiers(value: str) -> None:
    with pytest.raises(IdentifierError):
        XX.identifier("xx-id", value)


def test_an_unknown_scheme_is_a_wrong_form_and_never_echoes_the_value() -> None:
    with pytest.raises(IdentifierError) as refused:
        XX.identifier("zz-id", "canary")
    assert "canary" not in repr(refused.value)


def sourced(scheme: str, algorithm: str, pattern: str) -> Profile:
    row = {"scheme": scheme, "pattern": pattern, "kind": "person", "checksum": "warn", "algorithm": algorithm}
    return Profile("DO", {"identifierSchemes": {"value": [row], "source": "test", "confidence": "low"}})


def test_a_library_check_is_used_where_the_profile_names_it() -> None:
    country = sourced("do-cedula", "do.cedula", "^[0-9]{11}$")
    assert country.identifier("do-cedula", "001-1234567-3").checksum == "passed"
    assert country.identifier("do-cedula", "001-1234567-4").checksum == "failed"


@pytest.mark.parametrize("algorithm", ["os.system", "none.such", "../x"])
def test_an_algorithm_that_nobody_knows_is_an_error_of_the_profile(algorithm: str) -> None:
    with pytest.raises(KitError):
        sourced("x", algorithm, "^[0-9]{3}$").identifier("x", "123")


def test_the_cast_has_subjects_and_roles() -> None:
    cast = specs.personas()
    assert {"ana", "bruno", "cora", "delta", "eva", "fito", "gov", "foreigner", "nobody"} == set(cast)
    assert cast["ana"].persona == "ana-citizen"
    assert cast["nobody"].scopes == ()
    subjects = [one.subject for one in cast.values() if one.subject]
    assert len(set(subjects)) == len(subjects) == 8


def test_identifiers_of_the_cast_are_valid_in_every_profile() -> None:
    for code in specs.countries():
        country = specs.profile(code)
        for one in specs.personas().values():
            for identifier in country.persona_identifiers(one.persona):
                country.identifier(identifier["scheme"], identifier["value"])


def test_fixtures_are_fresh_each_time() -> None:
    first = specs.fixtures("civil_certificates")
    first.clear()
    assert specs.fixtures("civil_certificates")["entries"]


# ---------------------------------------------------------------------- one function for each question

BEFORE = date(2017, 9, 17)
TODAY = date(2026, 11, 25)
HOLIDAYS = {"BZ": 14, "CR": 9, "SV": 11, "GT": 11, "HN": 11, "NI": 10, "PA": 13, "DO": 12}  # in 2026
RATES = {"BZ": "12.5", "CR": "13", "SV": "13", "GT": "12", "HN": "15", "NI": "15", "PA": "7", "DO": "18"}
REAL = [code for code in specs.countries() if code != "XX"]


def facts(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict) and node.keys() >= {"value", "source", "confidence"}:
        return [node]
    rows = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [fact for row in rows for fact in facts(row)]


@pytest.mark.parametrize("code", specs.countries())
def test_every_value_has_its_source_and_what_is_unknown_is_empty(code: str) -> None:
    found = facts(specs.profile(code).document)

    assert len(found) > 80
    for fact in found:
        if fact["confidence"] == "unknown":
            assert (fact["value"], fact["source"], fact["asOf"]) == (None, None, None)
        else:
            assert fact["value"] is not None
            assert fact["source"]
            assert date.fromisoformat(fact["asOf"])


def test_the_fictitious_country_answers_everything() -> None:
    assert {fact["confidence"] for fact in facts(XX.document)} == {"fictitious", "verified"}
    assert XX.tax_rate("valueAdded", date(2019, 12, 31)) == Decimal(8)
    assert XX.tax_rate("valueAdded", date(2020, 1, 1)) == Decimal(10)
    assert XX.tax_rate("valueAdded", date(2020, 1, 1), "reduced") == Decimal(5)
    assert XX.tax_rate("valueAdded", date(1999, 12, 31)) is None


@pytest.mark.parametrize("code", REAL)
def test_what_a_country_does_not_say_is_taken_over_in_its_own_words(code: str) -> None:
    country = specs.profile(code)

    assert country.setting("civil_certificates", "responseDays") == 20
    assert country.setting("unheard_of", "quoteDays") == 7
    assert country.authority("civil_certificates")["identifier"].startswith(f"{code}-")
    assert {fee["amount"]["currency"] for fee in country.fees("civil_certificates")} == {country.currencies[0]}
    (office,) = country.service("civil_certificates")["offices"]
    assert office["address"]["subdivision"] in country.subdivisions
    assert not re.search(r"\{(country|currency|subdivision)\}", str(country.document))
    with pytest.raises(KitError, match=r"authorities\.payments"):
        country.authority("payments")


def test_what_a_country_says_itself_wins_whole() -> None:
    own = {**HN.document, "fees": {"civil_certificates": {**XX.document["fees"]["civil_certificates"], "value": []}}}

    assert Profile("HN", own).fees("civil_certificates") == []


def test_a_service_without_a_setting_anywhere_is_an_error_of_the_profile() -> None:
    with pytest.raises(KitError, match=r"everyService\.unheardOf"):
        HN.setting("civil_certificates", "unheardOf")


@pytest.mark.parametrize(
    ("code", "instant"),
    [("DO", "2027-04-01T03:59:59Z"), ("PA", "2027-04-01T04:59:59Z"), ("HN", "2027-04-01T05:59:59Z")],
)
def test_the_same_day_ends_at_three_instants(code: str, instant: str) -> None:
    ends = specs.profile(code).end_of_day(date(2027, 3, 31)).astimezone(UTC)

    assert ends == datetime.fromisoformat(instant)


@pytest.mark.parametrize(("code", "count"), list(HOLIDAYS.items()))
def test_every_country_has_its_holidays(code: str, count: int) -> None:
    country = specs.profile(code)
    days = [date.fromordinal(day) for day in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal())]
    off = {day for day in days if not country.is_working_day(day)}
    weekends = {day for day in days if day.weekday() >= 5}

    assert weekends <= off
    assert 0 < len(off - weekends) <= count
    assert not country.is_working_day(date(2026, 12, 25))


def test_subdivisions_are_found_by_code_and_by_former_code() -> None:
    counts = {code: len(specs.profile(code).subdivisions) for code in REAL}
    assert counts == {"BZ": 6, "CR": 7, "DO": 32, "GT": 22, "HN": 18, "NI": 17, "PA": 14, "SV": 14}
    guatemala, panama, dominican = (specs.profile(code) for code in ("GT", "PA", "DO"))
    assert (guatemala.subdivision("gt-qz") or {})["code"] == "GT-09"
    assert (guatemala.subdivision("GT-09") or {})["name"] == "Quetzaltenango"
    assert (panama.subdivision("PA-10") or {})["identityCode"] == "13"
    assert dominican.subdivision("DO-40") is None  # a region groups provinces and stands in no address
    assert guatemala.subdivision("GT-23") is None


def test_money_has_the_digits_of_its_currency() -> None:
    assert specs.profile("PA").currencies == ("PAB", "USD")
    assert specs.profile("SV").currencies == ("USD",)
    assert specs.profile("SV").minor_digits("USD") == 2
    with pytest.raises(KitError, match="SVC"):
        specs.profile("SV").minor_digits("SVC")


@pytest.mark.parametrize("code", specs.countries())
def test_the_example_is_a_telephone_number_of_its_country_alone(code: str) -> None:
    number = specs.profile(code).value("telephone.example")

    assert specs.profile(code).phone(f" {number[:4]} ({number[4:6]}) {number[6:8]}-{number[8:]} ") == number
    assert [other for other in specs.countries() if specs.profile(other).phone(number)] == [code]
    for wrong in (number[1:], number + "1", number[:-1], number.replace("+", "00"), f"{number[:-1]}²", ""):
        assert specs.profile(code).phone(wrong) is None


def test_accounts_belong_to_a_country_and_have_its_length() -> None:
    sample = "SV62 CENR 0000 0000 0000 0070 0025"
    assert specs.profile("SV").iban(sample.lower()) == sample.replace(" ", "")
    for code, value, reason in [
        ("GT", sample, "format"),
        ("SV", sample.replace("62", "63"), "checksum"),
        ("SV", "SV62CENR", "format"),
        ("PA", sample, "format"),
        ("XX", sample, "format"),
    ]:
        with pytest.raises(IdentifierError) as refused:
            specs.profile(code).iban(value)
        assert (code, refused.value.reason) == (code, reason)


def test_instruments_have_members_on_a_day() -> None:
    assert specs.members("apostille", TODAY) == ("BZ", "CR", "DO", "GT", "HN", "NI", "PA", "SV")
    assert specs.profile("GT").party_to("apostille", BEFORE) is False
    assert specs.profile("GT").party_to("apostille", date(2017, 9, 18)) is True
    assert specs.members("sipa", TODAY) == ("CR", "DO", "GT", "HN", "NI", "SV")
    assert specs.members("ca4", TODAY) == ("GT", "HN", "NI", "SV")
    assert specs.profile("BZ").party_to("cisscad", TODAY) is None
    assert specs.profile("BZ").party_to("unheard-of", TODAY) is None


def test_the_list_of_instruments_is_that_of_the_profiles() -> None:
    with (data("specs") / "common/codelists/instruments.csv").open(encoding="utf-8", newline="") as rows:
        listed = {row["code"] for row in csv.DictReader(rows)}

    assert all(specs.profile(code).value("instruments").keys() == listed for code in specs.countries())


@pytest.mark.parametrize(("code", "percent"), list(RATES.items()))
def test_every_country_has_its_standard_rate(code: str, percent: str) -> None:
    country = specs.profile(code)

    assert country.tax_rate("valueAdded", TODAY) == Decimal(percent)
    assert country.tax_rate("valueAdded", TODAY, "unheard-of") is None
    assert country.tax_rate("income", TODAY) is None


def test_the_newest_rate_that_holds_is_the_rate() -> None:
    rows = [
        {"code": "standard", "percent": "12.0000", "validFrom": None, "validTo": None},
        {"code": "standard", "percent": "14.0000", "validFrom": "2027-01-01", "validTo": "2027-12-31"},
    ]
    told = {"taxes": {"valueAdded": {"rates": {"value": rows, "source": "test", "confidence": "low"}}}}
    days = (date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31), date(2028, 1, 1))

    assert [Profile("HN", told).tax_rate("valueAdded", day) for day in days] == [12, 14, 14, 12]


def test_schemes_hold_for_a_time() -> None:
    assert XX.schemes_on(date(1969, 12, 31)) == ()
    assert XX.schemes_on(date(1970, 1, 1)) == ("xx-id",)
    assert XX.schemes_on(TODAY) == ("xx-id", "xx-tax")


def test_passports_and_entities_are_numbered_alike_everywhere_and_things_are_no_persons() -> None:
    assert HN.identifier("icao-passport", "f 0000017").value == "F0000017"
    assert HN.identifier("lei", "529900T8BM49AURSDO55").kind == "business"
    assert HN.number("isbn", "978-0-306-40615-7").value == "9780306406157"
    assert HN.number("vin", "1M8GDM9A1KP042788").checksum == "failed"
    dominican = specs.profile("DO")
    assert dominican.number("do-ecf", "E310000000005").checksum == "not_applicable"
    assert "do-ecf" not in dominican.schemes
    for scheme, value in [("isbn", "9780306406157"), ("do-ecf", "E310000000005")]:
        with pytest.raises(IdentifierError):
            dominican.identifier(scheme, value)
    with pytest.raises(IdentifierError):
        HN.number("hn-dni", "0801199012345")


@pytest.mark.parametrize(
    ("code", "scheme", "value", "form", "checksum"),
    [
        ("PA", "pa-cedula", "08–0123-00456", "8-123-456", "not_applicable"),
        ("CR", "cr-cedula", "1-613-584", "106130584", "not_applicable"),
        ("NI", "ni-cedula", "001-010190-0001a", "0010101900001A", "failed"),
        ("DO", "do-rnc", "130000002", "130000002", "failed"),
        ("GT", "gt-cui", "1234 56780 0101", None, "checksum"),
        ("GT", "gt-cui", "1234 56789 2301", None, "format"),
        ("SV", "sv-nit", "0614-310290-101-8", None, "format"),
        ("NI", "ni-cedula", "001-310290-0001K", None, "format"),
    ],
)
def test_each_country_treats_its_numbers_by_its_policy(
    code: str, scheme: str, value: str, form: str | None, checksum: str
) -> None:
    if form is None:
        with pytest.raises(IdentifierError) as refused:
            specs.profile(code).identifier(scheme, value)
        assert refused.value.reason == checksum
    else:
        found = specs.profile(code).identifier(scheme, value)
        assert (found.value, found.checksum) == (form, checksum)


def test_where_the_sources_disagree_nobody_is_refused() -> None:
    doubtful = next(
        f"{n:08d}00101" for n in range(1, 1000)
        if sum(weight * int(digit) for weight, digit in zip(range(2, 10), f"{n:08d}", strict=True)) % 11 == 10
    )  # fmt: skip

    found = specs.profile("GT").identifier("gt-cui", doubtful)

    assert (found.value, found.checksum) == (doubtful, "failed")


def test_birth_dates_in_the_numbers_of_the_cast_are_those_of_its_people() -> None:
    for one in specs.personas().values():
        born = one.birth_date
        if one.kind != "person" or born is None or one.document.get("country"):
            continue
        day = date.fromisoformat(born)
        (dni,) = (row["value"] for row in HN.persona_identifiers(one.persona))
        (cedula,) = (row["value"] for row in specs.profile("NI").persona_identifiers(one.persona))
        assert dni[4:8] == f"{day:%Y}"
        assert cedula[3:9] == f"{day:%d%m%y}"


def test_no_pattern_of_a_country_needs_a_shorthand() -> None:
    for code in specs.countries():
        patterns = [row["pattern"] for row in specs.profile(code).schemes.values()]
        assert not [one for one in patterns if re.search(r"\\[a-zA-Z]|\(\?", one)]
