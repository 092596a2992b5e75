"""One run: what is judged, by which specification, and everything that was seen."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from istmo import spec as specs
from istmo.errors import Finding
from istmo.spec import Operation, Profile, Requirement, Spec
from istmo_conformance.cast import Cast
from istmo_conformance.checks import Contract, observe
from istmo_conformance.client import Client, Request
from istmo_conformance.contracts import Contracts
from istmo_conformance.evidence import Evidence
from istmo_conformance.exchanges import Exchange
from istmo_conformance.guard import Guarded
from istmo_conformance.modes import Mode
from istmo_conformance.needs import Scope, charging
from istmo_conformance.patience import Patient
from istmo_conformance.sandbox import Sandbox
from istmo_conformance.signing import Signatory
from istmo_conformance.subject_file import SubjectFile, cast_of, token_source
from istmo_conformance.target import Subject, Target
from istmo_conformance.tokens import TokenSource
from istmo_conformance.transcript import Made, Recorder, Scribe
from istmo_conformance.trying import Tally
from istmo_conformance.verdict import Verdict

JSON: TypeAlias = Any
Progress: TypeAlias = Callable[[str, Verdict, int, int], None]
# Told of each call as soon as it was answered, with the function that takes secrets out of a text.
Heard: TypeAlias = Callable[[Exchange, Callable[[str], str]], None]


@dataclass
class Seen:
    """What passive checks held against one requirement, folded by operation and message."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    scenarios: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass
