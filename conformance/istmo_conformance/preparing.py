"""Brings about what an operation needs before it can be called: a case in the right status, or another resource."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from istmo.names import kebab, snake
from istmo.spec import Operation
from istmo_conformance import walk
from istmo_conformance.calls import Call
from istmo_conformance.causes import Blocked, Cause
from istmo_conformance.exchanges import JSON_TYPE, Resource, collection_of
from istmo_conformance.values import items_at
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any


def ready(world: World, operation: Operation) -> list[tuple[str, str | None]]:
    """Bring about what an operation needs, in a sandbox that holds nothing else, and say what its body has to name.

    An operation for which nothing can be made is not called.
    """
    moment = world.now
    world.run.sandbox.reset()
    world.set_clock(moment)
    world.it = world.case = None
    world.resources.clear()
    if "{" not in operation.path:
        return _linked(world, operation)
    world.it = made(world, operation)
    if world.it is None:
        raise halted(operation, say("nothing that it could be called for", "nada para lo que se pueda llamar"))
    return []


def halted(operation: Operation, what: str) -> Blocked:
    """What stands in the way of calling an operation."""
    said = say("{name}: {what}", "{name}: {what}", name=operation.id, what=what)
    return Blocked(said, cause=Cause("operation", operation.id, what))


def made(world: World, operation: Operation) -> Resource | None:
    """A resource of the collection of an operation, made by the steps of the suite; none where no way is known."""
    collection, cases = collection_of(operation.path), world.spec.cases
    if cases and collection == cases[0].collection:
        allowed = operation.allowed
        case = walk.bring(world, "ana", allowed.origins[0] if allowed is not None else "draft")
        return walk.reread(world, "ana") if walk.pay(world, case, walk.name_of(operation)) else case
    made_by = _named(world, "POST", f"/{collection}")
    if made_by is not None and _plain(world, made_by):
        changes = _linked(world, made_by)
        walk.must(world, Call(world.run.cast.entitled(made_by), made_by, changes=changes), made_by.success)
        return world.resources.get(collection)
    lister = _named(world, "GET", f"/{collection}")
    if lister is None or not (cases or lister.public):
        return None
    if not lister.public:
        walk.bring(world, "ana", "completed")
    items = items_at(walk.must(world, Call("ana", lister), lister.success).json(), "/items")
    return Resource(collection, str(items[0].get("id")), items[0], None, "ana") if items else None


def _linked(world: World, made_by: Operation) -> list[tuple[str, str | None]]:
    """Identifiers of other resources, made for the purpose, in the place of those that an example names."""
    example = world.run.default_example(made_by)
    body = world.spec.example(made_by.id, example) if example is not None else None
    changes: list[tuple[str, str | None]] = []
    for name in body if isinstance(body, dict) else ():
        collection = kebab(snake(name.removesuffix("Id"))) + "s"
        reader = _named(world, "GET", f"/{collection}/{{id}}") if name.endswith("Id") else None
        resource = made(world, reader) if reader is not None else None
        if resource is not None:
            changes.append((f"/{name}", json.dumps(resource.id)))
    return changes


def _plain(world: World, made_by: Operation) -> bool:
    """Whether a resource can be made by one call that needs nothing else."""
    return JSON_TYPE not in made_by.request or bool(world.spec.request_examples(made_by.id))


def _named(world: World, method: str, path: str) -> Operation | None:
    found = world.spec.operations.values()
    return next((one for one in found if one.path == path and one.method.upper() == method), None)
