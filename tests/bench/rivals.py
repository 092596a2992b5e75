"""Schemathesis with its defaults beside this suite, on the same services: `python -m tests.bench.rivals [NAME...]`.

Each service is served over HTTP in a process of its own. The rival is the engine of schemathesis as it comes, with one
citizen's token; the suite runs with its scenarios alone, and on a few of them with the property layer. A kill is a
finding that the right service never gives; a false alarm is one that it gives. The right service is looked at three
times, because a side need not agree with itself. Prints tables for `docs/reference/rivals.md`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.wrong_services._gallery import Wrong, gallery

SLUG = "civil_certificates"
RIGHT = "reference"
AGAIN = ("reference once more", "reference a third time")
SIDES = ("schemathesis", "scenarios", "property")
TITLES = {"schemathesis": "Schemathesis, defaults", "scenarios": "scenarios", "property": "scenarios and `--property`"}
# Some of each kind: input, wire, access, keys and conditions, lists, rules of the service.
SAMPLE = (
    "stumbles_over_null_in_list", "case_readable_by_identifier", "texts_read_as_numbers", "body_not_compared",
    "listed_cases_cut", "amounts_rounded", "guests_may_read", "limit_zero_means_all", "true_is_one",
    "condition_not_compared", "stumbles_over_huge_limit", "unknown_parameters_let_pass",
    "submitted_cases_listed_to_all", "days_roll_over", "problem_as_plain_json", "actions_forget_keys", "page_skips_one",
    "status_before_owner",
    "new_case_without_place", "unknown_members_let_pass_inside", "draft_rewritten_by_anybody", "any_text_is_a_key",
    "version_missing_on_refusals", "nan_is_null", "unseen_characters_dropped", "applicant_decides", "replay_unmarked",
    "key_optional_for_actions", "last_parameter_counts", "verbs_not_named",
)  # fmt: skip
# The property layer takes its whole time on each, so it looks at these alone unless others are named.
SEARCHED = ("stumbles_over_huge_limit", "texts_read_as_numbers", "body_not_compared", "status_before_owner")


@dataclass(frozen=True)
class Seen:
    """What one side found on one service, and what it cost."""

    findings: frozenset[str]
    requests: int
    seconds: float


@contextlib.contextmanager
def served(name: str) -> Iterator[str]:
    """Serve a wrong service, or the right one, on a free port; yields its origin."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", f"tests.wrong_services.apps:{name}", "--port", str(port)]
    env = {**os.environ, "ISTMO_BASE_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=env)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            found = re.search(r"http://127\.0\.0\.1:[0-9]+", line)
            if found:
                process.stderr.close()
                yield found[0]
                return
        raise RuntimeError(f"{name} did not start")
    finally:
        process.kill()
        process.wait(timeout=15)


def _sandbox(origin: str, name: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - what the sandbox answers
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{origin}/_sandbox/{name}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")


def schemathesis(origin: str) -> Seen:
    """Run the engine of schemathesis with its defaults and the token of one citizen."""
    import schemathesis as rival
    from schemathesis import engine

    from istmo.spec import Spec, bundle

    spec = Spec(bundle(SLUG), SLUG)
    _sandbox(origin, "reset", {})
    token = _sandbox(origin, "tokens", {"persona": "ana-citizen"})["accessToken"]
    config = rival.Config.from_dict({
        "base-url": origin + spec.base_path, "headers": {"Authorization": f"Bearer {token}"}, "seed": 1,
    })  # fmt: skip
    schema = rival.openapi.from_dict(dict(spec.document), config=config)
    findings: set[str] = set()
    requests = 0
    started = time.perf_counter()
    for event in engine.from_schema(schema).execute():
        recorder = getattr(event, "recorder", None)
        if recorder is None:
            continue
        requests += len(recorder.interactions)
        for case, checks in recorder.checks.items():
            where = recorder.cases[case].value.operation.label
            findings |= {f"{one.name} {where}" for one in checks if one.status.name == "FAILURE"}
    return Seen(frozenset(findings), requests, time.perf_counter() - started)


def suite(origin: str, *options: str) -> Seen:
    """Run `istmo check` as a user does."""
    with tempfile.TemporaryDirectory() as output:
        command = [sys.executable, "-m", "istmo", "check", origin, "--service", SLUG, "--private", *options]
        command += ["--output", output, "--format", "json"]
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False)
        seconds = time.perf_counter() - started
        report = json.loads((Path(output) / "report.json").read_text(encoding="utf-8"))
    failed = frozenset(row["id"] for row in report["requirements"] if row["verdict"] == "fail")
    return Seen(failed, int(report["counts"]["calls"] or 0), seconds)


def look(name: str, side: str) -> Seen:
    """Let one side look at one service, which is served afresh for it."""
    with served(RIGHT if name in AGAIN else name) as origin:
        if side == "schemathesis":
            return schemathesis(origin)
        return suite(
            origin, *(("--property", os.environ.get("SECONDS_OF_PROPERTY", "60")) if side == "property" else ())
        )


Looks = dict[tuple[str, str], Seen]


def alarms(seen: Looks, side: str) -> frozenset[str]:
    """What a side has found on the right service in any of its looks."""
    return frozenset().union(
        *(one.findings for (name, by), one in seen.items() if by == side and name in {RIGHT, *AGAIN})
    )


def new(seen: Looks, name: str, side: str) -> frozenset[str] | None:
    """What a side found on a service and never on the right one; None when it did not look."""
    return seen[name, side].findings - alarms(seen, side) if (name, side) in seen else None


def costs(seen: Looks, names: list[str]) -> Iterator[str]:
    """Yield the rows of the table of kills, alarms and costs, as Markdown."""
    yield "| | " + " | ".join(TITLES[side] for side in SIDES) + " |"
    yield "| --- |" + " --- |" * len(SIDES)
    found = {side: [one for name in names if (one := new(seen, name, side)) is not None] for side in SIDES}
    everywhere = {side: [one for (_, by), one in seen.items() if by == side] for side in SIDES}
    rows = {
        "wrong services found": [f"{sum(map(bool, found[side]))} of {len(found[side])}" for side in SIDES],
        "false alarms on the right service": [str(len(alarms(seen, side))) for side in SIDES],
        "of them not at every look": [str(_unsteady(seen, side)) for side in SIDES],
        "requests to the right service": [str(seen[RIGHT, side].requests) for side in SIDES],
        "seconds on the right service": [f"{seen[RIGHT, side].seconds:.0f}" for side in SIDES],
        "requests to a service, median": [f"{median(one.requests for one in everywhere[side]):.0f}" for side in SIDES],
        "seconds on a service, median": [f"{median(one.seconds for one in everywhere[side]):.0f}" for side in SIDES],
        "requests in all": [str(sum(one.requests for one in everywhere[side])) for side in SIDES],
        "seconds in all": [f"{sum(one.seconds for one in everywhere[side]):.0f}" for side in SIDES],
    }
    for title, cells in rows.items():
        yield f"| {title} | " + " | ".join(cells) + " |"


def _unsteady(seen: Looks, side: str) -> int:
    looks = [one.findings for (name, by), one in seen.items() if by == side and name in {RIGHT, *AGAIN}]
    return len(alarms(seen, side) - frozenset.intersection(*looks))


def finds(seen: Looks, names: list[str], register: dict[str, Wrong]) -> Iterator[str]:
    """Yield the rows of the table of finds, as Markdown: by which checks, and by which requirements."""
    yield "| wrong service | what it breaks | " + " | ".join(TITLES[side] for side in SIDES) + " |"
    yield "| --- | --- |" + " --- |" * len(SIDES)
    for name in names:
        cells = [_told(new(seen, name, side), side, register[name].breaks) for side in SIDES]
        yield f"| `{name}` | `{register[name].breaks}` | " + " | ".join(cells) + " |"


def _told(findings: frozenset[str] | None, side: str, breaks: str) -> str:
    """By what a side found a service: the rival by its checks, ours by the requirement that is broken or by others."""
    if findings is None:
        return ""
    if not findings:
        return "-"
    if side != "schemathesis":
        return "by that" if breaks in findings else "by " + ", ".join(f"`{one}`" for one in sorted(findings))
    checks = Counter(one.partition(" ")[0] for one in findings)
    return ", ".join(f"`{check}`" + (f" ×{count}" if count > 1 else "") for check, count in sorted(checks.items()))


def main(names: list[str]) -> int:
    """Look at the right service and at the named wrong ones, or the whole sample, and print the tables."""
    chosen, register = names or list(SAMPLE), gallery()
    unknown = [name for name in chosen if name not in register]
    if unknown:
        print(f"no such wrong service: {', '.join(unknown)}")
        return 2
    seen: Looks = {}
    for name in (RIGHT, *AGAIN, *chosen):
        for side in SIDES:
            if side == "property" and name not in {RIGHT, *(names or SEARCHED)}:
                continue
            seen[name, side] = found = look(name, side)
            told = (
                ", ".join(sorted(found.findings if name in {RIGHT, *AGAIN} else new(seen, name, side) or ()))
                or "nothing"
            )
            print(
                f"{name} {side}: {found.requests} requests, {found.seconds:.1f} s, {told}", file=sys.stderr, flush=True
            )
    print("\n".join([*costs(seen, chosen), "", *finds(seen, chosen, register)]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
