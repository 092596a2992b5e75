"""The ledger of the standard: sentence, operation, scenario and wrong service hang together in both directions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest
from gherkin.parser import Parser

from istmo.paths import data
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
