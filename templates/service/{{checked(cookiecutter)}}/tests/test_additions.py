{% set it = facts(cookiecutter) -%}
"""The rules that this country adds, on both sides of their borders."""

from __future__ import annotations

from datetime import date

from istmo.spec import profile

from {{ it.answers.package }}.{{ it.answers.service }}.additions import refused

COUNTRY = profile({{ it.answers.country|tojson }})
TODAY = date(2027, 3, 15)


def test_what_the_region_accepts_is_accepted() -> None:
    assert refused("anyOperation", {}, TODAY, COUNTRY) is None
    assert refused("anyOperation", {"national": {}}, TODAY, COUNTRY) is None


def test_an_office_of_the_profile_may_be_named() -> None:
    for office in COUNTRY.service({{ it.answers.service|tojson }}).get("offices") or ():
        assert refused("anyOperation", {"national": {"office": office["identifier"]}}, TODAY, COUNTRY) is None


def test_any_other_office_is_refused_by_its_place() -> None:
    problem = refused("anyOperation", {"national": {"office": "nowhere"}}, TODAY, COUNTRY)

    assert problem is not None
    assert [item["pointer"] for item in problem.errors] == ["/national/office"]
