"""The search of one operation: what is called, and the smallest call that breaks each requirement."""

from __future__ import annotations

import time
from collections import Counter as Counts
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from istmo.errors import Finding, Undecided
from istmo.spec import Operation
from istmo_conformance.property.budget import Budget
from istmo_conformance.property.engine import Counter, Drawn, Engine
from istmo_conformance.property.laws import LAWS, Trial, Violation, broken
from istmo_conformance.property.repeating import AFTER, BEFORE, tag
from istmo_conformance.property.staging import STRANGER, Stage
from istmo_conformance.run import Run

JSON: TypeAlias = Any
MOST_FOUND = 4  # requirements for which one operation is searched again


class TimeUp(Exception):
    """The clock of the layer has run out."""


@dataclass
class Search:
    """The calls to one operation, and the smallest that breaks each requirement."""

    run: Run
    operation: Operation
    budget: Budget
    until: float
    known: frozenset[str]
    smallest: dict[str, Violation] = field(default_factory=dict)
    judged: dict[JSON, list[Violation]] = field(default_factory=dict)
    answers: Counts[int] = field(default_factory=Counts)
    cases: int = 0
    _classes: dict[str, type[Counter]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Set the stage."""
        self.stage = Stage(self.run, self.operation)

    def go(self, engine: Engine) -> None:
        """Make the listed calls, then search at random as long as something new turns up."""
        for drawn in engine.listed(self.operation.id, self.budget.listed):
            for one in self.judge(drawn):
                self._take(one)
        for _ in range(MOST_FOUND):
            before = len(self.smallest)
            self._search(engine)
            if len(self.smallest) == before:
                return

    def _search(self, engine: Engine) -> None:
        """One search for something that is not known yet, with its counter-example made small."""
        already = set(self.smallest)
        goal: list[str] = []
        halted: list[Exception] = []
        spent = 0

        def judge(drawn: Drawn) -> type[Exception] | None:
            nonlocal spent
            fresh = drawn.essence not in self.judged
            spent += bool(goal) and fresh
            if fresh and (halted or spent > self.budget.shrinking):
                return None  # an unknown one counts as right: the smallest known one stands
            try:
                new = [one for one in self.judge(drawn) if one.requirement not in already]
            except (TimeUp, Undecided, Finding) as error:
                halted.append(error)  # raised in here it would be taken for a counter-example
                return None
            wanted = [one for one in new if not goal or one.requirement == goal[0]]
            if not wanted:
                return None
            goal[:] = goal or [wanted[0].requirement]
            self.smallest[goal[0]] = wanted[0]
            return self._classes.setdefault(goal[0], type("Counter", (Counter,), {}))

        engine.search(self.operation.id, self.budget.searched, judge)
        if halted:
            raise halted[0]

    def _take(self, one: Violation) -> None:
        best = self.smallest.get(one.requirement)
        if best is None or one.size < best.size:
            self.smallest[one.requirement] = one

    def judge(self, drawn: Drawn) -> list[Violation]:
        """What the laws hold against a generated call; the same call is made once."""
        if drawn.essence not in self.judged:
            if time.monotonic() > self.until:
                raise TimeUp
            self.judged[drawn.essence] = [one for one in self._try(drawn) if one.requirement in self.known]
        return self.judged[drawn.essence]

    def _try(self, drawn: Drawn) -> list[Violation]:
        stage, spec = self.stage, self.run.spec
        stage.set()
        drawn = stage.healed(drawn)
        self.cases += 1
        request = stage.request(drawn)
        path = request.path.removeprefix(self.run.subject.base_path).partition("?")[0]
        met = spec.match(request.method, path or "/")
        operation = met[0] if met is not None and met[0].id == self.operation.id else None
        who = STRANGER if drawn.aim == "other" else stage.who
        trial = Trial(stage, drawn, operation, who)
        if drawn.aim == "own" and not trial.breaches and (drawn.searched or not drawn.negative):
            for law in BEFORE:
                law(trial, request)
            stage.set()
            request = stage.request(drawn) if stage.resource is not None else request
        trial.before = tag(trial)
        trial.exchange = trial.send(request, who, met[0] if met is not None else None)
        if trial.exchange is None:
            stage.dirty = True
            return trial.found
        self.answers[trial.answer.status] += 1
        if trial.served and request.method != "GET" and "{id}" in self.operation.path:
            stage.dirty = True
        return list(broken(trial, (*LAWS, *AFTER)))
