"""The property layer: same seed, same calls; no alarm on right services; wrong ones fall by what they break."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from istmo.errors import KitError
from istmo_conformance import evidence, runner
from istmo_conformance.asgi import AsgiClient
from istmo_conformance.client import Answer, Request
from istmo_conformance.property import Budget
from istmo_conformance.report import Report
from istmo_conformance.report import html as page
from istmo_conformance.target import Target
from tests.conformance.conftest import Judge, words
from tests.conformance.standin import SLUG, Standin

SMALL = Budget(seconds=120, listed=9, searched=8)
REFERENCE = "istmo.cli.reference:build"
SOME = ("createFeeQuote", "createRequest", "getRequest", "listRequests", "submitRequest", "replaceRequest")
ALONE = ("no-scenario",)  # a selection that selects nothing: only the layer runs


def search(country: str, folder: Path, seed: int = 1, budget: Budget = SMALL) -> Report:
    target = Target.reference(SLUG, REFERENCE, country)
    return runner.run(target, folder, select=ALONE, seed=seed, searching=budget)


def only(*operations: str) -> Budget:
    return Budget(seconds=120, operations=operations)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Every call that goes to an application in this process."""
    calls: list[Request] = []
    original = AsgiClient.send

    def send(self: AsgiClient, request: Request) -> Answer:
        calls.append(request)
        return original(self, request)

    monkeypatch.setattr(AsgiClient, "send", send)
    return calls


def essence(calls: list[Request]) -> list[tuple[Any, ...]]:
    """What calls say, without tokens and without the identifiers that the service has made up."""
    known: dict[str, str] = {}
    found = []
    for call in calls:
        path = re.sub(r"[0-9a-f-]{36}", lambda id_: known.setdefault(id_[0], str(len(known))), call.path)
        headers = [one for one in call.headers if one[0] not in {"Authorization", "If-Match"}]
        found.append((call.method, path, headers, call.body))
    return found


def test_the_same_seed_makes_the_same_calls(tmp_path: Path, recorded: list[Request]) -> None:
    budget = Budget(seconds=120, listed=9, searched=8, operations=SOME)
    search("XX", tmp_path / "one", budget=budget)
    first = essence(recorded)
    recorded.clear()
    search("XX", tmp_path / "two", budget=budget)

    assert len(first) > 100
    assert essence(recorded) == first


def test_another_seed_makes_other_calls(tmp_path: Path, recorded: list[Request]) -> None:
    budget = Budget(seconds=120, listed=9, searched=8, operations=("createRequest",))
    search("XX", tmp_path / "one", budget=budget)
    first = {call.body for call in recorded}
    recorded.clear()
    search("XX", tmp_path / "two", seed=2, budget=budget)

    assert {call.body for call in recorded} - first


@pytest.mark.parametrize(("country", "seed"), [("XX", 1), ("HN", 7)])
def test_a_right_service_gives_no_alarm(tmp_path: Path, country: str, seed: int) -> None:
    found = search(country, tmp_path, seed)

    assert [one["reason"] for one in found.document["scenarios"] if one["verdict"] == "fail"] == []
    unfinished = [one["id"] for one in found.document["scenarios"] if one["verdict"] != "pass"]
    assert unfinished == []
    assert words(found, "pass") == set()  # what was found nowhere is not proven


# What each wrong service answers wrongly, and the operations whose search has to show it.
WRONG = [
    ("texts_read_as_numbers", "common/values-not-converted", "createFeeQuote"),
    pytest.param("true_is_one", "common/values-not-converted", "createFeeQuote", marks=pytest.mark.slow),
    ("stumbles_over_null_in_list", "common/no-server-errors", "createFeeQuote"),
    ("stumbles_over_lists", "common/no-server-errors", "receiveEvent"),
    pytest.param("stumbles_over_huge_limit", "common/no-server-errors", "listRequests", marks=pytest.mark.slow),
    ("unknown_parameters_let_pass", "common/unknown-parameter", "listFees"),
    ("limit_zero_means_all", "common/parameter-range", "listFees"),
    pytest.param(
        "unknown_members_let_pass_inside", "common/unknown-body-member", "createRequest", marks=pytest.mark.slow
    ),
    ("body_not_compared", "common/idempotency-key-reuse", "createMandate"),
    pytest.param("replay_unmarked", "common/idempotent-replay", "createMandate", marks=pytest.mark.slow),
    ("case_readable_by_identifier", "common/others-see-nothing", "getRequest"),
    pytest.param("condition_not_compared", "common/stale-if-match", "replaceRequest", marks=pytest.mark.slow),
    pytest.param("guests_may_read", "common/token-required", "getRequest", marks=pytest.mark.slow),
]


def searched(name: str, folder: Path, operation: str) -> dict[str, Any]:
    """The report on a wrong service, which replaces parts of the kernel: it is judged in a process of its own."""
    code = (
        "import sys, pathlib\n"
        "from istmo_conformance import runner\n"
        "from istmo_conformance.target import Target\n"
        "from istmo_conformance.property import Budget\n"
        "name, folder, operation = sys.argv[1:]\n"
        f"target = Target.app('tests.wrong_services.apps:' + name, {SLUG!r})\n"
        "budget = Budget(seconds=200, operations=(operation,))\n"
        f"runner.run(target, pathlib.Path(folder), select={ALONE!r}, searching=budget)\n"
    )
    command = [sys.executable, "-c", code, name, str(folder), operation]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(("name", "broken", "operation"), WRONG)
