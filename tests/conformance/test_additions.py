"""What a country adds is judged at its own name, by the scenarios that speak of each operation."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from istmo.paths import data
from istmo.spec import Spec, _foreign, spec
from istmo_conformance import additions
from istmo_conformance.client import Answer, Request
from istmo_conformance.evidence import read
from istmo_conformance.replay import replay
from istmo_conformance.report import Report
from tests.conformance import national
from tests.conformance.conftest import Judge

FEATURES = data("conformance") / "features"


def scenarios_of_each_operation() -> list[str]:
    """The features with a scenario that speaks of each operation."""
    return sorted(f"common/{path.stem}" for path in (FEATURES / "common").glob("*.feature")
                  if re.search(r"each (?:[a-z]+ )*operation", path.read_text(encoding="utf-8")))  # fmt: skip


def judged(judge: Judge, lax: Any = None, select: tuple[str, ...] = ()) -> Report:
    chosen = select or scenarios_of_each_operation()
    return judge(national.application(lax), features=FEATURES, select=chosen)


def faults(report: Report) -> list[str]:
    rows = report.document["scenarios"]
    return [row["reason"] for row in rows if row["verdict"] not in {"pass", "skip"} and _of_each(row["id"])]


def _of_each(name: str) -> bool:
    return name.startswith(tuple(scenarios_of_each_operation()))


def test_what_a_country_adds_is_judged_and_found_right(judge: Judge) -> None:
    report = judged(judge)

    assert faults(report) == []
    rows = {row["id"]: row for row in report.document["reach"]["operations"]}
    assert {name for name, row in rows.items() if row["national"]} == {"listParishes", "createParishNote"}
    assert {"200", "400", "401", "403", "406", "422"} <= set(rows["listParishes"]["observed"])
    assert {"201", "400", "401", "403", "413", "415", "422"} <= set(rows["createParishNote"]["observed"])
    assert rows["createParishNote"]["rules"]["body"] >= 7
    assert rows["createRequest"]["rules"]["body"] > 130, "the member that the country adds is tried too"


def open_to_all(document: Any) -> None:
    document["paths"]["/parishes"]["get"] |= {"security": [], "x-istmo-scopes": []}


def any_kind(document: Any) -> None:
    del document["components"]["schemas"]["ParishNote"]["properties"]["kind"]["enum"]


def endless_parish(document: Any) -> None:
    del document["components"]["schemas"]["RequestFacts"]["properties"]["parish"]["maxLength"]


@pytest.mark.parametrize(
    ("lax", "told"),
    [
        (open_to_all, r"expected 401; got listParishes 200"),
        (any_kind, r"createParishNote /kind enum: 201"),
        (endless_parish, r"createRequest /parish maxLength: 201; replaceRequest /parish maxLength: 200"),
    ],
    ids=["no token asked for", "a code that is not in the list", "a member that is too long"],
)
def test_a_fault_in_an_addition_is_told_by_its_name(judge: Judge, lax: Any, told: str) -> None:
    found = faults(judged(judge, lax, ("common/constraints", "common/authentication")))

    assert any(re.search(told, reason) for reason in found), found
    right = set(region().operations) - {"createRequest", "replaceRequest"}
    assert not any(name in reason for reason in found for name in right), found


def test_evidence_of_a_country_is_replayed_with_its_additions(judge: Judge, tmp_path: Any) -> None:
    judge(national.application(), features=FEATURES, select=["common/constraints", "common/authentication"])

    found = replay(read(tmp_path / "out" / "evidence.jsonl"), FEATURES)

    assert found.differing == {}
    assert len(found.same) > 5


def region() -> Spec:
    return spec(national.SLUG)


def said(document: bytes) -> Answer:
    return Answer(200, (("content-type", "application/json"),), document, 0.0, Request("GET", "/openapi.json"))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b'{"paths": 7}',
        b'{"paths": {"/x": 7}}',
        b'{"paths": {"/x": {"get": {"operationId": "x"}}}}',
        b'{"paths": {"/x": {"get": {"operationId": "x", "responses": {"200": {"$ref": "#/components/x/y"}}}}}}',
    ],
)
def test_what_cannot_be_read_adds_nothing(document: bytes) -> None:
    assert additions.added(region(), said(document)) is None


def test_an_operation_is_joined_with_the_components_that_it_alone_uses() -> None:
    fragment = additions.added(region(), said(json.dumps(national.document()).encode()))
    found = additions.joined(region(), fragment)

    assert set(found.operations) - set(region().operations) == {"listParishes", "createParishNote"}
    assert set(fragment["components"]) == {"schemas"}
    assert set(fragment["components"]["schemas"]) == {"National.ParishPage", "National.ParishNote"}
    assert (
        found.operations["createParishNote"].request["application/json"] == "#/components/schemas/National.ParishNote"
    )
    assert found.schema("#/components/schemas/RequestFacts") == region().schema("#/components/schemas/RequestFacts")


def test_a_machine_that_is_too_busy_is_not_held_against_a_contract(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_foreign, "_PATIENCE", 0)

    report = judge(national.application(), features=FEATURES, select=["common/contract/the-contract-can-be-read"])

    (row,) = [row for row in report.document["scenarios"] if row["id"].startswith("common/contract/the-contract-can")]
    assert row["verdict"] == "error"
    assert "common/served-contract-valid" not in {
        row["id"] for row in report.document["requirements"] if row["verdict"] == "fail"
    }
