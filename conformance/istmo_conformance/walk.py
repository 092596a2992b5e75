"""Brings a case of any service to a status by doing what its specification says leads there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo.spec import CasePaths, Operation, Spec
from istmo_conformance.calls import Call
from istmo_conformance.cast import BY_ROLE
from istmo_conformance.causes import Blocked, Cause
from istmo_conformance.client import Answer
from istmo_conformance.exchanges import Resource, collection_of
from istmo_conformance.values import items_at
from istmo_conformance.words import say
from istmo_conformance.world import World, prerequisite

JSON: TypeAlias = Any
PAID = "payments.request.paid"
MOST_STEPS = 14
# Where a case goes when its owner gives it up.
GIVEN_UP = frozenset({"discarded", "withdrawn"})


def case_paths(world: World) -> CasePaths:
    """The case of the service under judgement."""
    if not world.spec.cases:
        raise KitError("no-case", f"{world.spec.slug} has no case", "mark the scenario @case")
    return world.spec.cases[0]


def draft(world: World, who: str, example: str | None = None) -> Resource:
    """Create a draft of the example that officers have to decide, or of another one."""
    create = case_paths(world).create
    must(world, Call(who, create, example=example), create.success)
    if world.case is None:
        raise Finding(say("the created case has no id", "el caso creado no tiene id"))
    return world.case


def must(world: World, call: Call, status: int) -> Answer:
    """Make a call of the set-up, which only counts when it succeeds."""
    name = call.operation.id if call.operation else "-"
    try:
        answer = world.perform(call)[-1]
    except Blocked:
        raise
    except Finding as error:  # no answer at all, or none that can be read
        raise Blocked(f"{name}: {error}", cause=Cause("operation", name, str(error)[:120])) from None
    if answer.status != status:
        raise prerequisite(name, answer)
    return answer


def bring(world: World, who: str, goal: str, example: str | None = None) -> Resource:
    """Create a case and walk it to a status, each step by whom the specification lets take it."""
    case = draft(world, who, example)
    for _ in range(MOST_STEPS):
        status = status_of(case)
        if status == goal:
            world.it = case
            return case
        step(world, who, status, goal, case)
        if world.case is None:
            break
        case = reread(world, who)
    raise Finding(
        say("the case stays in {status} and never reaches {goal}", "el caso se queda en {status} y no llega a {goal}",
            status=status_of(case), goal=goal)
    )  # fmt: skip


def step(world: World, who: str, status: str, goal: str, case: Resource) -> None:
    """Take one step towards a goal: pay what holds the case, or call the next action."""
    if goal == "expired" and status in {"awaiting_applicant", "draft"}:
        days = int(world.run.profile.service(world.spec.slug).get("responseDays", 30))
        world.set_clock(world.now + timedelta(days=days * 2 + 1))
        return
    action = due(world, case, status, goal)
    if action is not None:
        must(world, Call(actor_of(who, action), action), action.success)


def due(world: World, case: Resource, status: str, goal: str, *, paying: bool = True) -> Operation | None:
    """The action that comes next on the way to a goal; none where what holds it has just been paid instead."""
    action = next_action(case_paths(world), status, goal)
    if action is None:
        raise no_way(status, goal)
    return None if paying and pay(world, case, name_of(action)) else action


def name_of(action: Operation) -> str:
    """The name under which a case offers an action."""
    return action.path.rpartition("/")[2]


def advance(world: World, who: str, goal: str, take: Callable[[Resource, str], bool]) -> None:
    """Take step after step with the case at hand until it is in a status, or a step ends the way."""
    for _ in range(MOST_STEPS):
        case = reread(world, who)
        status = status_of(case)
        if status == goal or not take(case, status):
            return
    raise Finding(say("the case never reaches {goal}", "el caso no llega a {goal}", goal=goal))


def no_way(status: str, goal: str) -> Finding:
    """A Finding about a case in a status from which the specification leads nowhere near a goal."""
    return Finding(
        say(
            "no action leads from {status} to {goal}",
            "ninguna acción lleva de {status} a {goal}",
            status=status,
            goal=goal,
        )
    )


def roles(action: Operation) -> list[str]:
    """Who may take an action, a person before the system."""
    allowed = action.allowed
    if allowed is None:
        return ["owner"]
    return [role for role in ("owner", "officer", "supervisor", "system") if role in allowed.role]


def actor_of(who: str, action: Operation) -> str:
    """Whoever takes an action when a scenario leaves it open: the owner himself, else whom the role asks for."""
    first = roles(action)[0]
    return who if first == "owner" else BY_ROLE[first]


def next_action(case: CasePaths, status: str, goal: str) -> Operation | None:
    """The first action on a shortest way from a status to a goal."""
    if goal == "expired":
        goal = "awaiting_applicant"
    queue: deque[tuple[str, Operation | None]] = deque([(status, None)])
    visited = {status}
    while queue:
        here, first = queue.popleft()
        if here == goal and first is not None:
            return first
        for action in case.actions.values():
            allowed = action.allowed
            if allowed is None or here not in allowed.origins or _appeals(action, goal):
                continue
            for there in allowed.targets:
                if there not in visited:
                    visited.add(there)
                    queue.append((there, first or action))
    return None


def recoverable(spec: Spec) -> frozenset[str]:
    """The statuses in which a case is given up, and those from which its owner can give it up."""
    actions = spec.cases[0].actions.values() if spec.cases else ()
    found = set(GIVEN_UP)
    for action in actions:
        if action.allowed is not None and set(action.allowed.targets) & GIVEN_UP:
            found |= set(action.allowed.origins)
    return frozenset(found)


def deletion(spec: Spec, operation: Operation) -> Operation | None:
    """The operation that takes back what another one of its collection has made."""
    collection = collection_of(operation.path)
    return next(
        (one for one in spec.operations.values()
         if one.method.upper() == "DELETE" and one.path == f"/{collection}/{{id}}"),
        None,
    )  # fmt: skip


def _appeals(action: Operation, goal: str) -> bool:
    """Whether an action turns against a decision, which no walk does on its way to something else."""
    return action.path.endswith("/appeal") and goal not in {"under_appeal", "rejected_final"}


def pay(world: World, case: Resource, action: str) -> bool:
    """Inject the payment of what holds a case, if an unpaid fee blocks the action."""
    for hold in items_at(case.doc, "holds"):
        if isinstance(hold, dict) and hold.get("code") == "fee-unpaid" and action in (hold.get("blocks") or [action]):
            world.run.sandbox.event(PAID, payment(case))
            return True
    return False


def payment(case: Resource) -> JSON:
    """What the gateway says when the fees of a case are paid."""
    requests = case.doc.get("paymentRequestIds") or []
    data: JSON = {"caseId": case.id, "caseReference": case.doc.get("reference")}
    if requests:
        data["paymentRequestId"] = requests[0]
    return data


def reread(world: World, who: str) -> Resource:
    """Read the case again as its owner."""
    read = case_paths(world).read
    if read is None:
        raise KitError("unreadable", f"the case of {world.spec.slug} cannot be read", "see the specification")
    world.it = world.case
    must(world, Call(who, read), read.success)
    if world.case is None:
        raise Finding(say("the case cannot be read again", "el caso no se puede leer de nuevo"))
    return world.case


def status_of(case: Resource) -> str:
    """The status of a case as it shows itself."""
    return str(case.doc.get("status"))


def output(world: World, who: str, noun: str, example: str | None) -> Resource:
    """Bring a case to its end and take the output of a kind as the resource at hand."""
    case = bring(world, who, "completed", example)
    collection = noun if noun.endswith("s") else f"{noun}s"
    reading = next(
        (one for one in world.spec.operations.values()
         if one.method.upper() == "GET" and one.path == f"/{collection}/{{id}}"),
        None,
    )  # fmt: skip
    if reading is None:
        raise KitError("no-output", f"{world.spec.slug} has no /{collection}/{{id}}", "name a collection in singular")
    for found in items_at(case.doc, "outputs"):
        identifier = output_id(found, collection)
        if identifier is not None:
            world.known["output"] = {"id": identifier}
            must(world, Call(who, reading, aim="known", target="output"), reading.success)
            if world.it is not None and collection_of(reading.path) == world.it.collection:
                return world.it
    raise Finding(
        say("the completed case has no output of {collection}", "el caso terminado no tiene salida de {collection}",
            collection=collection)
    )  # fmt: skip


def output_id(found: JSON, collection: str) -> str | None:
    """The identifier of an output that lies in a collection."""
    if not isinstance(found, dict):
        return None
    parts = str(found.get("href", "")).rstrip("/").split("/")
    if collection in parts[:-1]:
        return parts[parts.index(collection) + 1]
    named = found.get(f"{collection.removesuffix('s')}Id")
    return named if isinstance(named, str) else None