class Run:
    """The context that every scenario of a run shares."""

    target: Target
    client: Client
    subject: Subject
    spec: Spec
    profile: Profile
    service: specs.ServiceEntry
    requirements: list[Requirement]
    evidence: Evidence
    features: Path
    stage: int
    seed: int = 1
    select: tuple[str, ...] = ()
    shuffle: bool = False
    progress: Progress | None = None
    mode: Mode = Mode.FULL
    settings: SubjectFile | None = None
    beyond: bool = False
    source: TokenSource | None = None  # of tokens; None: what the settings say
    personas: Mapping[str, specs.Persona] | None = None  # None: those of the standard, as the settings know them
    salt: str = ""  # from which the keys are made with which the suite signs messages
    begins: Callable[[str], datetime] | None = None
    pause: Callable[[float], None] = time.sleep
    heard: Heard | None = None
    seen: dict[str, Seen] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)  # by operation, of what was broken on purpose
    exchanges: list[Exchange] = field(default_factory=list)
    calls: int = 0
    total: int = 0
    done: int = 0
    errors: int = 0
    upsets: int = 0  # scenarios that somebody else who uses the sandbox might have disturbed
    executed: int = 0
    interrupted: bool = False
    until: float = math.inf
    unclaimed: bool = False  # whether the scenario in progress lies above the judged stage
    _unobserved: deque[tuple[str, Exchange]] = field(default_factory=deque)  # answers, with their scenarios
    _unwritten: deque[Callable[[], None]] = field(default_factory=deque)  # scenarios that have ended
    contracts: Contracts = field(default_factory=Contracts)
    tidying: bool = False  # whether what a scenario has made is being put away

    def __post_init__(self) -> None:
        """Derive what follows from the rest."""
        codes = {code: problem.status for code, problem in specs.problems().items()}
        self.contract = Contract(self.spec, codes)
        self.recorder = self.client if isinstance(self.client, Recorder) else Recorder(self.client)
        self.recorder.attend(self.work_off)
        self.client = Guarded(Patient(self.recorder, self._limited, self._wait), self.mode)
        self.sandbox = Sandbox(self.client)
        self.signatory = Signatory(self.salt)
        self.zone = ZoneInfo(self.profile.time_zone)
        self.scribe = Scribe(self.evidence.redactor, self.subject.sandbox)
        personas = self.personas or cast_of(self.settings.personas if self.settings is not None else {})
        source = self.source or token_source(
            self.settings, self.spec.slug, personas, self.sandbox, there=self.subject.sandbox
        )
        self.cast = Cast(self.spec.slug, personas, source, self.sandbox.keys)
        self.evidence.redactor.add(self.cast.hidden)
        if self.settings is not None:
            self.evidence.redactor.add(self.settings.personal, personal=True)
        self.scope = Scope(self.spec, charging(self.profile, self.spec.slug))

    def _wait(self, seconds: float) -> None:
        """Wait, unless the run is a replay."""
        self.pause(seconds)

    def _limited(self, request: Request) -> bool:
        """Whether a call goes to an operation whose contract names a limit of its own."""
        path = request.path.partition("?")[0].removeprefix(self.subject.base_path)
        found = self.spec.match(request.method, path or "/")
        return found is not None and found[0].failure_limit is not None

    def begin(self, scenario: str) -> datetime:
        """Set out on a scenario, and say at which moment of the real clock it does."""
        self.exchanges.clear()
        return self.begins(scenario) if self.begins is not None else datetime.now(UTC)

    def default_example(self, operation: Operation) -> str | None:
        """The example that a plain call of an operation sends."""
        if self.spec.cases and operation is self.spec.cases[0].create:
            wanted = self.service.case.get("example")
            if wanted:
                return str(wanted)
        return next(iter(self.spec.request_examples(operation.id)), None)

    def saw(self, scenario: str, exchange: Exchange) -> None:
        """Hold an answer against the passive checks and keep it for the evidence of its scenario."""
        if self.tidying:
            return
        self.calls += 1
        self.exchanges.append(exchange)
        if self.heard is not None:
            self.evidence.redactor.learn(self.cast.secrets)
            self.heard(exchange, self.evidence.redactor.clean)
        if self.unclaimed:  # what nobody claims is tried, and held against nobody
            return
        self._unobserved.append((scenario, exchange))

    def _observe(self, scenario: str, exchange: Exchange) -> None:
        operation = exchange.operation
        if operation is not None and exchange.answer.request.method != operation.method.upper():
            operation = None  # a verb that the operation does not have says nothing about the operation
        for found in observe(self.contract, operation, exchange.answer):
            seen = self.seen.setdefault(found.requirement, Seen())
            key = (found.operation, found.message)
            seen.counts[key] += 1
            seen.scenarios.setdefault(key, scenario)

    def tally(self, operation: str) -> Tally:
        """What was tried at an operation so far."""
        return self.tallies.setdefault(operation, Tally())

    def work_off(self, has_come: Callable[[], bool]) -> None:
        """Do what can wait until the service is at work: look at the last answers, and write a scenario down.

        What takes longer is left for the next time once the answer has come, so that it is not kept waiting.
        """
        self.observe_all()
        if self._unwritten and (len(self._unwritten) > 1 or not has_come()):
            self._write_one()

    def observe_all(self) -> None:
        """Hold all answers that came against the passive checks."""
        while self._unobserved:
            with _ours():
                self._observe(*self._unobserved.popleft())

    def catch_up(self) -> None:
        """Leave nothing undone: what was seen is judged and written down afterwards."""
        self.observe_all()
        while self._unwritten:
            self._write_one()

    def _write_one(self) -> None:
        with _ours():
            self._unwritten.popleft()()

    def write(self, case: dict[str, JSON], *, detailed: bool) -> None:
        """Append the record of a case, with the calls since the last one, to the evidence: soon, and in this order."""
        exchanges, self.exchanges = self.exchanges, []
        made = self.recorder.take()

        def written() -> None:
            self.evidence.write("case", told=self._told(made, exchanges, detailed=detailed), **case)

        self._unwritten.append(written)

    def _told(self, made: list[Made], exchanges: list[Exchange], *, detailed: bool) -> JSON:
        """Calls as evidence keeps them."""
        self.evidence.redactor.learn(self.cast.secrets)
        calls = self.scribe.tell(made, detailed=detailed)
        by_answer = {id(one.answer): one for one in exchanges}
        for call, one in zip(calls, made, strict=False):
            exchange = by_answer.get(id(one.answer))
            if exchange is not None:
                operation = exchange.operation
                call |= {"who": exchange.who, "operation": operation.id if operation is not None else None}
        told: JSON = {"calls": calls}
        return told | {"cut": len(made) - len(calls)} if len(made) > len(calls) else told


@contextmanager
def _ours() -> Iterator[None]:
    """Work that was put off, and ends in the middle of a call that has nothing to do with it: no fault of a service."""
    try:
        yield
    except Finding as error:
        raise RuntimeError(f"work of the suite's own ended with a finding: {error}") from error


def unfolded(finding: BaseException) -> str:
    """The message of a finding, cut to what a report can bear."""
    text = str(finding) if isinstance(finding, Finding) else f"{type(finding).__name__}: {finding}"
    return text[:2000]
