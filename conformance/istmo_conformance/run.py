"""One run: what is judged, by which specification, and everything that was seen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from istmo import spec as specs
from istmo.errors import Finding
from istmo.spec import Operation, Profile, Requirement, Spec
from istmo_conformance.cast import Cast
from istmo_conformance.checks import Contract, observe
from istmo_conformance.client import Client
from istmo_conformance.evidence import Evidence
from istmo_conformance.sandbox import Sandbox
from istmo_conformance.signing import Signatory
from istmo_conformance.target import Subject, Target
from istmo_conformance.verdict import Verdict
from istmo_conformance.world import Exchange

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
    progress: Progress | None = None
    heard: Heard | None = None
    seen: dict[str, Seen] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    calls: int = 0
    total: int = 0
    done: int = 0
    errors: int = 0
    executed: int = 0
    interrupted: bool = False
    until: float = math.inf

    def __post_init__(self) -> None:
        """Derive what follows from the rest."""
        codes = {code: problem.status for code, problem in specs.problems().items()}
        self.contract = Contract(self.spec, codes)
        self.sandbox = Sandbox(self.client)
        self.signatory = Signatory()
        self.zone = ZoneInfo(self.profile.time_zone)
        self.cast = Cast(self.spec.slug, specs.personas(), self.sandbox.token, self.sandbox.keys)

    def default_example(self, operation: Operation) -> str | None:
        """The example that a plain call of an operation sends."""
        if self.spec.cases and operation is self.spec.cases[0].create:
            wanted = self.service.case.get("example")
            if wanted:
                return str(wanted)
        return next(iter(self.spec.request_examples(operation.id)), None)

    def saw(self, scenario: str, exchange: Exchange) -> None:
        """Hold an answer against the passive checks and keep it for the evidence of its scenario."""
        self.calls += 1
        self.exchanges.append(exchange)
        if self.heard is not None:
            self.heard(exchange, self.evidence.redactor.clean)
        operation = exchange.operation
        if operation is not None and exchange.answer.request.method != operation.method.upper():
            operation = None  # a verb that the operation does not have says nothing about the operation
        for found in observe(self.contract, operation, exchange.answer):
            seen = self.seen.setdefault(found.requirement, Seen())
            key = (found.operation, found.message)
            seen.counts[key] += 1
            seen.scenarios.setdefault(key, scenario)

    def told(self, *, detailed: bool) -> list[JSON]:
        """The exchanges since the last scenario, as evidence keeps them, and forgets them here."""
        exchanges, self.exchanges = self.exchanges, []
        self.evidence.redactor.add(self.cast.secrets)
        return [self._tell(exchange, detailed) for exchange in exchanges[-200:]]

    def _tell(self, exchange: Exchange, detailed: bool) -> JSON:  # noqa: FBT001  # private
        answer = exchange.answer
        told: JSON = {
            "who": exchange.who,
            "operation": exchange.operation.id if exchange.operation else None,
            "method": answer.request.method,
            "status": answer.status,
            "seconds": round(answer.seconds, 4),
        }
        if detailed:
            redactor = self.evidence.redactor
            told |= {
                "path": redactor.clean(answer.request.path)[:500],
                "requestHeaders": redactor.headers(answer.request.headers),
                "requestBody": redactor.body(answer.request.body),
                "headers": redactor.headers(answer.fields[:60]),
                "body": redactor.body(answer.body) if _textual(answer.media_type) else f"{len(answer.body)} bytes",
            }
        return told


def _textual(media: str) -> bool:
    return media.startswith("text/") or media.endswith(("json", "xml", "yaml")) or not media


def unfolded(finding: BaseException) -> str:
    """The message of a finding, cut to what a report can bear."""
    text = str(finding) if isinstance(finding, Finding) else f"{type(finding).__name__}: {finding}"
    return text[:2000]
