"""The pytest plugin: binds features to the judged service and turns what happens into evidence.

It is loaded by name by `runner.py` and by nobody else: installing this package changes nobody's pytest.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from pytest_bdd.parser import Step
from pytest_bdd.scenario import scenario_wrapper_template_registry

from istmo.errors import KitError
from istmo_conformance import needs, settling, tidying
from istmo_conformance.causes import Cause
from istmo_conformance.evidence import now
from istmo_conformance.naming import check_call, check_who, operation_named
from istmo_conformance.needs import Needs
from istmo_conformance.run import Run
from istmo_conformance.scenarios import identity
from istmo_conformance.values import check_value
from istmo_conformance.verdict import Outcome, Verdict
from istmo_conformance.vocabulary import perform, recognise, suggestions
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
STOP_AFTER = 3
_current: list[Run] = []


def current() -> Run:
    """The run in progress."""
    if not _current:
        raise KitError("no-run", "the suite was started without a run", "use istmo check")
    return _current[-1]


def begin(run: Run) -> None:
    """Make a run the current one."""
    _current.append(run)


def end() -> None:
    """Forget the current run."""
    if _current:
        _current.pop()


@dataclass
class Case:
    """One scenario of the run: its identity, and how it went."""

    id: str
    feature: str
    name: str
    language: str
    requirements: list[str]
    stage: int
    tags: set[str]
    needs: Needs = field(default_factory=Needs)
    verdict: Verdict = Verdict.NOT_RUN
    reason: str = ""
    cause: Cause | None = None
    left_behind: list[JSON] = field(default_factory=list)
    file: str = ""
    steps: list[Step] = field(default_factory=list)
    step: str = ""
    step_kind: str = ""
    line: int = 0
    world: World | None = None
    began: datetime | None = None
    seconds: float = 0.0

    @property
    def outcome(self) -> Outcome:
        """The verdict as adding up needs it."""
        return Outcome(self.id, self.verdict, self.reason)


CASE = pytest.StashKey[Case]()


@dataclass
class Ledger:
    """The cases of the run, and how often in a row the target was gone or answered too late."""

    cases: list[Case] = field(default_factory=list)
    lost: int = 0


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options by which a developer runs the suite without the command line of the kit."""
    group = parser.getgroup("istmo")
    group.addoption("--istmo-stage", type=int, default=None, help="judge up to this stage")
    group.addoption("--istmo-select", action="append", default=[], help="only scenarios whose id begins so")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers that tags become, and load the vocabulary."""
    import istmo_conformance.steps  # noqa: F401  # fills the table of sentences

    config.addinivalue_line("markers", "requirement(id): the requirement that a scenario proves")
    config.addinivalue_line("markers", "stage(number): the stage to which a scenario belongs")
    config.addinivalue_line("markers", "case: needs a service with a case")


@pytest.hookimpl(tryfirst=True)
def pytest_bdd_apply_tag(tag: str, function: Any) -> bool | None:
    """Turn tags into markers of ours."""
    if tag.startswith("req-"):
        pytest.mark.requirement(id=tag.removeprefix("req-"))(function)
        return True
    if tag.startswith("stage-"):
        pytest.mark.stage(number=int(tag.removeprefix("stage-")))(function)
        return True
    return None


def case_of(item: pytest.Item, run: Run) -> Case | None:
    """The case behind an item, or None for what is no scenario."""
    function = getattr(item, "obj", None)
    template = scenario_wrapper_template_registry.get(function) if function is not None else None
    if template is None:
        return None
    tags = needs.tags_of(template)
    path = Path(template.feature.filename)
    folder = path.parent.name
    rows = _rows(item)
    told = template.render(rows)
    name = told.name
    return Case(
        id=identity(path, template.name, name, rows),
        feature=f"{folder}/{path.name}",
        name=name,
        language=template.feature.language,
        requirements=needs.requirements_of(tags, run.spec.slug),
        stage=needs.stage_of(template),
        tags=tags,
        file=template.feature.filename,
        steps=told.steps,
        line=template.line_number,
    )  # fmt: skip


def _rows(item: pytest.Item) -> dict[str, str]:
    callspec = getattr(item, "callspec", None)
    return dict(callspec.params.get("_pytest_bdd_example", {})) if callspec is not None else {}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Identify the scenarios, hold all their sentences against the specification, and pick those to run."""
    run = current()
    ledger = config.stash[LEDGER] = Ledger()
    chosen: list[pytest.Item] = []
    known: set[str] = set()
    select = (*run.select, *config.getoption("--istmo-select"))
    for item in items:
        case = case_of(item, run)
        if case is None:
            continue
        if case.id in known:
            raise KitError("twin-scenarios", f"two scenarios are called {case.id}", "give one another name")
        known.add(case.id)
        item.stash[CASE] = case
        if (case.stage > run.stage and not run.beyond) or (
            select and not any(case.id.startswith(prefix) for prefix in select)
        ):
            continue
        ledger.cases.append(case)
        if _unfit(run, case):
            continue
        chosen.append(item)
    if run.shuffle:
        random.Random(run.seed).shuffle(chosen)  # noqa: S311  # an order, no secret
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen
    run.total = len(chosen)
    run.evidence.write("plan", cases=sorted(case.id for case in ledger.cases))
    for case in ledger.cases:
        if case.verdict is not Verdict.NOT_RUN or case.reason:
            _write(run, case)
    run.catch_up()


LEDGER = pytest.StashKey[Ledger]()


