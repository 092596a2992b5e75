"""The rules of civil certificates, each with good and bad values; nothing is read or written."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest

from istmo.errors import Problem
from istmo_services.civil_certificates import codes, rules

TODAY = date(2027, 3, 15)
ANA, BRUNO = "a-1", "b-2"
NAME = {"givenNames": ["Ana", "Lucía"], "familyNames": ["Morazán", "Paz"]}
LISTED = ["self", "child", "ward", "other"]
TYPES = [{"code": "birth", "formats": ["extract", "full-copy"], "deliveries": ["digital", "post"]}]


def request(**changes: Any) -> dict[str, Any]:
    about: dict[str, Any] = {"relationship": "self", "person": {"name": NAME, "birthDate": "1990-04-12"}}
    about |= changes.pop("about", {})
    about["person"] = {**about["person"], **changes.pop("person", {})}
    base = {
        "certificateType": "birth",
        "about": about,
        "format": "extract",
        "delivery": "digital",
        "copies": 1,
    }
    return {**base, **changes}


def entry(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": "e-1",
        "certificateType": "birth",
        "number": "N-1990-00017",
        "book": "1990",
        "page": "17",
        "office": "Ciudad Istmo",
        "registeredAt": "1990-04-20",
        "version": 1,
        "complete": True,
        "eventDate": "1990-04-12",
        "persons": [{"name": NAME, "birthDate": "1990-04-12", "subject": ANA, "identifiers": []}],
        "facts": {
            "sex": "female",
            "givenNames": "Ana Lucía",
            "familyNames": "Morazán Paz",
            "birthDate": "1990-04-12",
        },
        "relations": [{"subject": ANA, "relationship": "self"}, {"subject": "c-3", "relationship": "parent"}],
    }
    return {**base, **changes}


def code(refusal: Problem | None) -> str | None:
    return None if refusal is None else refusal.code


def named(refusal: Problem | None) -> str:
    assert refusal is not None
    assert refusal.rule is not None
    return refusal.rule.removeprefix("civil_certificates/")


# ---------------------------------------------------------------------- who may ask


def test_a_listed_relationship_is_entitled_and_another_is_not() -> None:
    assert rules.entitled(request(), LISTED, by_mandate=False) is None
    refusal = rules.entitled(request(about={"relationship": "spouse"}), LISTED, by_mandate=False)
    assert (code(refusal), named(refusal)) == ("not-entitled", "entitled-relationships")


def test_other_needs_a_mandate_or_evidence_of_a_legal_interest() -> None:
    other = request(about={"relationship": "other"})
    assert named(rules.entitled(other, LISTED, by_mandate=False)) == "other-needs-mandate-or-evidence"
    assert rules.entitled(other, LISTED, by_mandate=True) is None
    assert rules.entitled({**other, "evidence": [{"evidenceType": "legal-interest"}]}, LISTED, by_mandate=False) is None
    wrong = {**other, "evidence": [{"evidenceType": "birth-registration"}]}
    assert code(rules.entitled(wrong, LISTED, by_mandate=False)) == "not-entitled"


def test_not_even_evidence_helps_where_other_is_not_listed() -> None:
    other = request(about={"relationship": "other"}, evidence=[{"evidenceType": "legal-interest"}])
    assert named(rules.entitled(other, ["self"], by_mandate=True)) == "entitled-relationships"


@pytest.mark.parametrize(
    ("relationship", "born", "expected"),
    [
        ("child", "2016-02-29", None),
        ("ward", "2016-02-29", None),
        ("self", "2016-02-29", "minor-not-by-itself"),
        ("parent", "2016-02-29", "minors-by-guardian"),
        ("other", "2016-02-29", "minors-by-guardian"),
        ("self", "2009-03-15", None),
        ("self", "2009-03-16", "minor-not-by-itself"),
    ],
)
def test_the_record_of_a_minor_is_for_parents_and_guardians(relationship: str, born: str, expected: str | None) -> None:
    refusal = rules.guarded(request(about={"relationship": relationship}, person={"birthDate": born}), TODAY)
    assert (refusal and named(refusal)) == expected


def test_without_a_birth_date_the_age_is_judged_by_the_entry() -> None:
    asked = {"relationship": "self", "person": {"name": NAME}}
    assert rules.guarded(request(about=asked), TODAY) is None
    young = entry(persons=[{"name": NAME, "birthDate": "2016-02-29"}], eventDate="2016-02-29")
    assert rules.found([young], request(about=asked), ANA, TODAY) is None
    assert rules.found([entry()], request(about=asked), ANA, TODAY) is not None


def test_who_is_born_on_a_leap_day_comes_of_age_on_the_first_of_march() -> None:
    assert rules.is_minor(date(2016, 2, 29), date(2034, 2, 28))
    assert not rules.is_minor(date(2016, 2, 29), date(2034, 3, 1))


# ---------------------------------------------------------------------- what may be asked


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (None, None),
        ("2027-03-15", None),
        ("1990-04-12", None),
        ("2027-03-16", "event-not-in-future"),
        ("1990-04-11", "event-after-birth"),
    ],
)
def test_an_event_is_neither_in_the_future_nor_before_the_birth(event: str | None, expected: str | None) -> None:
    refusal = rules.event_dates(request(about={"eventDate": event} if event else {}), TODAY)
    assert (refusal and named(refusal)) == expected
    if refusal is not None:
        assert refusal.code == "rule-violated"
        assert refusal.errors[0]["pointer"] == "/about/eventDate"


def offered(asked: dict[str, Any], *, paper: bool = True, digital: bool = False) -> Problem | None:
    return rules.offered(asked, TYPES, apostille_paper=paper, apostille_digital=digital)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"certificateType": "divorce"}, "/certificateType"),
        ({"format": "multilingual-extract"}, "/format"),
        ({"delivery": "office"}, "/delivery"),
    ],
)
def test_only_what_the_type_offers_can_be_asked(changes: dict[str, str], pointer: str) -> None:
    assert offered(request()) is None
    refusal = offered(request(**changes))
    assert named(refusal) == "formats-as-published"
    assert refusal is not None
    assert refusal.errors[0]["pointer"] == pointer


def test_an_apostille_only_where_the_profile_has_one() -> None:
    digital, paper = request(apostille=True), request(apostille=True, delivery="post")
    assert named(offered(digital)) == "apostille-only-where-offered"
    assert offered(digital, digital=True) is None
    assert offered(paper) is None
    assert named(offered(paper, paper=False)) == "apostille-only-where-offered"
    assert offered(request(apostille=False)) is None


def test_fees_are_due_for_each_copy_and_each_apostille() -> None:
    assert rules.charges(request(copies=3), {}) == [{"code": "CIV-CERT", "quantity": 3}]
    lines = rules.charges(request(copies=2, apostille=True), {})
    assert lines == [{"code": "CIV-CERT", "quantity": 2}, {"code": "CIV-APOSTILLE", "quantity": 2}]


def test_the_first_copy_is_free_only_where_the_profile_says_so() -> None:
    free = {"CIV-CERT": ["first-copy"]}
    assert rules.charges(request(), free) == [{"code": "CIV-CERT", "quantity": 1, "exemption": "first-copy"}]
    assert rules.charges(request(copies=3), free)[1] == {"code": "CIV-CERT", "quantity": 2}


def test_a_social_programme_exempts_with_evidence_and_lets_a_registrar_decide() -> None:
    asked = request(copies=2, apostille=True, evidence=[{"evidenceType": "social-programme"}])
    lines = rules.charges(asked, {"CIV-CERT": ["social-programme"]})
    assert lines[0] == {"code": "CIV-CERT", "quantity": 2, "exemption": "social-programme"}
    assert lines[1] == {"code": "CIV-APOSTILLE", "quantity": 2}
    assert rules.charges(asked, {})[0] == {"code": "CIV-CERT", "quantity": 2}
    assert not rules.decided_by_system(asked)


def test_two_requests_are_identical_by_applicant_type_record_format_and_delivery() -> None:
    key = rules.duplicate_key(request(), ANA)
    assert key == rules.duplicate_key(request(copies=5, purpose="visa"), ANA)
    others = [
        rules.duplicate_key(request(), BRUNO),
        rules.duplicate_key(request(format="full-copy"), ANA),
        rules.duplicate_key(request(delivery="post"), ANA),
        rules.duplicate_key(request(certificateType="death"), ANA),
        rules.duplicate_key(request(about={"eventPlace": "Ciudad Istmo"}), ANA),
    ]
    assert len({key, *others}) == 6


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"format": "multilingual-extract"}, True),
        ({"format": "full-copy"}, False),
        ({"delivery": "post"}, False),
        ({"about": {"relationship": "other"}}, False),
    ],
)
def test_the_system_decides_digital_extracts_only(changes: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - a table
    assert rules.decided_by_system(request(**changes)) is expected


# ---------------------------------------------------------------------- the register


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"certificateType": "death"}, False),
        ({"person": {"birthDate": "1990-04-13"}}, False),
        ({"about": {"eventDate": "1990-04-12"}}, True),
        ({"about": {"eventDate": "1991-04-12"}}, False),
        ({"about": {"registrationNumber": "n-1990-00017"}}, True),
        ({"about": {"registrationNumber": "N-1990-00018"}}, False),
        ({"about": {"eventPlace": "Elsewhere"}}, True),
        ({"person": {"name": {"givenNames": ["ANA LUCI\u0301A"], "familyNames": ["morazán", "PAZ"]}}}, True),
        ({"person": {"name": {"givenNames": ["Ana"], "familyNames": ["Morazán", "Paz"]}}}, False),
        ({"person": {"name": {"givenNames": ["Ana", "Lucia"], "familyNames": ["Morazan", "Paz"]}}}, False),
        ({"person": {"identifiers": [{"scheme": "xx-id", "value": "1"}]}}, True),
    ],
)
def test_an_entry_matches_when_everything_that_is_said_agrees(
    changes: dict[str, Any],
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    assert rules.matches(entry(), request(**changes)) is expected


def test_a_known_identifier_must_agree() -> None:
    person = {"name": NAME, "birthDate": "1990-04-12", "identifiers": [{"scheme": "xx-id", "value": "1"}]}
    known = entry(persons=[person])
    assert rules.matches(known, request(person={"identifiers": [{"scheme": "xx-id", "value": "1"}]}))
    assert not rules.matches(known, request(person={"identifiers": [{"scheme": "xx-id", "value": "2"}]}))


@pytest.mark.parametrize("mark", ["'", "’", "ʼ", "`"])
def test_every_kind_of_apostrophe_is_the_same(mark: str) -> None:
    name = {"givenNames": [f"K{mark}an"], "familyNames": ["Ba-Tzul"]}
    assert rules.full_name(name) == "k'an ba tzul"


def test_one_sound_match_is_found() -> None:
    found = rules.found([entry(), entry(id="e-2", number="X", certificateType="death")], request(), ANA, TODAY)
    assert found is not None
    assert found["id"] == "e-1"


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [entry(), entry(id="e-2")],
        [entry(complete=False)],
        [entry(), entry(id="e-2", complete=False)],
        [entry(relations=[{"subject": BRUNO, "relationship": "self"}])],
        [entry(relations=[{"subject": ANA, "relationship": "parent"}])],
    ],
    ids=["none", "two", "incomplete", "two, one incomplete", "of somebody else", "another relationship"],
)
def test_everything_else_is_no_record(entries: list[dict[str, Any]]) -> None:
    assert rules.found(entries, request(), ANA, TODAY) is None


def test_other_is_never_compared_with_the_entry() -> None:
    assert rules.found([entry()], request(about={"relationship": "other"}), BRUNO, TODAY) is not None


def test_after_an_overturned_rejection_the_entry_must_still_be_unique_and_complete() -> None:
    asked = request(about={"relationship": "child"})
    assert rules.found([entry()], asked, BRUNO, TODAY) is None
    assert rules.found([entry()], asked, BRUNO, TODAY, overturned=True) is not None
    assert rules.found([entry(complete=False)], asked, BRUNO, TODAY, overturned=True) is None


# ---------------------------------------------------------------------- the certificate


@pytest.mark.parametrize(
    ("issued", "months", "until"),
    [
        (date(2027, 3, 15), None, None),
        (date(2027, 3, 15), 6, "2027-09-15"),
        (date(2027, 8, 31), 6, "2028-02-29"),
        (date(2027, 12, 31), 1, "2028-01-31"),
        (date(2027, 1, 15), 12, "2028-01-15"),
    ],
)
def test_validity_is_counted_in_months(issued: date, months: int | None, until: str | None) -> None:
    assert rules.valid_until(issued, months) == until


@pytest.mark.parametrize(
    ("stored", "until", "today", "expected"),
    [
        ("valid", None, date(2099, 1, 1), "valid"),
        ("valid", "2027-09-15", date(2027, 9, 15), "valid"),
        ("valid", "2027-09-15", date(2027, 9, 16), "expired"),
        ("revoked", "2027-09-15", date(2027, 9, 16), "revoked"),
        ("superseded", "2027-09-15", date(2027, 9, 16), "superseded"),
        ("expired", "2027-09-15", date(2027, 9, 1), "expired"),
    ],
)
def test_only_a_valid_certificate_changes_with_time(stored: str, until: str | None, today: date, expected: str) -> None:
    certificate = {"status": stored, "validUntil": until}
    assert rules.status(certificate, today) == expected
    assert (rules.revocable(certificate, today) is None) is (expected == "valid")


def test_verification_discloses_five_members() -> None:
    certificate = {
        "status": "valid",
        "type": "birth",
        "issuedAt": "2027-03-15T15:00:00Z",
        "issuer": "Civil Register",
        "number": "secret",
        "data": {"givenNames": "Ana"},
    }
    assert rules.disclosed(certificate, "A. P.", TODAY) == {
        "status": "valid",
        "type": "birth",
        "issuedAt": "2027-03-15T15:00:00Z",
        "issuer": "Civil Register",
        "initials": "A. P.",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (NAME, "A. L. M. P."),
        ({"givenNames": ["ʼIxchel"], "familyNames": ["ñandú"]}, "I. Ñ."),
        ({"givenNames": ["Ruth"], "familyNames": ["de la Cruz"]}, "R. D."),
    ],
)
def test_initials_are_the_first_letters_of_the_names(name: dict[str, list[str]], expected: str) -> None:
    assert rules.initials(name) == expected


def test_languages_follow_format_and_request() -> None:
    assert rules.languages(request(format="multilingual-extract", language="en"), "es") == ("es", "en")
    assert rules.languages(request(language="en-BZ"), "es") == ("en",)
    assert rules.languages(request(), "es") == ("es",)
    assert rules.languages(request(language="quc"), "en") == ("en",)
    assert rules.languages(request(language="quc"), "quc") == ("es",)


def test_both_renditions_show_the_same_facts_in_the_order_of_the_document() -> None:
    data = rules.facts(entry(), codes.fact_codes())
    assert list(data) == ["givenNames", "familyNames", "sex", "birthDate"]
    shown = {
        language: rules.rendition(
            data,
            language,
            codes.title("certificate-types", "birth", language),
            partial(codes.label, language=language),
            partial(codes.value, language=language),
        )
        for language in ("es", "en")
    }
    assert [f["code"] for f in shown["es"]["facts"]] == [f["code"] for f in shown["en"]["facts"]] == list(data)
    assert [f["value"] for f in shown["es"]["facts"]] == [
        "Ana Lucía",
        "Morazán Paz",
        "Femenino",
        "1990-04-12",
    ]
    assert shown["en"]["facts"][2] == {"code": "sex", "label": "Sex", "value": "Female"}
    assert shown["es"]["title"] == "Certificado de nacimiento"


def test_every_word_and_code_speaks_both_languages() -> None:
    assert codes.WORDS["es"].keys() == codes.WORDS["en"].keys()
    for fact in codes.fact_codes():
        assert codes.label(fact, "es")
        assert codes.label(fact, "en")
    assert codes.ground("no-record", "es")["text"] != codes.ground("no-record", "en")["text"]


# ---------------------------------------------------------------------- changes of an entry


def test_a_correction_names_a_fact() -> None:
    data = rules.facts(entry(), codes.fact_codes())
    assert rules.fact_of("/sex", data) == "sex"
    refusal = rules.fact_of("/favouriteColour", data)
    assert isinstance(refusal, Problem)
    assert (refusal.code, named(refusal)) == ("rule-violated", "correction-names-a-fact")


@pytest.mark.parametrize(
    ("fact", "value", "good"),
    [
        ("birthPlace", "San Ficticio", True),
        ("birthDate", "1990-04-13", True),
        ("birthDate", "13/04/1990", False),
        ("birthDate", "1990-02-30", False),
        ("birthDate", "19900413", False),
        ("sex", "male", True),
        ("sex", "Masculino", False),
    ],
)
def test_what_is_proposed_has_the_form_of_the_fact(fact: str, value: str, good: bool) -> None:  # noqa: FBT001 - a table
    refusal = rules.proposed(value, codes.fact_kind(fact), codes.fact_values(fact))
    assert (refusal is None) is good
    assert code(refusal) in (None, "validation-failed")


def test_a_correction_is_decided_once() -> None:
    assert rules.undecided({"status": "reported"}) is None
    for status in ("applied", "dismissed"):
        refusal = rules.undecided({"status": status})
        assert (code(refusal), named(refusal)) == ("conflict", "correction-decided-once")


def test_a_corrected_entry_is_a_new_version_and_the_old_one_is_untouched() -> None:
    old = entry()
    new = rules.corrected(old, "sex", "unspecified")
    assert (new["version"], new["facts"]["sex"], old["version"], old["facts"]["sex"]) == (
        2,
        "unspecified",
        1,
        "female",
    )
    assert new["persons"] == old["persons"]


@pytest.mark.parametrize(
    ("fact", "value", "asked"),
    [
        (
            "givenNames",
            "Ana María",
            {"name": {"givenNames": ["Ana", "María"], "familyNames": ["Morazán", "Paz"]}},
        ),
        ("familyNames", "Paz", {"name": {"givenNames": ["Ana", "Lucía"], "familyNames": ["Paz"]}}),
        ("birthDate", "1990-04-13", {"birthDate": "1990-04-13"}),
    ],
)
def test_a_corrected_entry_is_found_by_the_new_fact_and_by_the_old(
    fact: str, value: str, asked: dict[str, Any]
) -> None:
    new = rules.corrected(entry(), fact, value)
    assert rules.matches(new, request(person=asked))
    assert rules.matches(new, request())
    assert rules.matches(new, request(about={"eventDate": "1990-04-12"}))
    assert not rules.matches(entry(), request(person=asked))


def test_the_second_spouse_of_a_marriage_can_be_corrected() -> None:
    persons = [{"name": NAME}, {"name": {"givenNames": ["Tomás"], "familyNames": ["Ruiz"]}}]
    marriage = entry(certificateType="marriage", persons=persons, facts={"spouseTwoName": "Tomás Ruiz"})
    new = rules.corrected(marriage, "spouseTwoName", "Tomás Ruiz Peña")
    asked = request(
        certificateType="marriage",
        person={"name": {"givenNames": ["Tomás"], "familyNames": ["Ruiz", "Peña"]}},
    )
    del asked["about"]["person"]["birthDate"]
    assert rules.matches(new, asked)
    assert new["persons"][0] == persons[0]
    alone = entry(certificateType="marriage", facts={"spouseTwoName": "?"})
    assert rules.corrected(alone, "spouseTwoName", "Eva")["persons"] == alone["persons"]


def test_a_notice_of_death_shows_in_the_birth_entry_and_makes_a_death_entry() -> None:
    birth = rules.died(entry(), "2027-03-14")
    assert (birth["version"], birth["facts"]["deathDate"]) == (2, "2027-03-14")
    death = rules.death_entry(entry(), "2027-03-14", "F-2027-N00001", TODAY)
    assert death["facts"] == {
        "givenNames": "Ana Lucía",
        "familyNames": "Morazán Paz",
        "birthDate": "1990-04-12",
        "deathDate": "2027-03-14",
    }
    assert death["relations"] == [{"subject": "c-3", "relationship": "parent"}]
    assert death["eventDate"] == "2027-03-14"


@pytest.mark.parametrize(
    ("day", "good"),
    [("2027-03-15", True), ("2027-03-16", False), ("1990-04-11", False), ("yesterday", False), ("", False)],
)
def test_only_a_believable_death_is_entered(day: str, good: bool) -> None:  # noqa: FBT001 - a table
    assert rules.believable_death(entry(), day, TODAY) is good
    assert not rules.believable_death(rules.died(entry(), "2027-03-14"), day, TODAY)
