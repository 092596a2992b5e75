"""Which of the statuses that operations declare can be brought about from outside, and what rules the others out.

A reason follows from what the specification says of the operation, and from what the status means in this standard;
no list says so of a service.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from istmo.spec import Operation, Spec

JSON: TypeAlias = Any
Rule: TypeAlias = Callable[[Operation], str]


def _shared(operation: Operation) -> str:
    """Too many requests are too many for all who share the limit, unless the contract itself says how many."""
    return "" if operation.failure_limit is not None else "limit-shared"


def _nothing_wrong(operation: Operation) -> str:
    """A value can break a rule only where something of the caller's is read."""
    told = [one for one in operation.parameters if one.location == "query"]
    return "" if told or operation.request else "nothing-to-break"


def _nothing_named(operation: Operation) -> str:
    """Only what is named can be missing."""
    return "" if "{" in operation.path or operation.request else "nothing-named"


def _bodiless(operation: Operation) -> str:
    """An answer without a body has no media type that could be refused."""
    success = operation.response(operation.success)
    return "" if success is not None and success.media else "answer-without-body"


def _unreadable(operation: Operation) -> str:
    return "" if operation.request else "takes-no-body"


def _unasked(operation: Operation) -> str:
    """Only who has to say on which version a change rests can fail to say it."""
    return "" if operation.conditional else "no-condition-asked"


def _not_shown(operation: Operation) -> str:
    """What is given up is a draft, which nobody but its owner was shown."""
    allowed = operation.allowed
    return "" if allowed is None or "owner" in allowed.role else "not-shown"


def _elsewhere(_: Operation) -> str:
    """Nothing that a caller sends makes another system fail."""
    return "needs-failure"


# What stands in the way of a status, by what the operation says of itself; one without a rule can be brought about.
RULES: Final[dict[str, Rule]] = {
    "404": _nothing_named,
    "406": _bodiless,
    "410": _not_shown,
    "413": _unreadable,
    "415": _unreadable,
    "422": _nothing_wrong,
    "428": _unasked,
    "429": _shared,
    "500": lambda _: "never-due",
    "502": _elsewhere,
    "503": _elsewhere,
    "504": _elsewhere,
}


def obstacle(operation: Operation, status: str) -> str:
    """The code of the reason why a declared status cannot be brought about from outside; nothing where it can."""
    rule = RULES.get(status)
    return rule(operation) if rule is not None else ""


def declared(spec: Spec, region: Spec) -> list[JSON]:
    """Every operation with the statuses that it declares, each with what stands in its way, as evidence carries it."""
    return [
        {
            "id": one.id,
            "method": one.method.upper(),
            "stage": one.stage,
            "national": one.id not in region.operations,
            "statuses": {status: obstacle(one, status) for status in one.responses if status.isdigit()},
        }
        for one in spec.operations.values()
    ]
