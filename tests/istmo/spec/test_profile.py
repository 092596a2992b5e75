"""A country's values, working days and identifiers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from istmo import spec as specs
from istmo.errors import KitError
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
