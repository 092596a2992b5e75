"""What a scenario needs of a run: the mode, and the people who act. It follows from its sentences, never from a list.

Each sentence and each clause says what it needs, or how that follows from the operations that it calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from istmo import spec as specs
from istmo.errors import Finding, KitError
from istmo.spec import Operation, Spec
from istmo_conformance import walk
from istmo_conformance.calls import operation_named, read_clauses
from istmo_conformance.cast import BY_ROLE, ENTITLED, NOBODY, entitled
from istmo_conformance.modes import Mode, most
from istmo_conformance.vocabulary import Match, numbers_of, recognise
from istmo_conformance.world import selected

Values: TypeAlias = dict[str, str]
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
TOO_MANY = 429
_DAY = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")


@dataclass(frozen=True)
class Scope:
    """What needs depend on: the specification, and whether the country charges for the service."""

    spec: Spec
    charges: bool = True


@dataclass(frozen=True)
class Needs:
    """What a scenario needs."""

    mode: Mode
    personas: frozenset[str] = frozenset()


# What follows from the words of a sentence; these stand in the `needs` of its definition.


def by_operation(scope: Scope, values: Values) -> Mode:
    """An operation that only reads needs reading; its clauses may need more."""
    operation = operation_named(scope.spec, values["operation"])
    return most([_of_method(operation.method), _of_clauses(values)])


def by_set(scope: Scope, values: Values) -> Mode:
    """A set needs what its operations need."""
    found = selected(scope.spec, values.get("set", "protected operation"))
    return most([_of_clauses(values), *(_of_method(one.method) for one in found)])


def by_method(_: Scope, values: Values) -> Mode:
    """A bare request needs what its method needs."""
    return _of_method(values["method"])


def by_walk(scope: Scope, values: Values) -> Mode:
    """A case that has to be paid for is paid by an event, and one that expires by the clock."""
    goal = values.get("goal") or "completed"
    if goal == "draft" or values.get("unpaid"):
        return Mode.WRITE
    return Mode.FULL if scope.charges or goal == "expired" else Mode.WRITE


def by_status(_: Scope, values: Values) -> Mode:
    """Too many requests are too many for everybody who shares the limit."""
    expected = numbers_of(values.get("statuses") or values.get("status") or "")
    return Mode.FULL if TOO_MANY in expected else Mode.READ


def by_choice(name: str, chosen: Iterable[str], mode: Mode, otherwise: Mode) -> Callable[[Scope, Values], Mode]:
    """One of the wordings of a choice needs one mode, the others another."""
    wordings = frozenset(chosen)

    def need(_: Scope, values: Values) -> Mode:
        return mode if values.get(name) in wordings else otherwise

    return need


def _of_method(method: str) -> Mode:
    return Mode.READ if method.upper() in SAFE else Mode.WRITE


def _of_clauses(values: Values) -> Mode:
    return most(clause.needs for clause, _ in read_clauses(values.get("tail") or ""))


# Scenarios


def of_scenario(scope: Scope, steps: Iterable[tuple[str, str]]) -> Needs:
    """What a scenario needs, by the kind and the text of each of its steps."""
    modes, personas, lists, held = [], set[str](), False, False
    for kind, text in steps:
        match = recognise(kind, text)
        if match is None:  # refused elsewhere, with a suggestion
            continue
        modes.append(of_step(scope, match))
        personas |= acting(scope, match)
        lists = lists or _lists(scope, match)
        held = held or match.sentence.counts
        # A day of the calendar means something only where the clock was set.
        if not match.sentence.sets_ground and _DAY.search(text):
            modes.append(Mode.FULL)
    if lists and held:  # what is in a list of cases depends on everybody else who writes
        modes.append(Mode.FULL)
    return Needs(most(modes), frozenset(personas))


def of_step(scope: Scope, match: Match) -> Mode:
    """What one sentence needs."""
    needs = match.sentence.needs
    return needs if isinstance(needs, Mode) else needs(scope, match.meant)


def _lists(scope: Scope, match: Match) -> bool:
    """Whether a sentence reads a list that is not public."""
    named = match.values.get("operation")
    if named is None:
        return False
    return operation_named(scope.spec, named) in _protected_lists(scope.spec)


def _protected_lists(spec: Spec) -> list[Operation]:
    return [one for one in selected(spec, "listing operation") if one.scopes]


def acting(scope: Scope, match: Match) -> set[str]:
    """The people whom a sentence lets act."""
    who, values = match.values.get("who"), match.values
    found: set[str] = set()
    if who in ENTITLED:
        operations = [operation_named(scope.spec, str(values["operation"]))] if values.get("operation") else []
        operations += selected(scope.spec, str(values["set"])) if values.get("set") else []
        found |= {entitled(one) for one in operations}
    elif who is not None and match.sentence.kinds != ("then",):
        found.add(who)
    if values.get("goal") is not None or (values.get("noun") is not None and "example" in values):
        found |= _on_the_way(scope.spec, values.get("goal") or "completed")
    return found - NOBODY - ENTITLED


@lru_cache(maxsize=256)
def _on_the_way(spec: Spec, goal: str) -> frozenset[str]:
    """The people beside its owner who take a case of a service to a status."""
    status, found = "draft", set[str]()
    for _ in range(walk.MOST_STEPS):
        action = walk.next_action(spec.cases[0], status, goal) if spec.cases and status != goal else None
        if action is None or action.allowed is None:
            break
        first = walk.roles(action)[0]
        found |= {BY_ROLE[first]} if first != "owner" else set()
        status = goal if goal in action.allowed.targets else action.allowed.targets[0]
    return frozenset(found)


# A whole suite, before anything runs


@dataclass(frozen=True)
class Planned:
    """A scenario as far as it is known without running it."""

    requirements: tuple[str, ...]
    stage: int
    needs: Needs


def survey(features: Path, spec: Spec, *, charges: bool = True) -> Iterator[Planned]:
    """Every scenario that speaks of a service."""
    from pytest_bdd.feature import get_feature

    import istmo_conformance.steps  # noqa: F401  # fills the table of sentences

    scope = Scope(spec, charges)
    for folder in (features / "common", features / spec.slug):
        for path in sorted(folder.glob("*.feature")):
            for template in get_feature(str(folder), path.name).scenarios.values():
                yield from _planned(scope, template)


def _planned(scope: Scope, template: Any) -> Iterator[Planned]:
    rows = [row for table in template.examples for row in table.as_contexts()] or [{}]
    tags = tags_of(template)
    for row in rows:
        steps = [(step.type, step.name) for step in template.render(row).steps]
        try:
            needs = of_scenario(scope, steps)
        except (KitError, Finding):  # told in full when the suite is collected
            continue
        yield Planned(tuple(requirements_of(tags, scope.spec.slug)), stage_of(template), needs)


def by_requirement(planned: Iterable[Planned]) -> dict[str, Mode]:
    """The mode that each requirement needs: the most that one of its scenarios does."""
    found: dict[str, Mode] = {}
    for one in planned:
        for requirement in one.requirements:
            found[requirement] = most([one.needs.mode, found.get(requirement, Mode.READ)])
    return found


def tags_of(template: Any) -> set[str]:
    """The tags of a scenario, its rule and its feature."""
    rule = set(template.rule.tags) if template.rule is not None else set()
    return set(template.tags) | set(template.feature.tags) | rule


def requirements_of(tags: Iterable[str], slug: str) -> list[str]:
    """The requirements that a scenario with these tags proves."""
    return sorted(tag.removeprefix("req-").replace("<slug>", slug) for tag in tags if tag.startswith("req-"))


def stage_of(template: Any) -> int:
    """The stage of a scenario: its own, or that of its feature."""
    return _stage(template.tags) or _stage(template.feature.tags) or 1


def _stage(tags: Iterable[str]) -> int | None:
    numbers = [int(tag.removeprefix("stage-")) for tag in tags if re.fullmatch(r"stage-[1-5]", tag)]
    return max(numbers) if numbers else None


def charging(profile: specs.Profile, slug: str) -> bool:
    """Whether a country charges for a service."""
    return bool(profile.fees(slug))
