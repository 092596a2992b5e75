"""One name has one form in each place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from istmo import names

SLUGS = st.from_regex(r"[a-z][a-z0-9]{0,8}(_[a-z][a-z0-9]{0,8}){0,2}", fullmatch=True)


@pytest.mark.parametrize(
    ("operation_id", "function"),
    [
        ("createRequest", "create_request"),
        ("getServiceDescription", "get_service_description"),
        ("getOpenApi", "get_open_api"),
        ("requestInformation", "request_information"),
        ("readHTTPLog", "read_http_log"),
    ],
)
def test_an_operation_id_names_one_function(operation_id: str, function: str) -> None:
    assert names.snake(operation_id) == function


@given(SLUGS)
def test_the_address_name_leads_back_to_the_slug(slug: str) -> None:
    assert names.slug_of(names.kebab(slug)) == slug
    assert "_" not in names.kebab(slug)


@given(st.from_regex(r"[a-z]{2,8}(_[a-z]{2,8}){0,3}", fullmatch=True))
def test_a_function_name_leads_back_to_itself_through_json(name: str) -> None:
    assert names.snake(names.camel(name)) == name


def test_a_class_name_comes_from_any_form() -> None:
    assert {names.pascal(name) for name in ("civil_certificates", "civil-certificates", "civilCertificates")} == {
        "CivilCertificates"
    }


@pytest.mark.parametrize(
    "text", ["", "Civil", "civil-certificates", "_civil", "civil__x", "9civil", "a" * 41, "civil\n"]
)
def test_what_is_no_identifier_is_no_slug(text: str) -> None:
    assert not names.is_slug(text)


def test_a_slug_is_a_slug() -> None:
    assert names.is_slug("civil_certificates")
