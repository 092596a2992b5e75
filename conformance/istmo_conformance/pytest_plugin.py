"""The suite inside the tests of a national project: every scenario is a test of its own.

    pytest -p istmo_conformance.pytest_plugin --istmo-app my_service.main:app --istmo-service civil_certificates

It is no entry point on purpose: whoever installs the kit keeps the pytest that they had, until they name this plugin
with `-p`, in `addopts`, or as `pytest_plugins` of their outermost conftest.py.
"""

from __future__ import annotations

import shlex
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from istmo.errors import KitError, Undecided
from istmo_conformance.report import Report
from istmo_conformance.report.reasons import explained
from istmo_conformance.scenarios import Planned, planned
from istmo_conformance.target import Target
from istmo_conformance.telling import finding
from istmo_conformance.words import say, speak

JSON: TypeAlias = Any
NODE = "istmo"  # the ids of the tests are istmo::<id of the scenario>
OPTIONS = {
    "app": "judge this ASGI application, or function that makes one: module:attribute",
    "url": "judge the service behind this address",
    "service": "the service of the catalogue that is claimed",
    "stage": "judge up to this stage, 1 to 5, instead of the one that the service claims",
    "private": "true lets the name of the service lead to an address inside a network",
    "output": "folder of the reports (default: reports)",
}


@dataclass
class Suite:
    """The one run behind all tests of a session."""

    target: Target
    output: Path
    stage: int | None
    language: str
    select: tuple[str, ...] = ()
    known: list[Planned] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    report: Report | None = None

    @property
    def whole(self) -> bool:
        """Whether every scenario runs, so that there is a verdict on the service."""
        return len(self.chosen) == len(self.known) and not self.select

    def case(self, name: str) -> JSON:
        """How one scenario ended; the first question runs all that were chosen."""
        if self.report is None:
            self.report = self._run()
        return next((one for one in self.report.document["scenarios"] if one["id"] == name), None)

    def _run(self) -> Report:
        from istmo_conformance import runner
        from istmo_conformance.commands import _summary

        folder = _summary.prepared(str(self.output))
        select = () if self.whole else tuple(self.chosen)
        report = runner.run(self.target, folder, stage=self.stage, select=select, language=self.language)
        _summary.write(report.document, folder)
        return report


SUITE = pytest.StashKey[Suite]()


class Broken(Exception):
    """The judged service is wrong: the text tells the finding."""


class Scenario(pytest.Item):
    """One scenario as a test."""

    def __init__(self, *, suite: Suite, **settings: Any) -> None:
        super().__init__(**settings)
        self.suite = suite
        self.seconds = 0.0

    @property
    def again(self) -> str:
        """The command that runs this test alone."""
        return shlex.join(["pytest", *_typed(self.config), self.nodeid])

    def setup(self) -> None:
        """Have the scenario judged; what is wrong with the kit or the set-up is an error and no failure."""
        try:
            case = self.suite.case(self.name)
        except KitError as error:
            hint = f" ({error.hint})" if error.hint else ""
            pytest.exit(f"istmo: {error.message}{hint}", returncode=3 if isinstance(error, Undecided) else 2)
        if case is not None and case["verdict"] == "error":
            raise Broken(self._told(case))

    def runtest(self) -> None:
        """End as the scenario ended."""
        case = self.suite.case(self.name)
        if case is None:
            pytest.skip(explained("above-claimed-stage", self.suite.language))
        self.seconds = float(case["seconds"])
        word, reason = case["verdict"], explained(case["reason"], self.suite.language)
        if word == "fail" and not self._binding(case):
            pytest.xfail(say("recommended, and not kept: {reason}", "recomendado, y no cumplido: {reason}",
                             reason=reason))  # fmt: skip
        if word == "fail":
            raise Broken(self._told(case))
        if word != "pass":
            pytest.skip(f"{word}: {reason}")

    def _binding(self, case: JSON) -> bool:
        report = self.suite.report
        rows = report.document["requirements"] if report is not None else []
        return any(one["level"] == "MUST" for one in rows if one["id"] in case["requirements"])

    def _told(self, case: JSON) -> str:
        report = self.suite.report
        return finding(report.document, case, self.suite.language, self.again) if report is not None else ""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:  # noqa: ARG002 - pytest's
        """The finding without a traceback: the lines of the suite help nobody here."""
        return str(excinfo.value) if isinstance(excinfo.value, Broken) else excinfo.exconly()

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Under which name pytest lists the test."""
        return self.path, None, self.nodeid


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer what names the service, also as settings of pytest's own file."""
    group = parser.getgroup("istmo", "conformance with the regional standard")
    for name, help_text in OPTIONS.items():
        group.addoption(f"--istmo-{name}", default=None, help=help_text)
        parser.addini(f"istmo_{name}", help_text, default="")
    group.addoption("--istmo-select", action="append", default=[], help="only scenarios whose id begins so")


