"""Taking a case through its statuses: as the specification allows, as the case offers, as far as it goes."""

from __future__ import annotations

from istmo.errors import Finding
from istmo_conformance import walk
from istmo_conformance.calls import Call
from istmo_conformance.exchanges import Resource
from istmo_conformance.needs import by_walk
from istmo_conformance.steps.acting import offered as on_offer
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World


@sentence(
    "given",
    "when",
    en="{who} walks the case to {goal}[ {offered}]",
    es="{who} lleva el caso a {goal}[ {offered}]",
    needs=by_walk,
)
def walks(world: World, who: str, goal: str, offered: str | None = None) -> None:
    """Take the case to a status by the actions of the specification, or only by those that the case itself offers."""

    def take(case: Resource, status: str) -> bool:
        if offered is None:
            walk.step(world, who, status, goal, case)
        else:
            _take_offered(world, who, status, goal, case)
        return True

    walk.advance(world, who, goal, take)


def _take_offered(world: World, who: str, status: str, goal: str, case: Resource) -> None:
    """Take the next action towards a goal, which must be on offer to whoever takes it, and work."""
    action = walk.due(world, case, status, goal)
    if action is None:
        return
    name, actor = walk.name_of(action), walk.actor_of(who, action)
    if name not in on_offer(world, actor):
        raise Finding(
            say("{name} is not on offer in {status}", "{name} no se ofrece en {status}", name=name, status=status)
        )
    answer = world.perform(Call(actor, action))[-1]
    if answer.status != action.success:
        raise Finding(
            say("{name} is on offer and answers {status}", "{name} se ofrece y responde {status}",
                name=name, status=answer.status)
        )  # fmt: skip


@sentence(
    "when",
    en="{who} tries to walk the case to {goal}[ {unpaid}]",
    es="{who} intenta llevar el caso a {goal}[ {unpaid}]",
    needs=by_walk,
)
def tries_to_walk(world: World, who: str, goal: str, unpaid: str | None = None) -> None:
    """Take the case towards a status until it is there or a step is refused, paying what holds it, or not."""

    def take(case: Resource, status: str) -> bool:
        action = walk.due(world, case, status, goal, paying=unpaid is None)
        if action is None:
            return True
        return world.perform(Call(walk.actor_of(who, action), action))[-1].status == action.success

    walk.advance(world, who, goal, take)
