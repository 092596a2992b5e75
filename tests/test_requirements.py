"""The ledger of the standard: sentence, operation, scenario and wrong service hang together in both directions."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest
from gherkin.parser import Parser

from istmo.paths import ROOT, data
from istmo.spec import Spec, bundle, catalogue, requirements

if TYPE_CHECKING:
    from istmo.spec import Requirement

SLUGS = [entry.slug for entry in catalogue()]
ROOMS = ["common", *SLUGS]


@lru_cache
def ledger(room: str) -> dict[str, Requirement]:
    return {requirement.id: requirement for requirement in requirements(room)}


@lru_cache
def scenarios(room: str) -> list[tuple[str, set[str]]]:
    """Return (place, tags) of every scenario; a feature's tags count for each of its scenarios."""
    found = []
    for path in sorted((data("conformance") / "features" / room).rglob("*.feature")):
        feature: Any = Parser().parse(path.read_text(encoding="utf-8"))["feature"]
        shared = {tag["name"] for tag in feature["tags"]}
        parts = [*feature["children"]]
        for child in feature["children"]:
            parts += child.get("rule", {}).get("children", [])
        for child in parts:
            if "scenario" in child:
                own = {tag["name"] for tag in child["scenario"]["tags"]}
                found.append((f"{path.name}: {child['scenario']['name']}", shared | own))
    return found


def claimed(room: str) -> set[str]:
    return {tag.removeprefix("@req-") for _, tags in scenarios(room) for tag in tags if tag.startswith("@req-")}


def every_known() -> set[str]:
    return {identifier for room in ROOMS for identifier in ledger(room)}


@pytest.mark.parametrize("room", ROOMS)
def test_each_must_has_a_scenario_or_a_written_reason(room: str) -> None:
    scenarios_of = claimed(room) | claimed("common")
    owed = [
        one.id
        for one in ledger(room).values()
        if one.level == "MUST" and one.observed_by_scenario and one.id not in scenarios_of
    ]

    assert owed == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_requirement_with_a_scenario_gives_no_reason_for_having_none(room: str) -> None:
    both = [one.id for one in ledger(room).values() if not one.observed_by_scenario and one.id in claimed(room)]

    assert both == []


@pytest.mark.parametrize("room", ROOMS)
def test_scenarios_claim_only_requirements_that_exist(room: str) -> None:
    assert claimed(room) - every_known() == set()


@pytest.mark.parametrize("room", ROOMS)
def test_each_scenario_claims_a_requirement_and_a_stage(room: str) -> None:
    without = [
        place
        for place, tags in scenarios(room)
        if not any(tag.startswith("@req-") for tag in tags) or not any(tag.startswith("@stage-") for tag in tags)
    ]

    assert scenarios(room), "a room without scenarios proves nothing"
    assert without == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_scenario_is_not_staged_before_what_it_claims(room: str) -> None:
    known = {identifier: one for each in ROOMS for identifier, one in ledger(each).items()}
    early = []
    for place, tags in scenarios(room):
        stage = max(int(tag.removeprefix("@stage-")) for tag in tags if tag.startswith("@stage-"))
        early += [(place, tag) for tag in tags if tag.startswith("@req-") and known[tag[5:]].stage > stage]

    assert early == []


@pytest.mark.parametrize("room", ROOMS)
def test_requirement_ids_belong_to_their_room(room: str) -> None:
    assert [one for one in ledger(room) if not one.startswith(f"{room}/")] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_operations_reference_requirements_that_exist(slug: str) -> None:
    spec = Spec(bundle(slug), slug)
    unknown = {
        (operation.id, requirement)
        for operation in spec.operations.values()
        for requirement in operation.requirements
        if requirement not in every_known()
    }

    assert unknown == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_each_requirement_of_the_room_is_named_by_an_operation(slug: str) -> None:
    spec = Spec(bundle(slug), slug)
    named = {requirement for operation in spec.operations.values() for requirement in operation.requirements}

    assert set(ledger(slug)) - named == set()


# The guarantees of reliability and security that the standard holds first, by their short words.
FIRST_WAVE = """
tr-tls-only tr-headers tr-methods tr-framing
an-missing an-alg an-key-source an-type an-iss-aud an-time an-scope an-no-query
az-object-read az-object-write az-indirect az-function az-prop-write az-prop-read az-tenant
in-media in-size in-depth in-dup in-nonfinite in-bigint in-strict in-date in-unicode-bad in-unknown in-query
rx-page rx-rate rx-slow
st-key-needed st-replay st-key-reuse st-key-scope st-twins st-etag st-lost-update st-transition st-money
st-durable st-window st-atomic
dp-url dp-canary dp-nostore dp-audit-full dp-audit-chain
er-problem er-closed er-no-5xx
av-probes av-db-down
xb-signed xb-digest xb-fresh xb-replay xb-once
"""


def guarantees() -> dict[str, list[Requirement]]:
    """Return the requirements that keep each guarantee."""
    found: dict[str, list[Requirement]] = {}
    for room in ROOMS:
        for one in ledger(room).values():
            for word in one.reliability:
                found.setdefault(word, []).append(one)
    return found


def test_each_guarantee_is_kept_by_a_requirement() -> None:
    words = FIRST_WAVE.split()

    assert len(set(words)) == 60
    assert [word for word in words if word not in guarantees()] == []


def test_what_no_scenario_can_see_names_the_test_that_holds_it() -> None:
    local = {one.id: one for room in ROOMS for one in ledger(room).values() if not one.remote and one.reliability}

    assert [name for name, one in local.items() if not one.held_by] == []


def test_the_tests_that_hold_requirements_exist() -> None:
    named = {test for room in ROOMS for one in ledger(room).values() for test in one.held_by}
    missing = [test for test in sorted(named) if not is_defined(*test.split("::"))]

    assert named
    assert missing == []


def is_defined(path: str, function: str) -> bool:
    """Tell whether a file of tests has a function at its top."""
    file = ROOT / path
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.is_file() else ast.Module([], [])
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in tree.body)
