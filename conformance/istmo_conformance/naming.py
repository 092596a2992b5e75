"""What scenarios name: operations, actions of the case, callers; what nobody knows is refused before anything runs."""

from __future__ import annotations

from istmo.errors import KitError
from istmo.spec import Operation, Spec
from istmo_conformance.cast import ENTITLED, NOBODY, WITHOUT
from istmo_conformance.clauses import describe
from istmo_conformance.vocabulary import nearest


def operation_named(spec: Spec, name: str) -> Operation:
    """The operation of an operationId, or of an action of the service's case."""
    action = _case_action(name)
    if action is None:
        if name not in spec.operations:
            raise KitError("unknown-operation", f"{spec.slug} has no operation {name}", nearest(name, spec.operations))
        return spec.operations[name]
    if not spec.cases:
        raise KitError("no-case", f"{spec.slug} has no case", "mark the scenario @case")
    case = spec.cases[0]
    found = {
        "create": case.create,
        "list": case.list,
        "read": case.read,
        "replace": case.replace,
        **case.actions,
    }
    operation = found.get(action)
    if operation is None:
        raise KitError("unknown-action", f"the case of {spec.slug} has no {action}", nearest(action, found))
    return operation


def _case_action(name: str) -> str | None:
    if name.startswith("the case's "):
        return name.removeprefix("the case's ")
    return name.removesuffix(" del caso") if name.endswith(" del caso") else None


def check_call(spec: Spec, name: str, tail: str, aliases: set[str], who: str) -> None:
    """Refuse a call that the specification cannot mean, before anything runs."""
    check_who(who, aliases)
    operation = operation_named(spec, name)
    call = describe(who, tail)
    if call.example is not None:
        known = spec.request_examples(operation.id)
        if call.example not in known:
            raise KitError(
                "unknown-example", f'{operation.id} has no example "{call.example}"',
                nearest(call.example, dict.fromkeys(known)),
            )  # fmt: skip


def check_who(who: str, aliases: set[str]) -> None:
    """Refuse a caller that the cast does not have."""
    if who not in aliases and who not in NOBODY | ENTITLED | WITHOUT:
        raise KitError("unknown-persona", f"the cast has no {who}", "see specs/common/personas.yaml")