def _unfit(run: Run, case: Case) -> bool:
    """Whether a scenario cannot run against this target, and if so, why; one that cannot be meant is refused."""
    if "case" in case.tags and not run.spec.cases:
        case.verdict, case.reason = Verdict.SKIP, "no-case"
        return True
    check_scenario(case, run)
    case.needs = needs.of_scenario(run.scope, [(step.type, step.name) for step in case.steps])
    mode = case.needs.mode
    if not run.mode.allows(mode):
        case.reason, case.cause = f"needs-{mode.value}", Cause("mode", mode.value, run.mode.value)
        return True
    for alias in sorted(case.needs.personas):
        what = run.cast.lacking(alias)
        if what:
            case.reason = say("{what} is not given", "falta {what}", what=what)
            case.cause = Cause("subject", f"personas.{alias}", what, case.reason)
            return True
    return False


def check_scenario(case: Case, run: Run) -> None:
    """Refuse a scenario that says what the vocabulary or the specification does not know."""
    for step in case.steps:
        where = f"{case.file}:{step.line_number}"
        try:
            check_step(step.type, step.name, run)
        except KitError as error:
            raise KitError(error.code, f"{where}: {error.message}", error.hint) from None


def check_step(kind: str, text: str, run: Run) -> None:
    """Refuse one sentence, before anything runs, if it cannot be meant."""
    match = recognise(kind, text)
    if match is None:
        near = suggestions(kind, text)
        raise KitError("unknown-step", f'no sentence reads "{text}"', "did you mean: " + " | ".join(near))
    values = match.values
    who, operation, tail = values.get("who"), values.get("operation"), values.get("tail") or ""
    if operation is not None and "tail" in values:
        check_call(run.spec, operation, tail, run.cast.aliases, who or "ana")
    elif operation is not None:
        operation_named(run.spec, operation)
    elif "set" in values:
        from istmo_conformance.clauses import describe

        describe(who or "ana", tail)
    if who is not None:
        check_who(who, run.cast.aliases)
    if values.get("example") and run.spec.cases:
        create = run.spec.cases[0].create
        check_call(run.spec, create.id, f' with example "{values["example"]}"', run.cast.aliases, "ana")
    if values.get("value") is not None:
        check_value(str(values["value"]))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Play a scenario and settle its verdict; true tells pytest that nothing is left to do.

    Without it pytest would set up, call and take down a test, and pytest-bdd would look for each step among all
    fixtures anew: together that costs more than most scenarios.
    """
    case = item.stash.get(CASE, None)
    if case is None:
        return None
    stopping = (pytest.exit.Exception, KeyboardInterrupt)
    call = pytest.CallInfo.from_call(lambda: _play(case), when="call", reraise=stopping)
    case.seconds = call.duration
    _settle(item, case, call.excinfo.value if call.excinfo is not None else None)
    case.world = None
    return True


def _play(case: Case) -> None:
    """Perform the steps of a scenario, and remember where it stands."""
    run = current()
    case.began = run.begin(case.id)
    case.world = World(run, case.id, case.began)
    run.unclaimed = case.stage > run.stage
    for step in case.steps:
        case.step, case.step_kind = f"{step.keyword} {step.name}", step.type
        perform(step.type, step.name, case.world, docstring=step.docstring)
    run.observe_all()  # a fault of ours in it belongs to this scenario


def _settle(item: pytest.Item, case: Case, error: BaseException | None) -> None:
    """Settle the verdict of a scenario as soon as its last step has ended."""
    run, ledger = current(), item.config.stash[LEDGER]
    case.verdict, case.reason, case.cause = settling.settle(error, case.step_kind)
    if case.verdict is Verdict.FAIL and (cause := settling.found_there(case.world)) is not None:
        case.verdict, case.cause = Verdict.NOT_RUN, cause
        case.reason = say("prerequisite: {why}", "requisito previo: {why}", why=cause.message)
    if (cause := settling.disturbed(run, case.verdict, case.cause, case.began)) is not None:
        case.verdict, case.reason, case.cause = Verdict.NOT_RUN, cause.message, cause
        item.session.shouldstop = "somebody else uses the sandbox"
        run.interrupted = True
    if case.world is not None:
        case.left_behind = tidying.tidy(case.world)
    ledger.lost = ledger.lost + 1 if settling.unanswered(error) else 0
    if ledger.lost >= STOP_AFTER or time.monotonic() > run.until:
        item.session.shouldstop = "the target is gone, hangs, or kept the run longer than it may last"
        run.interrupted = True
    if case.verdict in {Verdict.PASS, Verdict.FAIL, Verdict.WARN}:
        run.executed += 1
    if case.verdict is Verdict.ERROR:
        run.errors += 1
    run.done += 1
    _write(run, case)
    if run.progress is not None:
        run.progress(case.id, case.verdict, run.done, run.total)


def _write(run: Run, case: Case) -> None:
    """Append the record of a case to the evidence."""
    detailed = case.verdict not in {Verdict.PASS, Verdict.SKIP}
    record: dict[str, JSON] = {
        "id": case.id, "feature": case.feature, "line": case.line, "name": case.name, "language": case.language,
        "requirements": case.requirements, "stage": case.stage, "needs": case.needs.mode.value,
        "verdict": case.verdict.value, "reason": case.reason,
        "cause": case.cause.told if case.cause is not None else None, "leftBehind": case.left_behind,
        "step": case.step if detailed else "", "micros": round(case.seconds * 1e6), "at": now(),
        "began": case.began.isoformat() if case.began is not None else None,
    }  # fmt: skip
    run.write(record, detailed=detailed)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Record the scenarios that were chosen and never reached."""
    ledger = session.config.stash.get(LEDGER, None)
    if ledger is None or not _current:
        return
    run = current()
    for case in ledger.cases:
        if case.verdict is Verdict.NOT_RUN and not case.reason:
            case.reason = "not-reached"
            _write(run, case)
    run.catch_up()
