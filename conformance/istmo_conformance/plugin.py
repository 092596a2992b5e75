"""The pytest plugin: binds features to the judged service and turns what happens into evidence.

It is loaded by name by `runner.py` and by nobody else: installing this package changes nobody's pytest.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from pytest_bdd.parser import ScenarioTemplate, Step
from pytest_bdd.scenario import scenario_wrapper_template_registry

from istmo.errors import Finding, KitError
from istmo_conformance.calls import check_call, check_who, operation_named
from istmo_conformance.client import Gone, Late
from istmo_conformance.evidence import now
from istmo_conformance.run import Run, unfolded
from istmo_conformance.scenarios import identity, stage_of
from istmo_conformance.values import check_value
from istmo_conformance.verdict import Outcome, Verdict
from istmo_conformance.vocabulary import recognise, suggestions
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
    verdict: Verdict = Verdict.NOT_RUN
    reason: str = ""
    step: str = ""
    step_kind: str = ""
    world: World | None = None
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
    config.addinivalue_line("markers", "production: may run against production: reads only")
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
    rule_tags = set(template.rule.tags) if template.rule is not None else set()
    tags = set(template.tags) | set(template.feature.tags) | rule_tags
    own_stage = stage_of(template.tags) or stage_of(template.feature.tags) or 1
    path = Path(template.feature.filename)
    folder = path.parent.name
    rows = _rows(item)
    name = template.render(rows).name
    return Case(
        id=identity(path, template.name, name, rows),
        feature=f"{folder}/{path.name}",
        name=name,
        language=template.feature.language,
        requirements=sorted(tag.removeprefix("req-").replace("<slug>", run.spec.slug)
                            for tag in tags if tag.startswith("req-")),
        stage=own_stage,
        tags=tags,
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
        if case.stage > run.stage or (select and not any(case.id.startswith(prefix) for prefix in select)):
            continue
        ledger.cases.append(case)
        reason = _unfit(run, case)
        if reason:
            case.verdict, case.reason = (Verdict.SKIP, reason) if reason == "no-case" else (Verdict.NOT_RUN, reason)
            continue
        template = scenario_wrapper_template_registry[item.obj]  # type: ignore[attr-defined] # found above
        check_scenario(template, _rows(item), run)
        # Nobody reads pytest's own account of a failure, and drawing it costs more than the scenario.
        item.repr_failure = _brief  # type: ignore[assignment] # one item, not the class
        chosen.append(item)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen
    run.total = len(chosen)
    for case in ledger.cases:
        if case.verdict is not Verdict.NOT_RUN or case.reason:
            _write(run, case)


LEDGER = pytest.StashKey[Ledger]()


def _brief(excinfo: pytest.ExceptionInfo[BaseException], **_: Any) -> str:
    return excinfo.exconly()


def _unfit(run: Run, case: Case) -> str:
    """Why a scenario cannot run against this target, or nothing."""
    if "case" in case.tags and not run.spec.cases:
        return "no-case"
    if not run.subject.sandbox and "production" not in case.tags:
        return "needs-sandbox"
    return ""


def check_scenario(template: ScenarioTemplate, rows: dict[str, str], run: Run) -> None:
    """Refuse a scenario that says what the vocabulary or the specification does not know."""
    for step in template.render(rows).steps:
        where = f"{template.feature.filename}:{step.line_number}"
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
        from istmo_conformance.calls import describe

        describe(who or "ana", tail)
    if who is not None:
        check_who(who, run.cast.aliases)
    if values.get("example") and run.spec.cases:
        create = run.spec.cases[0].create
        check_call(run.spec, create.id, f' with example "{values["example"]}"', run.cast.aliases, "ana")
    if values.get("value") is not None:
        check_value(str(values["value"]))


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The state of one scenario."""
    run = current()
    case = request.node.stash[CASE]
    case.world = World(run, case.id)
    run.exchanges.clear()
    yield case.world
    case.world = None


def pytest_bdd_before_step(request: pytest.FixtureRequest, step: Step) -> None:
    """Remember where a scenario stands."""
    case = request.node.stash[CASE]
    case.step, case.step_kind = f"{step.keyword} {step.name}", step.type


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Settle the verdict of a scenario as soon as its body, or its set-up, has ended."""
    yield
    case = item.stash.get(CASE, None)
    if case is None or call.when == "teardown" or (call.when == "setup" and call.excinfo is None):
        return
    run, ledger = current(), item.config.stash[LEDGER]
    error = call.excinfo.value if call.excinfo is not None else None
    case.seconds = call.duration
    case.verdict, case.reason = settle(error, case.step_kind)
    ledger.lost = ledger.lost + 1 if isinstance(error, Gone | Late) else 0
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


def settle(error: BaseException | None, kind: str) -> tuple[Verdict, str]:
    """What an ending means: theirs, ours, or nobody's."""
    if error is None:
        return Verdict.PASS, ""
    if isinstance(error, Gone):
        return Verdict.NOT_RUN, say("prerequisite: {why}", "requisito previo: {why}", why=error.message)
    if isinstance(error, pytest.skip.Exception):
        return Verdict.SKIP, str(error.msg)
    if isinstance(error, Finding):
        if kind == "given":
            return Verdict.NOT_RUN, say("prerequisite: {why}", "requisito previo: {why}", why=unfolded(error))
        return Verdict.FAIL, unfolded(error)
    return Verdict.ERROR, unfolded(error)


def _write(run: Run, case: Case) -> None:
    """Append the record of a case to the evidence."""
    detailed = case.verdict not in {Verdict.PASS, Verdict.SKIP}
    run.evidence.write(
        "case", id=case.id, feature=case.feature, name=case.name, language=case.language,
        requirements=case.requirements, stage=case.stage, verdict=case.verdict.value, reason=case.reason,
        step=case.step if detailed else "", seconds=round(case.seconds, 4), at=now(),
        exchanges=run.told(detailed=detailed),
    )  # fmt: skip


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
