"""The suite as tests of a national project, in a pytest of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from istmo.paths import data
from istmo_conformance.scenarios import planned
from tests.conformance.standin import SLUG

pytest_plugins = ("pytester",)
ROOT = Path(__file__).parents[2]
PLUGIN = ("-p", "istmo_conformance.pytest_plugin")
STANDIN = """
from tests.conformance.standin import Standin
def right(): return Standin()
def wrong(): return Standin("leaky-read")
"""
FASTAPI = """
from istmo.runtime.reference import build
def create_app(): return build("civil_certificates", country="XX")
"""
STRANGER = "common/privacy/the-lists-of-another-do-not-show-the-draft-case"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A national project with a service of its own, and a test of its own."""
    pytester.makepyfile(my_service=STANDIN, national=FASTAPI, test_own="def test_own(): pass")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(pytester.path)]))
    monkeypatch.setenv("ISTMO_LANG", "en")
    monkeypatch.setenv("ISTMO_LOG", "0")
    return pytester


def service(app: str, *words: str) -> list[str]:
    return [*PLUGIN, "--istmo-app", app, "--istmo-service", SLUG, *words]


def test_each_scenario_is_a_test_with_a_finding_that_helps(project: pytest.Pytester) -> None:
    chosen = [one.id for one in planned(data("conformance") / "features", SLUG) if one.id.startswith("common/privacy")]

    done = project.runpytest_subprocess(*service("my_service:wrong", "--istmo-select", "common/privacy", "-v"))

    failed = done.parseoutcomes()["failed"]
    assert done.ret == 1
    assert sum(done.parseoutcomes().values()) == len(chosen) + 1
    assert 0 < failed < len(chosen)
    done.stdout.fnmatch_lines([
        "*istmo::common/privacy/*PASSED*",
        "*What belongs to somebody else answers 404*",
        "*expected 404; got getRequest 200*",
        "*GET /civil-certificates/v1/requests/*-> 200*",
        "*features/common/privacy.feature*",
        "*pytest -p istmo_conformance.pytest_plugin --istmo-app my_service:wrong*istmo::common/privacy/*",
        "*no verdict on the service*",
    ])  # fmt: skip
    done.stdout.no_fnmatch_line("*Bearer*")
    done.stdout.no_fnmatch_line("*Traceback*")


def test_a_test_is_named_and_chosen_like_any_other(project: pytest.Pytester) -> None:
    named = project.runpytest_subprocess(*service("my_service:right", f"istmo::{STRANGER}"))
    keyed = project.runpytest_subprocess(
        *service("my_service:right", "-k", "privacy and the-lists-of-another-do-not-show-the-draft")
    )

    assert (named.ret, named.parseoutcomes()) == (0, {"passed": 1})
    assert keyed.ret == 0
    assert keyed.parseoutcomes()["passed"] == 1
    assert keyed.parseoutcomes()["deselected"] > 400


def test_a_service_is_named_once_in_the_settings_of_pytest(project: pytest.Pytester) -> None:
    project.makeini(
        f"[pytest]\naddopts = {' '.join(PLUGIN)}\nistmo_app = national:create_app\nistmo_service = {SLUG}\n"
        "istmo_stage = 1\n"
    )

    whole = project.runpytest_subprocess("--durations=1")
    single = project.runpytest_subprocess("test_own.py")

    assert whole.ret == 0, whole.stdout.str()[-3000:]
    assert "failed" not in whole.parseoutcomes()
    whole.stdout.fnmatch_lines(["*verdict: conformant, stage 1 of 5*"])
    assert (single.ret, single.parseoutcomes()) == (0, {"passed": 1})


def test_green_tests_do_not_hide_a_service_that_is_not_conformant(project: pytest.Pytester) -> None:
    project.makepyfile(
        nameless="""
        from tests.conformance.standin import Standin
        class Production(Standin):
            def __init__(self):
                super().__init__()
                self.environment = "production"
        def create(): return Production()
    """
    )

    done = project.runpytest_subprocess(*service("nameless:create", "--istmo-stage", "1", "-k", "not description"))
    whole = project.runpytest_subprocess(*service("nameless:create", "--istmo-stage", "1", "-rs"))

    assert whole.ret != 0
    assert whole.parseoutcomes()["skipped"] > 1
    whole.stdout.fnmatch_lines(["*verdict: *"])
    done.stdout.fnmatch_lines(["*no verdict on the service*"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*PLUGIN, "istmo::common/privacy/x"], "--istmo-app or --istmo-url is missing"),
        ([*PLUGIN, "--istmo-app", "a:b"], "give --istmo-service"),
        ([*PLUGIN, "--istmo-app", "a:b", "--istmo-service", "x"], "x"),
        (service("my_service:right", "istmo::common/no-such"), "no such scenario: common/no-such"),
        (service("my_service:right", "-p", "xdist", "-n", "2"), "run them without xdist"),
        (
            [*PLUGIN, "--istmo-url", "http://127.0.0.1:9", "--istmo-service", SLUG, "--istmo-private", "true"],
            "127.0.0.1",
        ),
        (service("no_such_module:app"), "no_such_module cannot be imported"),
    ],
)
def test_wrong_use_is_refused_in_plain_words(project: pytest.Pytester, words: list[str], said: str) -> None:
    done = project.runpytest_subprocess(*words)

    assert done.ret in {2, 3, 4}
    assert said in done.stdout.str() + done.stderr.str()
    assert "Traceback" not in done.stdout.str() + done.stderr.str()


def test_the_plugin_without_a_service_changes_nothing(project: pytest.Pytester) -> None:
    done = project.runpytest_subprocess(*PLUGIN)

    assert (done.ret, done.parseoutcomes()) == (0, {"passed": 1})
    done.stdout.no_fnmatch_line("*istmo::*")


def test_the_list_of_scenarios_has_no_twins() -> None:
    found = [one.id for one in planned(data("conformance") / "features", SLUG)]

    assert len(found) == len(set(found)) > 400
