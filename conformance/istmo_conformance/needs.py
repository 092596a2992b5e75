"""What a scenario needs of a run: the mode, and the people who act. It follows from its sentences, never from a list.

Each sentence and each clause says what it needs, or how that follows from the operations that it calls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from istmo import spec as specs
from istmo.errors import Finding, KitError
from istmo.spec import Operation, Spec
from istmo_conformance import walk
from istmo_conformance.cast import BY_ROLE, ENTITLED, NOBODY, ROLES, WITHOUT, entitled
from istmo_conformance.clauses import clauses_of
from istmo_conformance.exchanges import CREATED
from istmo_conformance.guard import SAFE
from istmo_conformance.modes import Mode, most
from istmo_conformance.naming import operation_named
from istmo_conformance.sets import selected
from istmo_conformance.vocabulary import Match, numbers_of, recognise

Values: TypeAlias = dict[str, str]
EXAMPLE = "with example"
TOO_MANY = 429
NEAR = timedelta(days=365)
_DAY = re.compile(r"\b[0-9]{4}-[0-9]{2}-")
_WHOLE_DAY = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Scope:
    """What needs depend on: the specification, and whether the country charges for the service."""

    spec: Spec
    charges: bool = True


@dataclass(frozen=True)
class Needs:
    """What a scenario needs."""

    mode: Mode = Mode.READ
    personas: frozenset[str] = frozenset()


# What follows from the words of a sentence; these stand in the `needs` of its definition.


def by_operation(scope: Scope, values: Values) -> Mode:
    """Reading needs reading, and what cannot be taken back needs a sandbox; clauses may add to it."""
    operation = operation_named(scope.spec, values["operation"])
    return most([_of_effect(scope.spec, operation), _of_clauses(values)])


def by_set(scope: Scope, values: Values) -> Mode:
    """A set needs what its operations need."""
    found = selected(scope.spec, values["set"])
    ready = [Mode.FULL] if values.get("due") else []  # only a sandbox can bring about what each operation needs
    return most([_of_clauses(values), *ready, *(_of_method(one.method) for one in found)])


def by_method(_: Scope, values: Values) -> Mode:
    """A bare request needs what its method needs."""
    return _of_method(values["method"])


def by_walk(scope: Scope, values: Values) -> Mode:
    """A case is paid by an event of the sandbox, expires by its clock, and stays where its owner cannot give it up."""
    goal = values.get("goal") or "completed"
    if goal == "draft":
        return Mode.WRITE
    paid = scope.charges and not values.get("unpaid")
    return Mode.FULL if paid or goal not in walk.recoverable(scope.spec) else Mode.WRITE


def by_status(_: Scope, values: Values) -> Mode:
    """Too many requests are too many for everybody who shares the limit."""
    expected = numbers_of(values.get("statuses") or values.get("status") or "")
    return Mode.FULL if TOO_MANY in expected else Mode.READ


def by_choice(name: str, chosen: Iterable[str], mode: Mode, otherwise: Mode) -> Callable[[Scope, Values], Mode]:
    """One of the wordings of a choice needs one mode, the others another."""
    wordings = frozenset(chosen)

    def need(_: Scope, values: Values) -> Mode:
        """Some of its wordings ask for more than the others."""
        return mode if values.get(name) in wordings else otherwise

    return need


def _of_method(method: str) -> Mode:
    return Mode.READ if method.upper() in SAFE else Mode.WRITE


def _of_effect(spec: Spec, operation: Operation) -> Mode:
    """What an operation needs by what it leaves behind: nothing, what its maker can take back, or what stays."""
    if operation.method.upper() in SAFE:
        return Mode.READ
    allowed = operation.allowed
    if allowed is not None:
        return Mode.WRITE if set(allowed.targets) & walk.recoverable(spec) else Mode.FULL
    case = spec.cases[0] if spec.cases else None
    if not operation.scopes or operation.method.upper() == "DELETE":
        return Mode.WRITE
    if case is not None and operation.id in {one.id for one in (case.create, case.replace) if one is not None}:
        return Mode.WRITE
    return Mode.WRITE if operation.success == CREATED and walk.deletion(spec, operation) is not None else Mode.FULL


def _of_clauses(values: Values) -> Mode:
    return most(clause.needs for clause, _ in clauses_of(values.get("tail") or ""))


# Scenarios


def of_scenario(scope: Scope, steps: Iterable[tuple[str, str]]) -> Needs:
    """What a scenario needs, by the kind and the text of each of its steps."""
    return _of_steps(scope, tuple(steps))


@lru_cache(maxsize=1024)  # what is surveyed before a run is asked for again when its scenarios are chosen
def _of_steps(scope: Scope, steps: tuple[tuple[str, str], ...]) -> Needs:
    modes, personas, lists, held, ground = [], set[str](), False, False, None
    for kind, text in steps:
        match = recognise(kind, text)
        if match is None:  # refused elsewhere, with a suggestion
            continue
        modes.append(of_step(scope, match))
        personas |= acting(scope, match)
        lists = lists or _lists(scope, match)
        held = held or match.sentence.counts
        if match.sentence.sets_ground:
            ground = date.fromisoformat(match.meant["date"])
        # A day of the calendar means something only where the clock was set.
        elif _DAY.search(text) or (ground is not None and _sends_day(scope, match, ground)):
            modes.append(Mode.FULL)
    if lists and held:  # what is in a list of cases depends on everybody else who writes
        modes.append(Mode.FULL)
    return Needs(most(modes), frozenset(personas))


def of_step(scope: Scope, match: Match) -> Mode:
    """What one sentence needs."""
    needs = match.sentence.needs
    return needs if isinstance(needs, Mode) else needs(scope, match.meant)


def _sends_day(scope: Scope, match: Match, ground: date) -> bool:
    """Whether a sentence sends an example that speaks of the days around those of the scenario's clock."""
    named = match.values.get("operation")
    operation = operation_named(scope.spec, named) if named is not None else None
    if operation is None or not scope.spec.request_examples(operation.id):
        return False
    chosen = [
        clause["name"] for one, clause in clauses_of(match.values.get("tail") or "") if one.en.startswith(EXAMPLE)
    ]
    name = chosen[0].strip('"') if chosen else next(iter(scope.spec.request_examples(operation.id)))
    days = _WHOLE_DAY.findall(json.dumps(scope.spec.example(operation.id, name)))
    return any(date.fromisoformat(day) > ground - NEAR for day in days)


def _lists(scope: Scope, match: Match) -> bool:
    """Whether a sentence reads a list that is not public."""
    named = match.values.get("operation")
    if named is None:
        return False
    return operation_named(scope.spec, named).id in _protected_lists(scope.spec)


@lru_cache(maxsize=64)
def _protected_lists(spec: Spec) -> frozenset[str]:
    return frozenset(one.id for one in selected(spec, "listing operation") if one.scopes)


def acting(scope: Scope, match: Match) -> set[str]:
    """The people whom a sentence lets act."""
    who, values = match.values.get("who"), match.values
    found: set[str] = set()
    if who in ENTITLED:
        operations = [operation_named(scope.spec, str(values["operation"]))] if values.get("operation") else []
        operations += selected(scope.spec, str(values["set"])) if values.get("set") else []
        found |= {entitled(one) for one in operations}
    elif who in WITHOUT:
        found |= set(ROLES)
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