def test_a_wrong_service_falls_by_what_it_breaks(name: str, broken: str, operation: str, tmp_path: Path) -> None:
    from tests.wrong_services._gallery import gallery

    found = searched(name, tmp_path, operation)

    failed = {one["id"] for one in found["requirements"] if one["verdict"] == "fail"}
    assert broken in failed
    assert failed <= {broken} | gallery()[name].also
    (case,) = [one for one in found["scenarios"] if one["requirements"] == [broken]]
    assert case["id"] == f"property/{operation}/{broken.partition('/')[2]}"
    assert " curl -i " in case["reason"]
    assert case["exchanges"]


def test_a_counter_example_is_small_and_shows_no_token(tmp_path: Path) -> None:
    found = searched("stumbles_over_null_in_list", tmp_path, "createFeeQuote")

    (case,) = [one for one in found["scenarios"] if one["verdict"] == "fail"]
    body = case["exchanges"][0]["requestBody"]
    assert len(body) < 60
    assert body in case["reason"]
    assert body in html.unescape(page.render(found, "en"))
    for file in tmp_path.iterdir():
        assert "eyJ" not in file.read_text(encoding="utf-8")


def test_a_token_stands_in_no_output(tmp_path: Path) -> None:
    found = searched("case_readable_by_identifier", tmp_path, "getRequest")

    (case,) = [one for one in found["scenarios"] if one["verdict"] == "fail"]
    assert "Bearer $TOKEN_BRUNO" in case["reason"]
    for file in tmp_path.iterdir():
        assert "eyJ" not in file.read_text(encoding="utf-8")


def test_what_the_time_did_not_allow_is_not_run(tmp_path: Path) -> None:
    found = search("XX", tmp_path, budget=Budget(seconds=0.0, operations=("getStages", "getHealth")))

    verdicts = {one["id"]: one["verdict"] for one in found.document["scenarios"]}
    assert verdicts == {"property/getStages": "not-run", "property/getHealth": "not-run"}
    assert all("time" in one["reason"] for one in found.document["scenarios"])


READING = only("getCertificate", "getRequest", "getStages")


def test_a_service_written_apart_gives_no_alarm(judge: Judge) -> None:
    found = judge(Standin(), select=ALONE, searching=READING)

    assert [one["reason"] for one in found.document["scenarios"] if one["verdict"] == "fail"] == []


def test_a_service_written_apart_falls_by_its_fault(judge: Judge) -> None:
    found = judge(Standin("leaky-read"), select=ALONE, searching=READING)

    assert words(found, "fail") == {"common/others-see-nothing"}


def test_production_is_left_alone(judge: Judge) -> None:
    standin = Standin()
    standin.environment = "production"
    found = judge(standin, select=ALONE, searching=only("listFees"))

    (case,) = found.document["scenarios"]
    assert (case["verdict"], "sandbox" in case["reason"]) == ("not-run", True)


def test_nothing_of_it_is_loaded_unless_asked_for() -> None:
    code = (
        "import sys\n"
        "import istmo_conformance.runner, istmo_conformance.plugin, istmo_conformance.commands.check\n"
        "print([name for name in sys.modules if name.partition('.')[0] in {'schemathesis', 'hypothesis'}\n"
        "       or name.startswith('istmo_conformance.property')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from istmo_conformance import property as layer

    monkeypatch.setitem(sys.modules, "schemathesis", None)
    with pytest.raises(KitError) as refused:
        layer.require()
    assert refused.value.code == "no-property"
    assert "istmo[property]" in str(refused.value.hint)


def test_the_folder_of_the_caller_stays_empty(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "istmo", "check", "--reference", SLUG, "--property=1", "--select", "none"]
    command += ["--output", str(tmp_path / "out")]
    (tmp_path / "here").mkdir()
    env = {**os.environ, "ISTMO_LANG": "en"}
    done = subprocess.run(
        command, cwd=tmp_path / "here", capture_output=True, text=True, timeout=240, check=False, env=env
    )

    assert done.returncode == 3, done.stdout + done.stderr
    assert list((tmp_path / "here").iterdir()) == []
    records = evidence.read(tmp_path / "out" / "evidence.jsonl")
    assert any(one.get("id", "").startswith("property/") for one in records)


def test_a_curl_line_quotes_what_a_shell_would_read(tmp_path: Path) -> None:
    from istmo_conformance.property import curl

    body = b"it's $HOME\n\x00\xff"
    request = Request("POST", "/a?b=$(c)", (("Authorization", "Bearer secret"), ("X", "'")), body)
    line = curl.line(request, "ana", "http://x.test")

    assert "secret" not in line
    told = subprocess.run(
        ["bash", "-c", line.replace("curl", "printf '%s\\0'", 1)], capture_output=True, cwd=tmp_path, check=True,
        env={"TOKEN_ANA": "t"},
    ).stdout.split(b"\0")  # fmt: skip
    assert b"http://x.test/a?b=$(c)" in told
    assert b"Authorization: Bearer t" in told
    assert b"X: '" in told
