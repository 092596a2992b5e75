"""Runs the property layer after the scenarios and writes what it found into the same evidence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, TypeAlias

from istmo import spec as specs
from istmo.errors import Finding
from istmo.spec import Operation
from istmo_conformance.client import Gone, Late
from istmo_conformance.evidence import now
from istmo_conformance.modes import Mode
from istmo_conformance.property import curl
from istmo_conformance.property.budget import Budget
from istmo_conformance.property.engine import Engine
from istmo_conformance.property.laws import Violation
from istmo_conformance.property.search import Search, TimeUp
from istmo_conformance.run import Run
from istmo_conformance.transcript import FEATURE, Made
from istmo_conformance.verdict import Verdict
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any


def run(context: Run, budget: Budget) -> None:
    """Search every operation of the judged stages until the time is up; the rest is told as not run."""
    engine = Engine(specs.spec(context.spec.slug), context.seed)
    known = frozenset(one.id for one in context.requirements if not one.retired and one.stage <= context.stage)
    until = min(time.monotonic() + budget.seconds, context.until)
    for operation in _searched(context, budget):
        started = time.monotonic()
        context.exchanges.clear()
        search = Search(context, operation, budget, until, known)
        reason = _fitness(context, operation) or ("time-up" if started > until else _went(search, engine))
        for requirement, one in sorted(search.smallest.items()):
            _fail(context, operation, requirement, one)
        _end(context, search, reason, time.monotonic() - started)
        if context.interrupted:
            return


def _searched(context: Run, budget: Budget) -> Iterator[Operation]:
    """The operations of the region: data for those that a country adds would come from a stranger's contract."""
    for operation in specs.spec(context.spec.slug).operations.values():
        if operation.stage <= context.stage and (not budget.operations or operation.id in budget.operations):
            yield operation


def _fitness(context: Run, operation: Operation) -> str:
    """Why an operation cannot be searched, or nothing."""
    if not context.subject.sandbox or context.mode is not Mode.FULL:
        return "needs-sandbox"
    return "unsigned" if operation.signed and not World(context, "property").trusted() else ""


def _went(search: Search, engine: Engine) -> str:
    """Search one operation; the reason why it could not be finished, or nothing."""
    try:
        search.go(engine)
    except TimeUp:
        return "time-up"
    except Gone as error:
        search.run.interrupted = True
        return error.message
    except (Late, Finding) as error:
        return str(error)
    return ""


def _fail(context: Run, operation: Operation, requirement: str, one: Violation) -> None:
    """A failed case, with the smallest call that shows it."""
    shown = curl.line(one.exchange.answer.request, one.exchange.who, context.client.origin)
    context.exchanges[:] = [one.exchange]
    context.evidence.redactor.learn(context.cast.secrets)
    context.executed += 1
    _write(
        context, f"property/{operation.id}/{requirement.partition('/')[2]}", operation, Verdict.FAIL,
        f"{operation.id}: {one.message}. {shown}", [requirement], 0.0,
    )  # fmt: skip


def _end(context: Run, search: Search, reason: str, seconds: float) -> None:
    """The case of an operation as a whole: it proves nothing, and says how far the search went."""
    operation = search.operation
    context.exchanges.clear()
    tally = ", ".join(f"{status}: {count}" for status, count in sorted(search.answers.items()))
    told = say("{cases} generated calls ({tally})", "{cases} llamadas generadas ({tally})",
               cases=search.cases, tally=tally or "-")  # fmt: skip
    if search.smallest and not reason:
        return  # its failures say it
    if reason:
        words = _WHY.get(reason)
        why = say(*words) if words else reason
        _write(context, f"property/{operation.id}", operation, Verdict.NOT_RUN, f"{why}; {told}", [], seconds)
    else:
        _write(context, f"property/{operation.id}", operation, Verdict.PASS, told, [], seconds)


_WHY = {
    "time-up": ("the time of the property layer was up", "se acabó el tiempo de la capa de propiedades"),
    "needs-sandbox": ("the target is no sandbox", "el objetivo no es un entorno de pruebas"),
    "unsigned": ("the sandbox trusts no peer of the suite", "el entorno de pruebas no confía en la suite como par"),
}  # fmt: skip


def _write(
    context: Run, name: str, operation: Operation, verdict: Verdict, reason: str, requirements: list[str],
    seconds: float,
) -> None:  # fmt: skip
    # Of all the calls that were tried, evidence keeps the ones that show a failure.
    context.recorder.take()
    context.recorder.made = [Made(one.answer.request, one.answer) for one in context.exchanges]
    record: dict[str, JSON] = {
        "id": name, "feature": FEATURE, "line": 0, "name": operation.summary, "language": "en",
        "requirements": requirements, "stage": operation.stage, "needs": Mode.FULL.value, "verdict": verdict.value,
        "reason": reason[:2000], "cause": None, "leftBehind": [], "step": "", "micros": round(seconds * 1e6),
        "at": now(), "began": None,
    }  # fmt: skip
    context.write(record, detailed=verdict is not Verdict.PASS)
    if context.progress is not None:
        context.done += 1
        context.progress(name, verdict, context.done, max(context.total, context.done))
