{% set it = facts(cookiecutter) -%}
"""The whole life of {{ it.article }} {{ it.noun }}, over HTTP: ask, pay, decide, receive."""

from __future__ import annotations

import io

import pypdf
from tests.services.town import Town


def test_an_officer_decides_and_the_owner_receives_the_document(town: Town) -> None:
    case = town.submit("ana", "standard")
    assert [hold["code"] for hold in case["holds"]] == ["fee-unpaid"]
    for action in ("accept", "approve"):
        case = town.act("eva", case, action)
    assert town.act("eva", case, "issue", status=409)["code"] == "hold-active"

    town.pay(case)
    case = town.act("eva", case, "issue")

    (output,) = case["outputs"]
    answer = town.call("ana", "GET", output["href"])
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    assert case["reference"] in text
    assert case["receipt"]["code"] in text
    assert town.call("bruno", "GET", output["href"]).status_code == 404


def test_a_kind_that_is_not_offered_is_refused_before_anything_is_kept(town: Town) -> None:
    problem = town.refused("ana", town.cases, town.example("standard", kind="never-published"), 422, "rule-violated")

    assert problem["ruleId"] == "{{ it.slug }}/kind-as-published"
    assert town.get("ana", town.cases)["items"] == []


def test_what_is_offered_is_told_in_the_language_of_the_caller(town: Town) -> None:
    said = {
        language: [kind["title"] for kind in town.get(None, "/kinds", accept_language=language)["items"]]
        for language in ("en", "es")
    }

    assert said == {"en": ["Standard", "Urgent"], "es": ["Habitual", "Urgente"]}
