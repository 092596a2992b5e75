"""The API rules: every document of the standard keeps them, and each one notices the document that does not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from istmo.paths import data
from istmo.spec import Spec, bundle, load_yaml, slugs
from istmo.spec._rules import HELD_BY_READING, RULES, breaches

SLUG = "civil_certificates"
Document = dict[str, Any]


def operation(document: Document, path: str = "/requests", method: str = "post") -> Any:
    return document["paths"][path][method]


def no_answer(document: Document, status: str) -> None:
    del operation(document)["responses"][status]


def schema(document: Document, name: str) -> Any:
    return document["components"]["schemas"][name]


# What is done to a right document so that it breaks the rule.
FAULTS: dict[str, Callable[[Document], Any]] = {
    "openapi-valid": lambda d: d["info"].pop("title"),
    "no-schema-dialect": lambda d: d.update(jsonSchemaDialect="https://json-schema.org/draft/2020-12/schema"),
    "version-semver": lambda d: d["info"].update(version="1.0"),
    "paths-kebab-case": lambda d: d["paths"].update({"/myRequests/": d["paths"].pop("/certificate-types")}),
    "names-camel-case": lambda d: schema(d, "Money")["properties"].update(minor_units={"type": "integer"}),
    "no-identifiers-in-addresses": lambda d: operation(d, "/requests", "get")["parameters"].append(
        {"name": "dni", "in": "query", "schema": {"type": "string"}}
    ),
    "operation-id-unique": lambda d: operation(d).update(operationId="requests"),
    "operation-texts": lambda d: operation(d).update(description=" "),
    "extensions-complete": lambda d: operation(d).pop("x-istmo-acr"),
    "requirements-exist": lambda d: operation(d)["x-istmo-requirements"].append("common/never-written"),
    "security-declared": lambda d: operation(d).update(security=[]),
    "transition-declared": lambda d: operation(d, "/requests/{id}/accept")["x-istmo-transition"].pop("role"),
    "common-answers": lambda d: no_answer(d, "429"),
    "problems-only": lambda d: operation(d)["responses"].update({"409": {"description": "no"}}),
    "answer-headers": lambda d: operation(d)["responses"]["201"]["headers"].pop("Correlation-Id"),
    "lists-are-paged": lambda d: operation(d, "/requests", "get").update(parameters=[]),
    "requests-closed": lambda d: schema(d, "CertificateRequestInput").pop("unevaluatedProperties"),
    "national-member": lambda d: schema(d, "MandateInput")["properties"].pop("national"),
    "patterns-portable": lambda d: schema(d, "Money")["properties"]["amount"].update(pattern=r"^\d+$"),
    "examples-named": lambda d: operation(d)["requestBody"]["content"]["application/json"].pop("examples"),
    "schemas-described": lambda d: schema(d, "Money").pop("description"),
    "own-extensions-only": lambda d: operation(d).update({"x-other": 1}),
}


@pytest.mark.parametrize("slug", slugs())
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_standard_keeps_its_own_rules(slug: str, language: str) -> None:
    assert breaches(Spec(bundle(slug, language=language), slug)) == []


def test_each_rule_of_the_standard_is_held() -> None:
    written = {rule["id"] for rule in load_yaml(data("specs") / "standard" / "rules.yaml", trusted=True)["rules"]}

    assert written == set(RULES) | HELD_BY_READING
    assert set(FAULTS) == set(RULES)


@pytest.mark.parametrize("rule", FAULTS)
def test_a_document_that_breaks_a_rule_is_told_so(rule: str) -> None:
    document = copy.deepcopy(bundle(SLUG))
    FAULTS[rule](document)

    found = breaches(Spec(document, SLUG))

    assert rule in {breach.rule for breach in found}
