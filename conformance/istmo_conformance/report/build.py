"""From the lines of evidence to the report: a pure function, so that anybody can add the lines up again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from istmo_conformance import stages, waivers
from istmo_conformance.report.causes import causes_of
from istmo_conformance.report.reach import reach_of
from istmo_conformance.transcript import read_by_people
from istmo_conformance.verdict import (
    EXIT_CODES,
    OF_REQUIREMENTS,
    OF_SCENARIOS,
    Demand,
    Judgement,
    Outcome,
    Overall,
    Verdict,
    counted,
    judge,
    overall,
)

JSON: TypeAlias = Any
FORMAT = "istmo-report/2"


@dataclass(frozen=True)
class Report:
    """A finished run, as the report document tells it."""

    document: JSON
    path: Path | None = None

    @property
    def verdict(self) -> Overall:
        """The verdict on the service."""
        return Overall(self.document["verdict"])

    @property
    def exit_code(self) -> int:
        """The exit code of a command that ends with this report."""
        return EXIT_CODES[self.verdict]


def build(records: Sequence[JSON]) -> Report:
    """The report of a run from its records; without a finish record it is interrupted."""
    if not records or records[0].get("record") != "header":
        raise ValueError("the evidence does not begin with its header")
    header = records[0]
    cases = [record for record in records if record["record"] == "case"]
    finish = records[-1] if records[-1]["record"] == "finish" else None
    finished = finish is not None and not finish.get("interrupted")
    observations = finish["observations"] if finish is not None else []
    found = [_judgement(demand_of(entry), cases, observations, header["stage"]) for entry in header["requirements"]]
    given = [waivers.Waiver.of(told) for told in header.get("waivers", ())]
    judgements, rulings = waivers.ruled(found, given, waivers.day_of(header["started"]))
    words = [Verdict(case["verdict"]) for case in cases]
    executed = sum(word in {Verdict.PASS, Verdict.FAIL, Verdict.WARN} for word in words)
    verdict = overall(
        judgements, chosen=len(cases), executed=executed, claimed=header["stage"], errors=words.count(Verdict.ERROR),
        refused_waivers=sum(one.refused for one in rulings), finished=finished,
    )  # fmt: skip
    failing = [case for case in cases if case["verdict"] == Verdict.FAIL]
    return Report({
        "format": FORMAT,
        **{name: header[name] for name in
           ("kit", "spec", "profile", "target", "language", "seed", "selection", "started")},
        "mode": header.get("mode", "full"),
        "subject": header.get("subject", {}),
        "digests": {name: value for name, value in header.get("digests", {}).items() if value is not None},
        "finished": finish["at"] if finish is not None else None,
        "complete": finished and not header["selection"],
        "stage": stages.compared(judgements, judged=header["stage"], claimed=header["claimedStage"],
                                 finished=finish is not None),
        "verdict": verdict.value,
        "exitCode": EXIT_CODES[verdict],
        "counts": {"scenarios": counted(words, OF_SCENARIOS),
                   "requirements": counted((one.verdict for one in judgements), OF_REQUIREMENTS),
                   "calls": finish["calls"] if finish is not None else None},
        "waivers": [one.told for one in rulings],
        "causes": causes_of(cases, judgements, observations, failing),
        "leftBehind": [{"scenario": case["id"], **one} for case in cases for one in case.get("leftBehind", ())],
        **({"reach": reach_of(header, cases, finish)} if "operations" in header else {}),
        "requirements": _rows(judgements, header, observations),
        "scenarios": [_scenario(case) for case in cases],
    })  # fmt: skip


LAST_CALLS = 200
_INNER = frozenset({"record", "previous", "calls", "cut", "micros", "began"})


def _scenario(case: JSON) -> JSON:
    """One scenario as the report lists it: its calls without what only a replay needs."""
    told = {name: value for name, value in case.items() if name not in _INNER}
    if "calls" in case:
        shown = [read_by_people(call) for call in case["calls"] if "who" in call]
        told |= {"seconds": round(case["micros"] / 1e6, 4), "exchanges": shown[-LAST_CALLS:]}
    return told


def demand_of(entry: JSON) -> Demand:
    """What adding up needs to know of a requirement."""
    return Demand(
        id=entry["id"],
        level=entry["level"],
        stage=int(entry["stage"]),
        remote=entry["observable"] == "remote",
        checkable=entry["checked"] == "scenario",
    )


def _judgement(demand: Demand, cases: Sequence[JSON], observations: Sequence[JSON], stage: int) -> Judgement:
    outcomes = [
        Outcome(case["id"], Verdict(case["verdict"]), case["reason"])
        for case in cases
        if demand.id in case["requirements"]
    ]
    observed = sum(one["count"] for one in observations if one["requirement"] == demand.id)
    return judge(demand, outcomes, observed, stage)


def _rows(judgements: Sequence[Judgement], header: JSON, observations: Sequence[JSON]) -> list[JSON]:
    """The requirements as the report lists them."""
    texts = {entry["id"]: entry for entry in header["requirements"]}
    return [_told(found, texts[found.demand.id], observations) for found in judgements]


def _told(found: Judgement, entry: JSON, observations: Iterable[JSON]) -> JSON:
    """One requirement as the report lists it."""
    return {
        **{name: entry[name] for name in ("id", "sheet", "level", "stage", "observable", "text")},
        "needs": entry.get("needs"),
        "source": entry.get("source", ""),
        "verdict": found.verdict.value,
        "reason": found.reason,
        "seen": found.seen.value if found.seen is not None else None,
        "scenarios": found.scenarios,
        "observations": [
            {key: value for key, value in one.items() if key != "requirement"}
            for one in observations
            if one["requirement"] == found.demand.id
        ],
    }


def write(records: Sequence[JSON], report_path: Path) -> Report:
    """Build the report of some records and write it."""
    report = build(records)
    report_path.write_text(json.dumps(report.document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Report(report.document, report_path)
