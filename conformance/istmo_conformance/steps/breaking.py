"""What the contract forbids, tried at each operation: every rule of its body, every rule of its parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

from istmo.errors import Finding, KitError
from istmo.spec import Operation, Spec
from istmo_conformance import parameters
from istmo_conformance.calls import Call
from istmo_conformance.constraints import Breach, cached
from istmo_conformance.exchanges import media_of
from istmo_conformance.files import MULTIPART, files_of, form, in_a_form
from istmo_conformance.modes import Mode
from istmo_conformance.needs import by_set
from istmo_conformance.parameters import ANSWERS
from istmo_conformance.preparing import halted, ready
from istmo_conformance.sets import selected
from istmo_conformance.steps.contract import held, served
from istmo_conformance.steps.writing import of_this_country
from istmo_conformance.trying import TELLS_NOTHING, Trial, by_operation, ensure_ready
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
MOST_TAKEN = 5  # bodies that an operation may let pass before the rest of it is left
NAMED = 12
BODY, PARAMETERS, TWICE = "breaks each rule of the body", "breaks each rule of the parameters", "doubles each parameter"
REFUSED = (422,)


def need(scope: Any, values: dict[str, str]) -> Mode:
    """Bodies are tried where a sandbox can bring about what each operation needs; parameters wherever calls may be."""
    return Mode.FULL if values.get("breaks") == BODY else by_set(scope, values)


@sentence("when", en="{who} {breaks} of each {set}", es="{who} {breaks} de cada {set}", needs=need)
def breaks_each(world: World, who: str, breaks: str, set: str) -> None:  # noqa: A002  # the sentence's own word
    """Call each operation once for each rule that its contract has about its body or its parameters, breaking it alone.

    The rules are those of the served contract, which a country may widen, and those that it serves for `national`.
    Bodies go where the operation can be called.
    """
    del who  # whoever is entitled to an operation
    kept, trials, unready = [], [], dict[str, str]()
    source = held(world) if breaks == BODY else served(world)
    for operation in selected(world.spec, set):
        own = source.operations.get(operation.id)
        if operation.stage > world.run.stage or own is None or (operation.signed and not world.trusted()):
            continue  # one that is gone is a matter of compatibility
        for trial in _tried(world, Case(operation, own, source), breaks, unready):
            trials.append(trial)
            kept.extend(world.group)
    world.group, world.trials, world.unready = kept, trials, unready
    if not trials and not unready:
        raise KitError("empty-set", f"no {set} has a rule", "see the specification")


@dataclass(frozen=True)
class Case:
    """An operation, as it stands in the served contract too, and that contract."""

    operation: Operation
    own: Operation
    source: Spec


def _tried(world: World, case: Case, breaks: str, unready: dict[str, str]) -> Iterator[Trial]:
    """The calls to one operation; why it has none, or no more, goes into `unready`."""
    tally = world.run.tally(case.operation.id)
    try:
        for trial in WAYS[breaks](world, case):
            if trial.answer.status in TELLS_NOTHING:
                raise halted(case.operation, str(trial.answer.status))
            tally.tried["body" if breaks == BODY else "parameters"] += 1
            yield trial
    except Finding as error:
        unready[case.operation.id] = tally.unready = str(error)[:200]


# Bodies


def _bodies(world: World, case: Case) -> Iterator[Trial]:
    """The calls with a body that breaks one rule."""
    operation = case.operation
    media = media_of(case.own) or (MULTIPART if MULTIPART in case.own.request else None)
    pointer = case.own.request.get(media) if media is not None else None
    if media is None or pointer is None:
        return
    breaches = _breaches(world, case, media, pointer)
    if not breaches:
        raise halted(operation, say("no example that its contract allows", "sin un ejemplo que su contrato admita"))
    who, taken, files = world.run.cast.entitled(operation), 0, files_of(case.source, case.own)
    ready(world, operation)
    for breach in breaches:
        sent = form(breach.document, files) if media == MULTIPART else (media, _text(breach.document))
        answer = world.perform(Call(who, operation, media=sent[0], body=sent[1]))[-1]
        yield Trial(operation.id, breach.told, REFUSED, breach.places, answer)
        if answer.status < 300:  # noqa: PLR2004  # any success
            taken += 1
            if taken == MOST_TAKEN:
                return
            ready(world, operation)


def _breaches(world: World, case: Case, media: str, pointer: str) -> Sequence[Breach]:
    """The wrong bodies of an operation, in the form in which it takes them."""
    name = world.run.default_example(case.operation)
    example = world.spec.example(case.operation.id, name) if name is not None else {}
    example = of_this_country(world, case.operation, example)
    found = cached(case.source, pointer, _text(example))
    world.run.tally(case.operation.id).together = len(found.together)
    if media != MULTIPART:
        return found.breaches
    files = files_of(case.source, case.own)
    return in_a_form(found.breaches, case.source.validator(pointer), example, files)


def _text(document: JSON) -> str:
    return json.dumps(document, ensure_ascii=False)


# Parameters


def _parameters(world: World, case: Case) -> Iterator[Trial]:
    """The calls with a parameter that breaks one rule."""
    operation = case.operation
    if operation.signed:
        return  # its headers are what the signature rests on, and have scenarios of their own
    who = world.run.cast.entitled(operation)
    for one in parameters.wrong(case.source, case.own):
        name, location = one.parameter.name, one.parameter.location
        call = Call(who, operation, aim="unknown")
        if location == "query":
            call.query = f"{name}={quote(one.text, safe='')}"
        elif location == "header":
            call.headers[name] = one.text
        else:
            call.aim, call.target = "text", one.text
        answer = world.perform(call)[-1]
        yield Trial(operation.id, f"{location} {name} {one.rule}", ANSWERS[location], frozenset({name}), answer)


def _twice(world: World, case: Case) -> Iterator[Trial]:
    """The calls with a query parameter that stands twice."""
    operation = case.operation
    for one in case.own.parameters:
        text = parameters.right(case.source, one) if one.location == "query" else None
        if text is None:
            continue
        single = f"{one.name}={quote(text, safe='')}"
        call = Call(world.run.cast.entitled(operation), operation, aim="unknown", query=f"{single}&{single}")
        answer = world.perform(call)[-1]
        told = f"{one.name} {say('twice', 'dos veces')}"
        yield Trial(operation.id, told, (400,), frozenset({one.name}), answer, "invalid-parameter")


WAYS: dict[str, Callable[[World, Case], Iterator[Trial]]] = {
    BODY: _bodies, PARAMETERS: _parameters, TWICE: _twice,
}  # fmt: skip


def each_names_it(world: World) -> None:
    """Each call of the last When was refused, and the refusal names what is wrong; what was not tried is not judged."""
    found = by_operation(world.trials)
    for operation, faults in found.items():
        world.run.tally(operation).faults += faults
    bad = [fault for faults in found.values() for fault in faults]
    if bad:
        more = f" (+{len(bad) - NAMED})" if len(bad) > NAMED else ""
        raise Finding(
            say("let pass, or refused without naming the place: {bad}",
                "se dejó pasar, o se rechazó sin nombrar el lugar: {bad}", bad="; ".join(bad[:NAMED]) + more),
            expected="400/422", actual="; ".join(bad),
        )  # fmt: skip
    if not world.trials and not world.unready:
        raise KitError("no-answer", "nothing was tried", "put a When before this Then")
    ensure_ready(world.unready)
