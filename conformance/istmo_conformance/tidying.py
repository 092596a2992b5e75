"""Putting away what a scenario has made, where no sandbox is reset: by the operations of the service itself.

What cannot be put away is told, and never held against the service.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo.spec import Operation
from istmo_conformance.calls import Call
from istmo_conformance.cast import NOBODY
from istmo_conformance.modes import Mode
from istmo_conformance.walk import case_paths, status_of
from istmo_conformance.words import say
from istmo_conformance.world import Resource, World

JSON: TypeAlias = Any
# Where a case goes when its owner gives it up, and where nothing of it is left to give up.
PUT_AWAY = ("discarded", "withdrawn")
MOST = 40


def tidy(world: World) -> list[JSON]:
    """Discard, withdraw or delete what a scenario has made, the last first, and return what is left behind."""
    if world.run.mode is not Mode.WRITE:
        return []
    left, seen = [], set[tuple[str, str]]()
    made = list(reversed(world.made))
    world.run.tidying = True
    try:
        for number, (operation, resource) in enumerate(made):
            if (resource.collection, resource.id) in seen:
                continue
            seen.add((resource.collection, resource.id))
            why = _put_away(world, resource) if number < MOST else say("too many", "demasiados")
            if why:
                left.append({"operation": operation.id, "id": resource.id, "why": why})
    finally:
        world.run.tidying = False
    return left


def _put_away(world: World, resource: Resource) -> str:
    """Put one resource away, or say why it stays."""
    if resource.owner in NOBODY:
        return ""  # what anybody may make without a token is kept for nobody
    try:
        if world.spec.cases and resource.collection == case_paths(world).collection:
            return _give_up(world, resource)
        deletion = _deletion(world, resource)
        if deletion is None:
            return say(
                "the service has no operation that takes it back", "el servicio no tiene operación que lo retire"
            )
        return _called(world, resource, deletion)
    except (Finding, KitError) as error:
        return error.message[:300]


def _give_up(world: World, resource: Resource) -> str:
    """Let the owner discard or withdraw a case, as far as its status allows."""
    case = case_paths(world)
    world.it = world.case = world.resources[case.collection] = resource
    if case.read is not None and world.perform(Call(resource.owner, case.read))[-1].status != case.read.success:
        return say("it cannot be read again", "no se puede leer de nuevo")
    status = status_of(world.case or resource)
    if status in PUT_AWAY:
        return ""
    for action in case.actions.values():
        allowed = action.allowed
        if allowed is not None and status in allowed.origins and set(allowed.targets) & set(PUT_AWAY):
            return _called(world, resource, action)
    return say("a case in {status} cannot be given up", "un caso en {status} no se puede retirar", status=status[:40])


def _deletion(world: World, resource: Resource) -> Operation | None:
    return next(
        (one for one in world.spec.operations.values()
         if one.method.upper() == "DELETE" and one.path == f"/{resource.collection}/{{id}}"),
        None,
    )  # fmt: skip


def _called(world: World, resource: Resource, operation: Operation) -> str:
    world.it = world.resources[resource.collection] = world.resources.get(resource.collection, resource)
    answer = world.perform(Call(resource.owner, operation, tag="sent"))[-1]
    if answer.status == operation.success or answer.status in {404, 410}:  # gone already is gone
        return ""
    return say("{name} answers {status}", "{name} responde {status}", name=operation.id, status=answer.status)
