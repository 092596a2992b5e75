"""Runs the suite against a target and returns the report."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import io
import os
import secrets
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from istmo import paths
from istmo import spec as specs
from istmo.errors import Finding, KitError, Undecided
from istmo_conformance import additions, collector, digests, evidence, needs, reach, report, words
from istmo_conformance.client import Answer, Client
from istmo_conformance.modes import Mode
from istmo_conformance.redaction import Redactor, named_secrets
from istmo_conformance.run import Heard, Progress, Run
from istmo_conformance.subject_file import SubjectFile
from istmo_conformance.target import Subject, Target, connect
from istmo_conformance.tokens import TokenSource
from istmo_conformance.transcript import Recorder
from istmo_conformance.words import say

if TYPE_CHECKING:
    from istmo_conformance.property import Budget

JSON: TypeAlias = Any
HERE = Path(__file__).parent
FORMAT = "istmo-evidence/1"
SUITE_MODULE = "test_features"
LONGEST = 1800.0  # seconds that a run may last


@collector.unhurried()
def run(
    target: Target,
    output: Path,
    *,
    stage: int | None = None,
    select: Sequence[str] = (),
    language: str = "en",
    seed: int = 1,
    progress: Progress | None = None,
    heard: Heard | None = None,
    features: Path | None = None,
    longest: float = LONGEST,
    settings: SubjectFile | None = None,
    mode: Mode | None = None,
    beyond: bool = False,
    overridden: Sequence[str] = (),
    shuffle: bool = False,
    searching: Budget | None = None,
) -> report.Report:
    """Judge a target within `longest` seconds; evidence and report arise in the output folder while it goes on."""
    words.speak(language)
    spec = specs.spec(target.service)
    client = Recorder(target.open())
    try:
        subject = connect(client, target.service, spec.version)
        agree(settings, subject)
        document = additions.served(client.inner, subject.base_path)
        national = additions.added(spec, document)
        redactor = Redactor(innocent=named_secrets(spec.document))
        sink = evidence.Evidence(output / "evidence.jsonl", redactor)
        try:
            allowed = mode_of(mode, settings.mode if settings else None, subject)
            context = context_of(target, subject, additions.joined(spec, national), client, sink,
                                 settings=settings, mode=allowed)  # fmt: skip
            context.stage = stage or (settings.stage if settings else None) or subject.claimed_stage
            context.beyond = beyond or bool(settings and settings.beyond)
            context.select, context.seed, context.progress = tuple(select), seed, progress
            context.features, context.shuffle = features or context.features, shuffle
            context.heard = heard
            context.until = time.monotonic() + longest
            context.recorder.take()  # how the target was found is told by the subject
            served = {"document": document, "additions": national}
            sink.write("header", **_header(context, language, overridden, **served))
            # The scenarios ask for no language.
            whole = None if document is None or select else additions.served(client.inner, subject.base_path, None)
            with context.contracts.looked_at(b"" if whole is None else whole.body):
                judge(context)
            _search(context, searching)
            sink.write("finish", **finish(context))
            _leave(context)
        finally:
            sink.close()
    finally:
        client.close()
    return report.write(sink.records, output / "report.json")


def _leave(context: Run) -> None:
    """Set the sandbox back: whoever uses it next finds its clock at real time, and nothing that the suite has made."""
    if context.subject.sandbox and context.mode is Mode.FULL and not context.interrupted:
        with contextlib.suppress(Finding, KitError):
            context.sandbox.reset()


def mode_of(asked: Mode | None, filed: Mode | None, subject: Subject) -> Mode:
    """How far a run goes: production is only read, unless the subject file itself says that it may be written to."""
    wanted = asked or filed
    if subject.sandbox:
        return wanted or Mode.FULL
    if wanted is Mode.FULL:
        raise KitError(
            "mode-not-possible",
            say("the mode full needs a sandbox, and the manifest says {environment}",
                "el modo full necesita un entorno de pruebas, y el manifiesto dice {environment}",
                environment=subject.environment[:40]),
            say("use --mode read", "use --mode read"),
        )  # fmt: skip
    if wanted is Mode.WRITE and filed is not Mode.WRITE:
        raise KitError(
            "mode-not-possible",
            say("production is only read", "en producción solo se lee"),
            say('whoever may allow it writes mode = "write" into istmo.toml',
                'quien pueda permitirlo escribe mode = "write" en istmo.toml'),
        )  # fmt: skip
    return wanted or Mode.READ


def agree(settings: SubjectFile | None, subject: Subject) -> None:
    """Refuse to judge another service than the one that the subject file describes."""
    for name in ("country", "environment"):
        said, served = getattr(settings, name, ""), getattr(subject, name)
        if said and said != served:
            raise Undecided(
                "subject-mismatch",
                say("subject.{name} is {said}, and the manifest of the service says {served}",
                    "subject.{name} es {said}, y el manifiesto del servicio dice {served}",
                    name=name, said=said, served=served[:40] or "-"),
                say("correct istmo.toml, or judge the other service", "corrija istmo.toml, o evalúe el otro servicio"),
            )  # fmt: skip


def context_of(
    target: Target, subject: Subject, spec: specs.Spec, client: Client, sink: evidence.Evidence,
    settings: SubjectFile | None = None, mode: Mode = Mode.FULL, source: TokenSource | None = None, salt: str = "",
    values: Mapping[str, Any] | None = None, personas: Mapping[str, specs.Persona] | None = None,
) -> Run:  # fmt: skip
    """The context of a run, before anything was asked; `values` win over those of the country's profile."""
    service = next(entry for entry in specs.catalogue() if entry.slug == target.service)
    own = values or (settings.values if settings is not None else {})
    return Run(
        target=target,
        client=client,
        subject=subject,
        spec=spec,
        profile=specs.over(specs.profile(subject.country or target.country), own),
        service=service,
        requirements=[*specs.requirements("common"), *specs.requirements(target.service)],
        evidence=sink,
        features=paths.data("conformance") / "features",
        stage=subject.claimed_stage,
        settings=settings,
        mode=mode,
        source=source,
        personas=personas,
        salt=salt or secrets.token_hex(16),
    )


