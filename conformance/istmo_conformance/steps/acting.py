"""Taking and trying many actions of a case: those on offer, those that are not, all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias
from urllib.parse import urljoin, urlsplit

from istmo.errors import Finding
from istmo.spec import Operation
from istmo_conformance import walk
from istmo_conformance.calls import Call
from istmo_conformance.modes import Mode
from istmo_conformance.needs import by_choice
from istmo_conformance.values import items_at
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any


def actions_of(world: World) -> dict[str, Operation]:
    """Every way to change a case, by the name under which it is offered."""
    case = walk.case_paths(world)
    return {**case.actions, **({"replace": case.replace} if case.replace is not None else {})}


def offered(world: World, who: str) -> dict[str, JSON]:
    """The actions that the case offers to whoever reads it, by their names."""
    seen = walk.reread(world, who)
    entries = [entry for entry in items_at(seen.doc, "availableActions") if isinstance(entry, dict)]
    return {str(entry.get("name")): entry for entry in entries}


def _leads(world: World, entry: JSON, operation: Operation) -> bool:
    """Whether an entry names the method and the address at which its action is found for the case at hand."""
    base, case = world.run.subject.base_path, world.case
    inner = f"{base}/{case.collection}/{case.id}" if case is not None else base
    for beside in (inner, f"{base}/"):  # what a relative address is relative to
        parts = urlsplit(urljoin(beside, str(entry.get("href") or "")))
        found = world.spec.match(str(entry.get("method")).upper(), parts.path.removeprefix(base))
        if found is not None and found[0] is operation and case is not None and case.id in found[1].values():
            return not parts.query
    return False


@sentence(
    "when",
    en="{who} tries each action[ {which}]",
    es="{who} intenta cada acción[ {which}]",
    needs=by_choice("which", ["on offer"], Mode.FULL, Mode.WRITE),
)
def tries_each(world: World, who: str, which: str | None = None) -> None:
    """Try every action and change of the case, those on offer unblocked, each on a case of its own, or all the others.

    Where all are tried, `someone entitled` is another person for each.
    """
    if which == "on offer":
        _take_offered(world, who)
    elif which is not None:
        names = offered(world, who)
        _try(world, who, (one for name, one in actions_of(world).items() if name not in names))
    else:
        walk.reread(world, world.case.owner if world.case is not None else who)
        _try(world, who, actions_of(world).values())


def _take_offered(world: World, who: str) -> None:
    """Take every action that the case offers unblocked, each on the only case, so far, of a fresh sandbox."""
    known, kept = actions_of(world), []
    entries = {name: entry for name, entry in offered(world, who).items() if not entry.get("blockedBy")}
    names = list(entries)
    owner, goal = (world.case.owner, walk.status_of(world.case)) if world.case is not None else (who, "draft")
    if not names:
        raise Finding(say("nothing is on offer", "no se ofrece nada"))
    for name in names:
        if name not in known:
            raise Finding(say("{name} is no action", "{name} no es una acción", name=name[:60]))
        if known[name].stage <= world.run.stage and not _leads(world, entries[name], known[name]):
            raise Finding(
                say(
                    "the address of {name} leads elsewhere", "la dirección de {name} lleva a otro lugar", name=name[:60]
                )
            )
    for number, name in enumerate(names):
        if known[name].stage > world.run.stage:
            continue
        if number:
            moment = world.now
            world.run.sandbox.reset()
            world.set_clock(moment)
            walk.bring(world, owner, goal)
        world.perform(Call(who, known[name]))
        kept.extend(world.group)
    world.group = kept


def _try(world: World, who: str, operations: Iterable[Operation]) -> None:
    """Call operations one after the other and keep all answers; every one is aimed at the same case."""
    kept = []
    for operation in operations:
        if operation.stage <= world.run.stage:
            world.perform(Call(who, operation, tag="sent"))
            kept.extend(world.group)
    world.group = kept
