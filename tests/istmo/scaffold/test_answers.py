"""Answers are data: what a template, a shell or a path would read as more is refused, and nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from istmo import texts
from istmo.cli import main
from istmo.errors import KitError
from istmo.scaffold import find
from istmo.scaffold.answers import CONTACT

SERVICE = find("service")
answered = SERVICE.answered
GOOD: dict[str, Any] = {"service": "civil_certificates", "country": "HN"}
# What was measured to be run, or to leave the folder, when an answer is taken for a template or a path.
HOSTILE = [
    "{{ 7 * 7 }}",
    "{{ cookiecutter.__class__.__mro__[1].__subclasses__() }}",
    "{{ lipsum.__globals__['os'].popen('touch /tmp/istmo-was-here').read() }}",
    "{% for x in (1).__class__.__base__.__subclasses__() %}{% endfor %}",
    "{# a comment #}",
    "${jndi:ldap://x.invalid}",
    "$(touch /tmp/istmo-was-here)",
    "`touch /tmp/istmo-was-here`",
    "../../outside",
    "/tmp/istmo-was-here",
    "~/outside",
    "a\\b",
    '"\nimport os\n"',
    "two\nlines",
    "nul\x00",
    "escape\x1b[31m",
    "\u202ereversed",
    "zero\u200bwidth",
    "line\u2028separator",
    "unassigned\U000e0fff",
    "a; rm -rf .",
    "a | b",
    "x" * 200,
    "",
    "   ",
]
NAMES = ["a/b", "UPPER", "1first", "-first", "last-", "two--hyphens", "under_score", "ñandú", "con.txt", "x" * 61]
PACKAGES = ["a/b", "class", "json", "istmo", "istmo_conformance", "tests", "1first", "a-b", "_a", "a__b", "A", "ñ"]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_LANG", "en")
    texts.use(None)


def test_what_is_not_given_follows_from_what_is() -> None:
    found = answered(GOOD)

    assert found.project == "hn-civil-certificates"
    assert found.package == "hn_civil_certificates"
    assert found.agency == "RNP, Registro Nacional de las Personas"
    assert (found.contact, found.bare) == (CONTACT, False)


def test_the_forms_of_addresses_and_lower_case_are_understood() -> None:
    found = answered({"service": "Civil-Certificates", "country": "hn"})

    assert (found.service, found.country) == ("civil_certificates", "HN")


@pytest.mark.parametrize("name", [name for name in SERVICE.names if name != "bare"])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_answer_is_refused_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(KitError) as refused:
        answered({**GOOD, name: value})

    told = f"{refused.value.message} {refused.value.hint}"
    assert not value.strip() or value not in told or name in {"service", "country"}
    assert refused.value.hint


@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_is_written_for_a_hostile_answer(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    for option in ("--project", "--package", "--agency", "--contact"):
        code = main(["new", "civil_certificates", "--country", "HN", option, value])
        assert code == 2
    captured = capsys.readouterr()

    assert "Traceback" not in captured.err
    assert list(tmp_path.iterdir()) == []
    assert not Path("/tmp/istmo-was-here").exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_project_is_named_like_a_distribution(name: str) -> None:
    with pytest.raises(KitError, match="the answer for project cannot be used"):
        answered({**GOOD, "project": name})


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_a_name_that_nobody_else_has(name: str) -> None:
    with pytest.raises(KitError, match="the answer for package cannot be used"):
        answered({**GOOD, "package": name})


@pytest.mark.parametrize("value", ["nobody", "a@b", "a b@agency.test", "a@agency.test, b@agency.test", "@agency.test"])
def test_a_contact_is_one_address(value: str) -> None:
    with pytest.raises(KitError, match="the answer for contact cannot be used"):
        answered({**GOOD, "contact": value})


@pytest.mark.parametrize("value", ["yes", 1, None, ["a"], {"a": 1}, 1.5])
@pytest.mark.parametrize("name", ["project", "bare", "agency"])
def test_an_answer_has_its_type(name: str, value: Any) -> None:
    if value is None or (isinstance(value, str) and name == "agency") or (name == "project" and value == "yes"):
        assert answered({**GOOD, name: value})
        return
    with pytest.raises(KitError, match=f"the answer for {name} cannot be used"):
        answered({**GOOD, name: value})


def test_an_unknown_answer_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(KitError) as refused:
        answered({**GOOD, "colour": "blue"})

    assert refused.value.message == "there is no answer called colour"
    assert "service, country, project, package" in refused.value.hint


def test_an_unknown_service_and_an_unknown_country_get_a_suggestion() -> None:
    with pytest.raises(KitError) as service:
        answered({**GOOD, "service": "civil_certificate"})
    with pytest.raises(KitError) as country:
        answered({**GOOD, "country": "MX"})

    assert "civil_certificates" in service.value.hint
    assert "HN" in country.value.hint


@pytest.mark.parametrize(
    "agency", ["Registro Ñandú, S.A. (2.ª sección)", "Q'eqchi' Office - 1", "Oficina: trámites / citas!"]
)
def test_names_of_public_bodies_are_taken_as_they_are(agency: str) -> None:
    assert answered({**GOOD, "agency": agency}).agency == agency
