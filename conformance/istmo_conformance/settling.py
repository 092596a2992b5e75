"""What the ending of a scenario means: a failure of the service, an error of ours, or nothing about either."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from istmo.errors import Finding
from istmo_conformance.causes import Blocked, Cause
from istmo_conformance.client import Gone, Late
from istmo_conformance.modes import Mode
from istmo_conformance.patience import TOO_MANY
from istmo_conformance.run import Run, unfolded
from istmo_conformance.verdict import Verdict
from istmo_conformance.words import say
from istmo_conformance.world import World, said_by

LEFTOVERS = frozenset({"429 too-many-requests", "409 duplicate"})
MINUTES = 20_000  # a fortnight


def settle(error: BaseException | None, kind: str) -> tuple[Verdict, str, Cause | None]:
    """What an ending means: theirs, ours, or nobody's; and what stood in the way if it is nobody's."""
    if error is None:
        return Verdict.PASS, "", None
    if isinstance(error, pytest.skip.Exception):
        return Verdict.SKIP, str(error.msg), None
    said, cause = unfolded(error), _obstacle(error, kind)
    if cause is not None:
        return Verdict.NOT_RUN, say("prerequisite: {why}", "requisito previo: {why}", why=cause.message), cause
    return Verdict.FAIL if isinstance(error, Finding) else Verdict.ERROR, said, None


def _obstacle(error: BaseException, kind: str) -> Cause | None:
    """What stood in the way of a scenario, if that is why it ended."""
    if isinstance(error, Gone):
        return Cause("target", error.code, "", error.message)
    if isinstance(error, Blocked) and (error.anywhere or kind == "given"):
        return replace(error.cause, message=unfolded(error))
    said = unfolded(error)
    return Cause("set-up", "", said[:160], said) if isinstance(error, Finding) and kind == "given" else None


def unanswered(error: BaseException | None) -> bool:
    """Tell whether a scenario ended because no answer came, whatever that was called afterwards."""
    while error is not None and not isinstance(error, Gone | Late):
        error = error.__cause__ or error.__context__
    return error is not None


def found_there(world: World | None) -> Cause | None:
    """What somebody else may have left: a limit that is used, or an open case of the same kind where nothing is reset.

    A failure of a scenario that met it says nothing: nobody can tell here from where it comes.
    """
    if world is None:
        return None
    reset = world.run.mode is Mode.FULL
    for exchange in world.history:
        said, operation = said_by(exchange.answer), exchange.operation
        own = operation is not None and operation.failure_limit is not None  # a limit that a reset takes back
        if said in LEFTOVERS and (not reset or (exchange.answer.status == TOO_MANY and not own)):
            name = operation.id if operation is not None else exchange.answer.request.path[:120]
            why = say("{name} answers {said}, for whatever somebody else has done",
                      "{name} responde {said}, por lo que haya hecho otro", name=name, said=said)  # fmt: skip
            return Cause("set-up", name, said, why)
    return None


def disturbed(run: Run, verdict: Verdict, cause: Cause | None, began: datetime | None) -> Cause | None:
    """Somebody else who uses the same sandbox, as soon as something goes wrong: then that says nothing.

    One looks the first time, the second, the fourth and so on: a service that breaks everything is not kept long.
    """
    upset = verdict is Verdict.NOT_RUN and cause is not None and cause.kind in {"set-up", "operation"}
    if verdict is not Verdict.FAIL and not upset:
        return None
    run.upsets += 1
    seldom = run.upsets & (run.upsets - 1) == 0
    if not seldom or run.target.kind != "url" or run.mode is not Mode.FULL or began is None:
        return None
    odd = int(hashlib.sha256(run.salt.encode()).hexdigest(), 16) % MINUTES  # no other run sets it to the same
    if not run.sandbox.is_shared(began.replace(microsecond=0) + timedelta(days=3, minutes=odd), run.pause):
        return None
    why = say(
        "the clock of the sandbox does not stay as it was set: somebody else uses it (let one check run at a time), "
        "or its processes do not share it",
        "el reloj del entorno de pruebas no queda como se fijó: otra persona lo usa (ejecute una sola verificación a "
        "la vez), o sus procesos no lo comparten",
    )
    return Cause("target", "sandbox-shared", "", why)
