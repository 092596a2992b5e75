"""Schemathesis with its defaults beside this suite, on the same services: `python -m tests.bench.rivals [NAME...]`.

Each service is served over HTTP in a process of its own. The rival is the engine of schemathesis as it comes, with one
citizen's token; the suite runs with its scenarios alone, and with the property layer. A kill is a finding that the
right service does not give; a false alarm is one that it gives. Prints a table for `docs/reference/rivals.md`.
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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SLUG = "civil_certificates"
RIGHT = "reference"
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
    with served(name) as origin:
        if side == "schemathesis":
            return schemathesis(origin)
        return suite(
            origin, *(("--property", os.environ.get("SECONDS_OF_PROPERTY", "60")) if side == "property" else ())
        )


def table(seen: dict[tuple[str, str], Seen], names: list[str]) -> Iterator[str]:
    """Yield the rows of both tables, as Markdown."""
    yield "| | " + " | ".join(TITLES[side] for side in SIDES) + " |"
    yield "| --- |" + " --- |" * len(SIDES)
    killed = {
        side: [name for name in names if seen[name, side].findings - seen[RIGHT, side].findings] for side in SIDES
    }
    rows: dict[str, list[str]] = {
        f"wrong services found, of {len(names)}": [str(len(killed[side])) for side in SIDES],
        "false alarms on the right service": [str(len(seen[RIGHT, side].findings)) for side in SIDES],
        "requests to the right service": [str(seen[RIGHT, side].requests) for side in SIDES],
        "seconds on the right service": [f"{seen[RIGHT, side].seconds:.0f}" for side in SIDES],
    }
    for title, cells in rows.items():
        yield f"| {title} | " + " | ".join(cells) + " |"
    yield ""
    yield "| wrong service | " + " | ".join(TITLES[side] for side in SIDES) + " |"
    yield "| --- |" + " --- |" * len(SIDES)
    for name in names:
        yield f"| `{name}` | " + " | ".join("found" if name in killed[side] else "-" for side in SIDES) + " |"


def main(names: list[str]) -> int:
    """Look at the right service and at the named wrong ones, or the whole sample, and print the tables."""
    chosen = names or list(SAMPLE)
    seen: dict[tuple[str, str], Seen] = {}
    for name in (RIGHT, *chosen):
        for side in SIDES:
            seen[name, side] = found = look(name, side)
            new = len(found.findings - seen[RIGHT, side].findings)
            told = ", ".join(sorted(found.findings)) if name == RIGHT else f"{new} new findings"
            print(
                f"{name} {side}: {found.requests} requests, {found.seconds:.1f} s, {told}", file=sys.stderr, flush=True
            )
    print("\n".join(table(seen, chosen)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
