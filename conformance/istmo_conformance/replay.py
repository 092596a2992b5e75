"""Runs the suite again over the answers of a transcript, without any service, and compares what comes out.

The suite makes the same requests again, because all of its choices follow from the seed; each is held against the
digest of the one that was made. A verdict that comes out again follows from the answers alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from istmo import spec as specs
from istmo.errors import KitError
from istmo_conformance import additions, evidence, runner, transcript, words
from istmo_conformance.cast import label_of
from istmo_conformance.client import Answer, Request
from istmo_conformance.modes import Mode
from istmo_conformance.redaction import Redactor, named_secrets
from istmo_conformance.run import Run
from istmo_conformance.subject_file import PersonaSettings, cast_of
from istmo_conformance.target import Subject, Target
from istmo_conformance.tokens import asked_text, plain
from istmo_conformance.transcript import Reader, Recorder, fingerprint

JSON: TypeAlias = Any
# What no replay can give again: the pace, the day, and the answers, which are the premise.
_FREE = frozenset({"previous", "micros", "at", "calls"})
_PREMISE = frozenset({"micros", "body", "same", "raw", "digest", "size", "partial", "token", "headers", "status"})


PROVING = frozenset({"pass", "warn"})


class Differs(KitError):
    """The suite asked something else than the transcript says."""


class StandIns:
    """The source of tokens of a replay, where the first run had them from outside: tokens without power."""

    kind, by_clock = "replay", False

    def __init__(self, *, mints: bool) -> None:
        self.mints = mints
        self.secrets: set[str] = set()

    def issue(self, alias: str, asked: Mapping[str, JSON]) -> str:
        """What stands in the place of the token."""
        if not self.mints:
            plain(alias, asked)
        return transcript.stand_in(label_of((alias, asked_text(asked))), _facts(asked))

    def lacking(self, alias: str) -> str:
        """Nothing: whatever was missing shows in the answers."""
        del alias
        return ""

    def forget(self, alias: str) -> None:
        """Nothing is kept here."""


def _facts(asked: Mapping[str, JSON]) -> JSON:
    """What a token shows from which this was asked, as far as the suite looks at it."""
    claims = {"iss": asked.get("issuer", "istmo"), "aud": asked.get("audience", "istmo"), **asked.get("claims", {})}
    unsaid = {"sub", "exp", "iat", "client_id", "azp", "jti"} - claims.keys()
    claims = {name: value for name, value in claims.items() if value is not None}
    return {
        "header": {"alg": "Ed25519", "kid": "stand-in", "typ": asked.get("type", "at+jwt")},
        "claims": claims,
        "names": sorted(unsaid),
    }


@dataclass
class Replay:
    """What a second run over the same answers gave."""

    same: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    differing: dict[str, str] = field(default_factory=dict)


class ReplayClient:
    """A client that answers from a transcript, scenario by scenario and in order."""

    def __init__(self, cases: Sequence[JSON], origin: str, redactor: Redactor) -> None:
        self.origin = origin
        self.redactor = redactor
        self.run: Run | None = None
        self._cases = {case["id"]: case for case in cases}
        self._reader = Reader(call for case in cases for call in case.get("calls", ()))
        self._left: list[JSON] = []
        self._extra = 0
        self._tokens = {call["request"]: call for case in cases for call in case.get("calls", ())
                        if call["path"] == transcript.TOKENS and "body" in call}  # fmt: skip

    def begin(self, scenario: str) -> datetime:
        """Turn to a scenario and say when it was played first."""
        case = self._cases.get(scenario, {})
        self._left = list(case.get("calls", ()))[::-1]
        return datetime.fromisoformat(case["began"]) if case.get("began") else datetime.now(UTC)

    def send(self, request: Request) -> Answer:
        """Answer what was answered to this very request."""
        if self.run is not None:
            self.redactor.learn(self.run.cast.secrets)
        asked, label = fingerprint(request, self.redactor), ""
        if self._left and self._left[-1]["request"] == asked:
            call = self._left.pop()
        elif request.path == transcript.TOKENS and asked in self._tokens:
            # A scenario that ends early here leaves it to this one to ask; the cast gives the token its own label.
            call, self._extra = self._tokens[asked], self._extra + 1
            label = f"token-{self._extra:x}"
        else:
            what = f"{request.method} {request.path[:120]}"
            raise Differs("replay", f"the suite asks {what}, which does not stand here in the transcript")
        answer = self._reader.answer(call, request, label)
        for text in (call.get("body"), *(value for _, value in call["headers"])):
            self.redactor.hide(text or "")  # to count its placeholders
        return answer

    def send_many(self, requests: Sequence[Request]) -> list[Answer]:
        """Answer in the order given; nothing is at the same time here."""
        return [self.send(request) for request in requests]

    def close(self) -> None:
        """Nothing is open."""


def replay(records: Sequence[JSON], features: Path | None = None) -> Replay:
    """Judge the answers of a transcript again."""
    header, cases = records[0], [one for one in records if one["record"] == "case"]
    words.speak(header["language"])
    with tempfile.TemporaryDirectory(prefix="istmo-replay-") as folder:
        again = _again(header, cases, Path(folder), features)
    return _compared(records, again)


def _again(header: JSON, cases: Sequence[JSON], folder: Path, features: Path | None) -> list[JSON]:
    """The records of a run over the answers."""
    spec = additions.joined(specs.spec(header["spec"]["service"]), header.get("additions"))
    connected = header["connected"]
    subject = Subject(**{**connected, "languages": tuple(connected["languages"])})
    target = header["target"]
    told = header.get("subject", {})
    inner = ReplayClient(
        cases, header["origin"], Redactor(innocent=named_secrets(spec.document), count=header.get("redacted", 0))
    )
    sink = evidence.Evidence(folder / "evidence.jsonl", inner.redactor)
    try:
        context = runner.context_of(
            Target(target["kind"], target["address"], spec.slug, target["country"]),
            subject, spec, Recorder(inner), sink, mode=Mode(header.get("mode", Mode.FULL)), salt=header["salt"],
            source=StandIns(mints=told.get("mints", False)) if outside(header) else None,
            values=told.get("values"), personas=_personas(told),
        )  # fmt: skip
        context.beyond, context.pause = header.get("beyond", False), lambda _: None
        inner.run, context.begins = context, inner.begin
        context.stage, context.seed, context.select = header["stage"], header["seed"], tuple(header["selection"])
        context.shuffle, context.features = header["order"] == "shuffled", features or context.features
        runner.judge(context)
        sink.write("finish", **runner.finish(context))
    finally:
        sink.close()
    return evidence.read(sink.path)


def outside(header: JSON) -> bool:
    """Whether the tokens of a run came from elsewhere than the sandbox of the service."""
    return bool(header.get("subject", {}).get("tokens", "sandbox") != "sandbox")


def _personas(told: JSON) -> dict[str, specs.Persona]:
    """The personas as a country knows them, without their names."""
    named = told.get("named", {})
    return cast_of({alias: PersonaSettings.withheld(named.get(alias, ())) for alias in told.get("personas", ())})


def _compared(first: Sequence[JSON], second: Sequence[JSON]) -> Replay:
    """Scenario by scenario, whether the second run came to the same."""
    found = Replay()
    again = {one["id"]: one for one in second if one["record"] == "case"}
    plans = [next((one["cases"] for one in run if one["record"] == "plan"), None) for run in (first, second)]
    for name in sorted(set(plans[1] or ()) ^ set(plans[0] or ())):
        found.differing[name] = "only one of the two plans has it"
    cases = [one for one in first if one["record"] == "case"]
    # What was held against a service, or left open, may rest on a name or a token that evidence does not hold.
    withheld = outside(first[0]) or bool(first[0].get("subject", {}).get("named"))
    for case in cases:
        if case["feature"] == transcript.FEATURE:
            continue
        difference = _difference(case, again.get(case["id"]))
        if not difference:
            found.same.append(case["id"])
        elif _partial(case) or (withheld and case["verdict"] not in PROVING):
            found.partial.append(case["id"])
        else:
            found.differing.setdefault(case["id"], difference)
    if not found.differing and _lacks(first, second, found):
        found.differing["observations"] = "what was seen on the side is another"
    # Generated calls are not made again; their verdicts only add up.
    found.partial += [case["id"] for case in cases if case["feature"] == transcript.FEATURE]
    return found


def _partial(case: JSON) -> bool:
    """Whether an answer of a scenario was not kept whole, so that a second run may see something else."""
    return bool(case.get("cut")) or any("partial" in call or "error" in call for call in case["calls"])


def _lacks(first: Sequence[JSON], second: Sequence[JSON], found: Replay) -> bool:
    """Whether a run does not say what was seen on the side, as far as a second one can tell.

    Where answers were not kept whole, the second one may see more there and less; what it sees first in a scenario
    that came out again has to have been seen.
    """
    said, again = _aside(first), _aside(second)
    if not found.partial:
        return bool(said != again)
    certain = {_seen(one) for one in again or () if one["scenario"] in found.same}
    return not certain <= {_seen(one) for one in said or ()}


def _seen(one: JSON) -> tuple[str, str, str]:
    return str(one["requirement"]), str(one["operation"]), str(one["message"])


def _aside(records: Sequence[JSON]) -> JSON:
    return records[-1]["observations"] if records[-1]["record"] == "finish" else None


def _difference(case: JSON, again: JSON) -> str:
    """The first thing in which a scenario differs from its replay, or nothing."""
    if again is None:
        return "the suite does not run it"
    if case["verdict"] != again["verdict"] and again["verdict"] == "error":
        return str(again["reason"])
    for name in sorted((case.keys() | again.keys()) - _FREE):
        if case.get(name) != again.get(name):
            return f"{name}: {_short(case.get(name))} was written, {_short(again.get(name))} comes out"
    # Who asks for a token first depends on the scenarios before; every other call is this scenario's own.
    calls = [[call for call in one["calls"] if call["path"] != transcript.TOKENS] for one in (case, again)]
    for number, pair in enumerate(zip(*calls, strict=False), 1):
        one, other = ({name: value for name, value in call.items() if name not in _PREMISE} for call in pair)
        if one != other:
            names = ", ".join(sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name)))
            return f"call {number} differs in {names}"
    if len(calls[0]) != len(calls[1]):
        return f"{len(calls[0])} calls were written, {len(calls[1])} are made"
    return ""


def _short(value: JSON) -> str:
    text = str(value)
    return text if len(text) <= 160 else text[:159] + "…"  # noqa: PLR2004  # a line of a terminal or two
