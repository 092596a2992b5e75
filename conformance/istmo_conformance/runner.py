"""Runs the suite against a target and returns the report."""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from istmo import paths
from istmo import spec as specs
from istmo.errors import KitError
from istmo_conformance import evidence, report, words
from istmo_conformance.run import Progress, Run
from istmo_conformance.target import Subject, Target, connect

if TYPE_CHECKING:
    from istmo_conformance.property import Budget

JSON: TypeAlias = Any
HERE = Path(__file__).parent
SUITE_MODULE = "test_features"
LONGEST = 1800.0  # seconds that a run may last


def run(
    target: Target,
    output: Path,
    *,
    stage: int | None = None,
    select: Sequence[str] = (),
    language: str = "en",
    seed: int = 1,
    progress: Progress | None = None,
    features: Path | None = None,
    longest: float = LONGEST,
    searching: Budget | None = None,
) -> report.Report:
    """Judge a target within `longest` seconds; evidence and report arise in the output folder while it goes on."""
    words.speak(language)
    spec = specs.spec(target.service)
    client = target.open()
    try:
        subject = connect(client, target.service, spec.version)
        redactor = evidence.Redactor()
        sink = evidence.Evidence(output / "evidence.jsonl", redactor)
        try:
            context = _context(target, subject, spec, client, sink)
            context.stage = stage or subject.claimed_stage
            context.select, context.seed, context.progress = tuple(select), seed, progress
            context.features = features or context.features
            context.until = time.monotonic() + longest
            sink.write("header", **_header(context, language))
            _judge(context)
            _search(context, searching)
            sink.write("finish", **_finish(context))
        finally:
            sink.close()
    finally:
        client.close()
    return report.write(sink.path, output / "report.json")


def _context(
    target: Target,
    subject: Subject,
    spec: specs.Spec,
    client: Any,
    sink: evidence.Evidence,
) -> Run:
    service = next(entry for entry in specs.catalogue() if entry.slug == target.service)
    return Run(
        target=target,
        client=client,
        subject=subject,
        spec=spec,
        profile=specs.profile(subject.country or target.country),
        service=service,
        requirements=[*specs.requirements("common"), *specs.requirements(target.service)],
        evidence=sink,
        features=paths.data("conformance") / "features",
        stage=subject.claimed_stage,
    )


def _search(context: Run, budget: Budget | None) -> None:
    """Run the property layer when it was asked for; nothing of it is loaded otherwise."""
    if budget is None or context.interrupted:
        return
    from istmo_conformance import property as layer

    layer.run(context, budget)


def _judge(context: Run) -> None:
    """Run pytest in this process, deaf to everything that lies around it."""
    import pytest

    from istmo_conformance import plugin

    said = io.StringIO()
    plugin.begin(context)
    _forget_suite()
    arguments = [
        "--rootdir", str(HERE / "suite"), "-c", str(HERE / "suite" / "pytest.ini"), "--import-mode=importlib",
        "--disable-plugin-autoload", "-p", "pytest_bdd.plugin", "-p", "istmo_conformance.plugin",
        "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:logging", "-p", "no:junitxml",
        "-p", "no:unraisableexception", "-p", "no:threadexception",  # an application here may have its own
        "--capture=no", "--noconftest", "--assert=plain", str(HERE / "suite" / f"{SUITE_MODULE}.py"),
    ]  # fmt: skip
    try:
        with _deaf(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = pytest.main(arguments, plugins=[_Faults(context)])
    finally:
        plugin.end()
        _forget_suite()
    if code == pytest.ExitCode.INTERRUPTED and not context.interrupted and not faults_of(context):
        # Somebody pressed Ctrl-C: what was seen until now is told as what it is.
        context.interrupted = True
    raise_fault(context)
    if code in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}:
        last = said.getvalue().strip().splitlines()
        raise KitError("suite-broken", f"the suite could not run: {last[-1][:300] if last else code}", "report it")


class _Faults:
    """Catches what goes wrong before the first scenario, where pytest would only print it."""

    def __init__(self, context: Run) -> None:
        self._context = context

    def pytest_collectreport(self, report: Any) -> None:
        """A module that cannot be collected is a fault of the kit."""
        if report.failed:
            _FAULTS.setdefault(id(self._context), []).append(
                KitError("suite-broken", str(report.longrepr).strip().splitlines()[-1][:500], "report it")
            )

    def pytest_internalerror(self, excinfo: Any) -> bool:
        """What our own hooks raise is kept as it is."""
        error = excinfo.value
        kept = error if isinstance(error, KitError) else KitError("suite-broken", repr(error)[:500], "report it")
        _FAULTS.setdefault(id(self._context), []).append(kept)
        return True


_FAULTS: dict[int, list[KitError]] = {}


def faults_of(context: Run) -> list[KitError]:
    """What went wrong in the kit itself."""
    return _FAULTS.get(id(context), [])


def raise_fault(context: Run) -> None:
    """Raise the first fault of the kit, if there is one."""
    faults = _FAULTS.pop(id(context), [])
    if faults:
        raise faults[0]


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Hide the variables by which a pytest of the user's would be steered."""
    hidden = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _forget_suite() -> None:
    """Drop the bound scenarios of an earlier run: the next service has others."""
    for name in [name for name in sys.modules if name.rpartition(".")[2] == SUITE_MODULE]:
        del sys.modules[name]


def _header(context: Run, language: str) -> JSON:
    subject, target = context.subject, context.target
    return {
        "kit": {"name": "istmo", "version": importlib.metadata.version("istmo")},
        "spec": {"service": context.spec.slug, "version": context.spec.version,
                 "digest": digest(context.spec.document)},
        "profile": {"country": subject.country},
        "target": {"kind": target.kind, "address": target.address, "country": subject.country,
                   "operator": subject.operator, "environment": subject.environment,
                   "specVersion": subject.spec_version},
        "language": language,
        "seed": context.seed,
        "selection": list(context.select),
        "stage": context.stage,
        "claimedStage": subject.claimed_stage,
        "started": evidence.now(),
        "requirements": [requirement_entry(one) for one in context.requirements if not one.retired],
    }  # fmt: skip


def requirement_entry(one: specs.Requirement) -> JSON:
    """A requirement as the header carries it, so that the evidence can be added up without the kit."""
    checked = "scenario" if one.observed_by_scenario else "reason"
    return {
        "id": one.id, "sheet": one.sheet, "level": one.level, "stage": one.stage,
        "observable": one.observable, "text": dict(one.text), "checked": checked,
    }  # fmt: skip


def digest(document: JSON) -> str:
    """The SHA-256 of a document in canonical form."""
    import hashlib
    import json

    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _finish(context: Run) -> JSON:
    observations = [
        {"requirement": requirement, "operation": operation, "message": message, "count": count,
         "scenario": seen.scenarios[operation, message]}
        for requirement, seen in sorted(context.seen.items())
        for (operation, message), count in sorted(seen.counts.items())
    ]  # fmt: skip
    return {"observations": observations, "calls": context.calls, "interrupted": context.interrupted,
            "errors": context.errors, "at": evidence.now()}  # fmt: skip
