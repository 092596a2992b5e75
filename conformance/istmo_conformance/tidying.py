"""Putting away what a scenario has made, where no sandbox is reset: by the operations of the service itself.

What cannot be put away is told, and never held against the service.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo.spec import Operation
from istmo_conformance.calls import Call
from istmo_conformance.cast import NOBODY
from istmo_conformance.exchanges import Made
from istmo_conformance.modes import Mode
from istmo_conformance.walk import GIVEN_UP, case_paths, deletion, status_of
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
MOST = 40
GONE = frozenset({404, 410})  # what is gone already needs no putting away


def tidy(world: World) -> list[JSON]:
    """Discard, withdraw or delete what a scenario has made, the last first, and return what is left behind."""
    if world.run.mode is not Mode.WRITE:
        return []
    left, seen = [], set[tuple[str, str]]()
    world.run.tidying = True
    try:
        for number, made in enumerate(reversed(world.made)):
            resource = made.resource
            if (resource.collection, resource.id) in seen:
                continue
            seen.add((resource.collection, resource.id))
            why = _put_away(world, made) if number < MOST else say("too many", "demasiados")
            if why:
                left.append({"operation": made.operation.id, "id": resource.id, "why": why})
    finally:
        world.run.tidying = False
    return left


def _put_away(world: World, made: Made) -> str:
    """Put one resource away, or say why it stays."""
    resource = made.resource
    if resource.owner in NOBODY:
        return ""  # what anybody may make without a token is kept for nobody
    world.it = world.resources[resource.collection] = resource
    try:
        if world.spec.cases and resource.collection == case_paths(world).collection:
            world.case = resource
            return _give_up(world, made)
        operation = deletion(world.spec, made.operation)
        if operation is None:
            return say(
                "the service has no operation that takes it back", "el servicio no tiene operación que lo retire"
            )
        return _called(world, made, operation)
    except (Finding, KitError) as error:
        return error.message[:300]


def _give_up(world: World, made: Made) -> str:
    """Let the owner discard or withdraw a case, as far as its status allows."""
    case = case_paths(world)
    if case.read is not None and _called(world, made, case.read):
        return say("it cannot be read again", "no se puede leer de nuevo")
    status = status_of(world.case or made.resource)
    if status in GIVEN_UP:
        return ""
    for action in case.actions.values():
        allowed = action.allowed
        if allowed is not None and status in allowed.origins and set(allowed.targets) & GIVEN_UP:
            return _called(world, made, action)
    return say("a case in {status} cannot be given up", "un caso en {status} no se puede retirar", status=status[:40])


def _called(world: World, made: Made, operation: Operation) -> str:
    """Call an operation as whoever made the resource, and say what it answered unless that was well."""
    answer = world.perform(Call(made.resource.owner, operation, headers=dict(made.mandate)))[-1]
    if answer.status == operation.success or answer.status in GONE:
        return ""
    return say("{name} answers {status}", "{name} responde {status}", name=operation.id, status=answer.status)