def _setting(config: pytest.Config, name: str) -> str:
    given = config.getoption(f"--istmo-{name}")
    return str(given if given is not None else config.getini(f"istmo_{name}"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take note of the service, and take the ids of scenarios out of what pytest would look for as files."""
    named = [word.removeprefix(f"{NODE}::") for word in config.args if word.startswith(f"{NODE}::")]
    app, url = _setting(config, "app"), _setting(config, "url")
    if not app and not url:
        if named:
            raise pytest.UsageError("--istmo-app or --istmo-url is missing")
        return
    if not (named or _asked(config) or config.args_source is not pytest.Config.ArgsSource.ARGS):
        return  # somebody runs one file of theirs
    if hasattr(config, "workerinput") or getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("the scenarios share one service and its clock: run them without xdist (-n 0)")
    config.args[:] = [word for word in config.args if not word.startswith(f"{NODE}::")]
    config.stash[SUITE] = _suite(config, app, url, named)


def _typed(config: pytest.Config) -> list[str]:
    """What named the plugin and the service on the command line; the rest stands in pytest's own file."""
    words = ["-p", __name__] if __name__ in {word.removeprefix("-p") for word in config.invocation_params.args} else []
    for name in OPTIONS:
        value = config.getoption(f"--istmo-{name}")
        words += [f"--istmo-{name}", str(value)] if value is not None else []
    return words


def _asked(config: pytest.Config) -> bool:
    return config.getoption("--istmo-app") is not None or config.getoption("--istmo-url") is not None


def _suite(config: pytest.Config, app: str, url: str, named: list[str]) -> Suite:
    from istmo import paths, texts
    from istmo.cli import words

    stage = _setting(config, "stage")
    if (app and url) or not _setting(config, "service") or (stage and stage not in set("12345")):
        raise pytest.UsageError(
            "give --istmo-service, one of --istmo-app and --istmo-url, and a stage of 1 to 5 if any"
        )
    try:
        slug = words.slug(_setting(config, "service"))
        target = Target.app(app, slug) if app else Target.url(url, slug, private=_setting(config, "private") == "true")
    except KitError as error:
        raise pytest.UsageError(f"{error.message} ({error.hint})") from None
    speak(texts.language())
    known = planned(paths.data("conformance") / "features", slug)
    unknown = sorted(set(named) - {one.id for one in known})
    if unknown:
        raise pytest.UsageError(f"no such scenario: {', '.join(unknown)}")
    return Suite(
        target, Path(_setting(config, "output") or "reports"), int(stage) if stage else None, texts.language(),
        (*named, *config.getoption("--istmo-select")),
        [one for one in known if not stage or one.stage <= int(stage)],
    )  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add one test for each scenario, before -k and its like choose."""
    suite = config.stash.get(SUITE, None)
    if suite is None:
        return
    items += [
        Scenario.from_parent(session, name=one.id, nodeid=f"{NODE}::{one.id}", suite=suite)
        for one in suite.known
        if not suite.select or one.id.startswith(suite.select)
    ]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Remember which scenarios are left after every choice."""
    suite = session.config.stash.get(SUITE, None)
    if suite is not None:
        suite.chosen = [item.name for item in session.items if isinstance(item, Scenario)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell how long a scenario took by itself."""
    report = yield
    if isinstance(item, Scenario) and report.when == "call":
        report.duration = item.seconds
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a session in which every test passed and the service is still not conformant."""
    suite = session.config.stash.get(SUITE, None)
    if suite is None or suite.report is None or exitstatus != pytest.ExitCode.OK:
        return
    if suite.whole and suite.report.exit_code:
        session.exitstatus = suite.report.exit_code


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write the verdict on the service, and what was seen broken beside the scenarios."""
    suite = config.stash.get(SUITE, None)
    if suite is None or suite.report is None:
        return
    document = suite.report.document
    terminalreporter.section("istmo")
    for one in document["requirements"]:
        if one["verdict"] in {"fail", "warn"}:
            for seen in one["observations"]:
                terminalreporter.line(f"{one['id']}: {seen['operation']}: {seen['message']} ({seen['count']}×)")
    terminalreporter.line(_ending(suite, document))


def _ending(suite: Suite, document: JSON) -> str:
    from istmo.texts import text

    place = suite.output / "report.html"
    if not suite.whole:
        return say("{count} of {all} scenarios: no verdict on the service; report: {place}",
                   "{count} de {all} escenarios: sin veredicto sobre el servicio; informe: {place}",
                   count=len(suite.chosen), all=len(suite.known), place=place)  # fmt: skip
    verdict = text(f"verdict.{document['verdict']}", lang=suite.language)
    return say("verdict: {verdict}, stage {stage} of {claimed} claimed; report: {place}",
               "veredicto: {verdict}, etapa {stage} de {claimed} declaradas; informe: {place}",
               verdict=verdict, stage=document["stage"]["observed"], claimed=document["stage"]["claimed"],
               place=place)  # fmt: skip
