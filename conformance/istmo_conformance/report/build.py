"""From the lines of evidence to the report: a pure function, so that anybody can add the lines up again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from istmo_conformance.transcript import read_by_people
from istmo_conformance.verdict import (
    EXIT_CODES,
    Demand,
    Judgement,
    Outcome,
    Overall,
    Verdict,
    counted,
    judge,
    observed_stage,
    overall,
)

JSON: TypeAlias = Any
FORMAT = "istmo-report/1"


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
    observations = finish["observations"] if finish is not None else []
    demands = [demand_of(entry) for entry in header["requirements"]]
    judgements = [_judgement(demand, cases, observations, header["stage"]) for demand in demands]
    words = [Verdict(case["verdict"]) for case in cases]
    executed = sum(word in {Verdict.PASS, Verdict.FAIL, Verdict.WARN} for word in words)
    verdict = (
        Overall.INTERRUPTED
        if finish is None or finish.get("interrupted")
        else overall(judgements, executed=executed, claimed=header["stage"], errors=words.count(Verdict.ERROR))
    )
    texts = {entry["id"]: entry for entry in header["requirements"]}
    return Report({
        "format": FORMAT,
        **{name: header[name] for name in
           ("kit", "spec", "profile", "target", "language", "seed", "selection", "started")},
        "digests": {name: value for name, value in header.get("digests", {}).items() if value is not None},
        "finished": finish["at"] if finish is not None else None,
        "complete": finish is not None and not finish.get("interrupted") and not header["selection"],
        "stage": {"judged": header["stage"], "claimed": header["claimedStage"],
                  "observed": observed_stage(judgements) if finish is not None else 0},
        "verdict": verdict.value,
        "exitCode": EXIT_CODES[verdict],
        "counts": {"scenarios": counted(words),
                   "requirements": counted(found.verdict for found in judgements),
                   "calls": finish["calls"] if finish is not None else None},
        "requirements": [_told(found, texts[found.demand.id], observations) for found in judgements],
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


def _told(found: Judgement, entry: JSON, observations: Iterable[JSON]) -> JSON:
    """One requirement as the report lists it."""
    return {
        **{name: entry[name] for name in ("id", "sheet", "level", "stage", "observable", "text")},
        "source": entry.get("source", ""),
        "verdict": found.verdict.value,
        "reason": found.reason,
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