def _search(context: Run, budget: Budget | None) -> None:
    """Run the property layer when it was asked for; nothing of it is loaded otherwise."""
    if budget is None or context.interrupted:
        return
    from istmo_conformance import property as layer

    layer.run(context, budget)


def judge(context: Run) -> None:
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
        # They look at each scenario for what no scenario has: warnings to report, and marks of a skipped test.
        "-p", "no:warnings", "-p", "no:skipping",
        "--capture=no", "--noconftest", "--assert=plain", str(HERE / "suite" / f"{SUITE_MODULE}.py"),
    ]  # fmt: skip
    try:
        with _deaf(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), warnings.catch_warnings():
            # One that became an error would make an application in this process answer otherwise than it does alone.
            warnings.simplefilter("default")
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


def _header(context: Run, language: str, overridden: Sequence[str], document: Answer | None, additions: JSON) -> JSON:
    region = specs.spec(context.spec.slug)
    subject, target, settings = context.subject, context.target, context.settings
    planned = needs.survey(context.features, context.spec, charges=context.scope.charges)
    needed = needs.by_requirement(planned)
    requirements = [requirement_entry(one, needed) for one in context.requirements if not one.retired]
    return {
        "format": FORMAT,
        "kit": {"name": "istmo", "version": importlib.metadata.version("istmo")},
        "spec": {"service": context.spec.slug, "version": context.spec.version,
                 "digest": digests.of_document(region.document)},
        "digests": {
            "standard": digests.standard(context.spec.slug),
            "suite": digests.suite(context.features, context.spec.slug),
            "requirements": digests.of_document(requirements),
            **digests.subject(document, subject.manifest),
        },
        "connected": dataclasses.asdict(subject),
        "origin": context.client.origin,
        "profile": {"country": subject.country},
        "target": {"kind": target.kind, "address": target.address, "country": subject.country,
                   "operator": subject.operator, "environment": subject.environment,
                   "specVersion": subject.spec_version},
        "subject": {**settings.told, "overridden": list(overridden)} if settings is not None else {},
        "mode": context.mode.value,
        "waivers": [one.told for one in settings.waivers] if settings is not None else [],
        "language": language,
        "seed": context.seed,
        "salt": context.salt,
        "redacted": context.evidence.redactor.count,
        "selection": list(context.select),
        "order": "shuffled" if context.shuffle else "written",
        "stage": context.stage,
        "claimedStage": subject.claimed_stage,
        "beyond": context.beyond,
        "started": evidence.now(),
        "additions": additions,
        "operations": reach.declared(context.spec, region),
        "requirements": requirements,
    }  # fmt: skip


def requirement_entry(one: specs.Requirement, needed: Mapping[str, Mode] = MappingProxyType({})) -> JSON:
    """A requirement as the header carries it, so that the evidence can be added up without the kit."""
    checked = "scenario" if one.observed_by_scenario else "reason"
    needs_mode = needed.get(one.id)
    return {
        "id": one.id, "sheet": one.sheet, "level": one.level, "stage": one.stage,
        "observable": one.observable, "text": dict(one.text), "checked": checked,
        "needs": needs_mode.value if needs_mode is not None else None,
        "source": one.source,
    }  # fmt: skip


def finish(context: Run) -> JSON:
    """What the last record of a run says."""
    context.catch_up()
    observations = [
        {"requirement": requirement, "operation": operation, "message": message, "count": count,
         "scenario": seen.scenarios[operation, message]}
        for requirement, seen in sorted(context.seen.items())
        for (operation, message), count in sorted(seen.counts.items())
    ]  # fmt: skip
    tried = [tally.told(operation) for operation, tally in sorted(context.tallies.items())]
    return {"observations": observations, "tried": tried, "calls": context.calls, "interrupted": context.interrupted,
            "errors": context.errors, "lines": context.evidence.lines, "at": evidence.now()}  # fmt: skip
