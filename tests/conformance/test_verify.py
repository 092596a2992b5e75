"""A bundle proves itself, and whoever touches it is found out."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from istmo.errors import KitError
from istmo_conformance import evidence
from istmo_conformance.client import Request
from istmo_conformance.report import bundle, statement
from istmo_conformance.report.verify import OPEN, REFUTED, VERIFIED, Verification, verify
from istmo_conformance.transcript import Reader
from tests.conformance.conftest import FEATURES, Judge
from tests.conformance.standin import Standin

Record = dict[str, Any]
Change = Callable[[list[Record]], object]


@pytest.fixture
def run(judge: Judge) -> Path:
    """The folder of a run against a service with a fault: some scenarios fail."""
    return Path(judge(Standin("leaky-read")).path or "").parent


def answers(found: Verification) -> dict[str, bool | None]:
    return {step.name: step.holds for step in found.steps}


def rewritten(folder: Path, change: Change, *, chained: bool = True) -> Path:
    """Evidence changed by somebody who may even mend the chain and add the report up again."""
    path = folder / "evidence.jsonl"
    records = evidence.read(path)
    change(records)
    lines, previous = [], evidence.START
    for record in records:
        if chained:
            record["previous"] = previous
        line = evidence.canonical(record)
        previous = evidence.digest_of(line)
        lines.append(line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(bundle.rebuilt(records)), encoding="utf-8")
    return folder


def case_of(records: list[Record], verdict: str) -> Record:
    return next(one for one in records if one["record"] == "case" and one["verdict"] == verdict and one["calls"])


def body_of(records: list[Record]) -> Record:
    """A call of a passed scenario whose answer is kept as a text."""
    cases = [one for one in records if one["record"] == "case" and one["verdict"] == "pass"]
    found: Record = next(call for case in cases for call in case["calls"] if '"status"' in str(call.get("body")))
    return found


def test_every_verdict_comes_out_again_without_any_network(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    found = verify(run, features=FEATURES)

    # The stand-in features leave most of the standard out: that alone is held against the run.
    assert answers(found) == {"complete": False, "chain": True, "recomputed": True, "signature": True}
    assert "14 of 14" in found.steps[2].why
    assert found.report["verdict"] == "not-conformant"


def test_a_body_is_known_whichever_call_holds_it() -> None:
    whole = {"path": "/a", "status": 200, "headers": [], "micros": 1, "body": "ñ"}
    again = {name: value for name, value in whole.items() if name != "body"}
    again["same"] = hashlib.sha256("ñ".encode()).hexdigest()

    answer = Reader([whole, again]).answer(again, Request("GET", "/a"))

    assert answer.body == "ñ".encode()


def pass_what_failed(records: list[Record]) -> None:
    case_of(records, "fail").update({"verdict": "pass", "reason": "", "step": ""})


def fail_what_passed(records: list[Record]) -> None:
    case_of(records, "pass").update({"verdict": "fail", "reason": "because"})


def other_answer(records: list[Record]) -> None:
    call = body_of(records)
    call["body"] = call["body"].replace('"status"', '"statsu"')


def other_request(records: list[Record]) -> None:
    case_of(records, "pass")["calls"][-1]["request"] = "0" * 64


def no_observation(records: list[Record]) -> None:
    records[-1]["observations"].append(
        {"requirement": "common/api-version", "operation": "x", "message": "y", "count": 1, "scenario": "z"}
    )


def other_reading(records: list[Record]) -> None:
    """What people are shown of a failed call is another than what was sent."""
    call = next(one for one in case_of(records, "fail")["calls"] if "sent" in one)
    call["sent"]["body"] = '{"harmless": true}'


def other_statement(records: list[Record]) -> None:
    case_of(records, "fail")["requirements"] = ["common/correlation-id"]


@pytest.mark.parametrize(
    "change",
    [pass_what_failed, fail_what_passed, other_answer, other_request, no_observation, other_reading, other_statement],
)
def test_who_mends_the_chain_is_found_out_by_the_replay(run: Path, change: Change) -> None:
    found = verify(rewritten(run, change), features=FEATURES)

    assert answers(found)["chain"] is True
    assert answers(found)["recomputed"] is False
    assert found.exit_code == REFUTED


def test_what_was_seen_on_the_side_cannot_be_dropped_behind_an_answer_that_was_not_kept(judge: Judge) -> None:
    run = Path(judge(Standin("correlation")).path or "").parent
    seen = {one["scenario"] for one in evidence.read(run / "evidence.jsonl")[-1]["observations"]}

    def withhold(records: list[Record]) -> None:
        played = [one for one in records if one["record"] == "case" and one["calls"] and one["id"] not in seen]
        played[-1]["calls"][-1].update({"partial": True, "request": "0" * 64})

    def drop(records: list[Record]) -> None:
        withhold(records)
        records[-1]["observations"] = []

    assert answers(verify(rewritten(run, withhold), features=FEATURES))["recomputed"] is True
    assert answers(verify(rewritten(run, drop), features=FEATURES))["recomputed"] is False


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda records: records.pop(5), 6),
        (lambda records: records.insert(4, records.pop(6)), 5),
        (pass_what_failed, None),
        (lambda records: records[3].update(micros=1), 5),
    ],
    ids=["dropped", "reordered", "edited", "edited-time"],
)
def test_a_line_that_was_touched_is_named(run: Path, change: Change, line: int | None) -> None:
    found = verify(rewritten(run, change, chained=False), features=FEATURES)

    assert answers(found)["chain"] is False
    assert line is None or f"line {line}:" in found.steps[1].why


def test_a_torn_line_is_named(run: Path) -> None:
    path = run / "evidence.jsonl"
    path.write_bytes(path.read_bytes()[:-40])

    found = verify(run, features=FEATURES)

    lines = path.read_text(encoding="utf-8").count("\n") + 1
    assert f"line {lines}: it is torn" in found.steps[1].why
    assert answers(found)["complete"] is False
    assert found.report["verdict"] == "interrupted"


@pytest.mark.parametrize("ending", [" ", "  \n", "\n{}\n"])
def test_a_line_too_many_is_named(run: Path, ending: str) -> None:
    path = run / "evidence.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + ending, encoding="utf-8")

    with pytest.raises(evidence.Break):
        evidence.chained(path.read_text(encoding="utf-8"))


def test_a_dropped_scenario_is_missed_although_the_chain_was_mended(run: Path) -> None:
    def drop(records: list[Record]) -> None:
        records.remove(case_of(records, "fail"))
        records[-1]["lines"] -= 1

    found = verify(rewritten(run, drop), features=FEATURES)

    assert "1 planned scenarios are absent" in found.steps[0].why


def test_a_plan_that_was_cut_too_is_missed_by_the_replay(run: Path) -> None:
    def drop(records: list[Record]) -> None:
        case = case_of(records, "fail")
        records.remove(case)
        records[1]["cases"].remove(case["id"])
        records[-1]["lines"] -= 1

    found = verify(rewritten(run, drop), features=FEATURES)

    assert "planned" not in found.steps[0].why
    assert answers(found)["recomputed"] is False


def test_a_requirement_that_was_softened_is_missed(run: Path) -> None:
    def soften(records: list[Record]) -> None:
        entry = next(one for one in records[0]["requirements"] if one["id"] == "common/others-see-nothing")
        entry["level"] = "SHOULD"

    found = verify(rewritten(run, soften), features=FEATURES)

    assert answers(found)["complete"] is False
    assert "not those of this version" in found.steps[0].why


def test_evidence_of_another_kit_is_left_open(run: Path) -> None:
    found = verify(run)  # the features of the kit are others than those of this run

    assert answers(found)["recomputed"] is None


def test_a_selection_is_no_proof(judge: Judge) -> None:
    folder = Path(judge(Standin(), select=["common/privacy/a-repeated"]).path or "").parent

    found = verify(folder, features=FEATURES)

    assert "only a part was run" in found.steps[0].why


def test_a_bundle_is_the_same_for_the_same_run(run: Path, tmp_path: Path) -> None:
    first = bundle.write(bundle.made(run), tmp_path / "a.zip").read_bytes()
    second = bundle.write(bundle.made(run), tmp_path / "b.zip").read_bytes()

    assert first == second
    assert bundle.opened(tmp_path / "a.zip").digests == bundle.made(run).digests


def test_a_file_that_was_swapped_in_a_bundle_is_found(run: Path, tmp_path: Path) -> None:
    packed = bundle.made(run)
    report = json.loads(packed.files["report.json"]) | {"verdict": "conformant"}
    swapped = bundle.Bundle(run, {**packed.files, "report.json": json.dumps(report).encode()})

    found = verify(bundle.write(swapped, tmp_path / "a.istmo.zip"), features=FEATURES)

    assert answers(found)["chain"] is False


def test_a_report_that_says_something_else_is_found(run: Path) -> None:
    report = json.loads((run / "report.json").read_text(encoding="utf-8")) | {"verdict": "conformant", "exitCode": 0}
    (run / "report.json").write_text(json.dumps(report), encoding="utf-8")

    found = verify(run, features=FEATURES)

    assert "report.json is not what the evidence adds up to" in found.steps[2].why


def signed_bundle(run: Path, folder: Path) -> tuple[Path, Path]:
    key, public = folder / "k.key.pem", folder / "k.pub.pem"
    statement.generate(key, public)
    packed = bundle.made(run)
    sealed = json.dumps(statement.signed(packed, statement.private_key(key))).encode()
    return bundle.write(bundle.Bundle(run, {**packed.files, bundle.STATEMENT: sealed}), folder / "s.zip"), public


def test_a_signature_holds_for_its_key_and_no_other(run: Path, tmp_path: Path) -> None:
    path, public = signed_bundle(run, tmp_path)
    statement.generate(tmp_path / "other.key", tmp_path / "other.pub")

    assert answers(verify(path, public, features=FEATURES))["signature"] is True
    assert answers(verify(path, tmp_path / "other.pub", features=FEATURES))["signature"] is False
    assert answers(verify(path, features=FEATURES))["signature"] is None
    assert answers(verify(run, public, features=FEATURES))["signature"] is False  # nothing is signed there


def test_a_statement_about_another_run_is_refused(run: Path, tmp_path: Path) -> None:
    path, public = signed_bundle(run, tmp_path)
    files = bundle.opened(path).files
    rewritten(run, fail_what_passed)
    moved = bundle.Bundle(run, {**bundle.made(run).files, bundle.STATEMENT: files[bundle.STATEMENT]})

    found = verify(bundle.write(moved, tmp_path / "moved.zip"), public, features=FEATURES)

    assert "about other files" in found.steps[3].why


def test_what_is_open_and_what_is_refuted_differ_in_the_exit_code() -> None:
    from istmo_conformance.report.verify import Step

    def code(*holds: bool | None) -> int:
        return Verification([Step("x", one, "") for one in holds]).exit_code

    assert (code(True, True), code(True, None), code(None, False)) == (VERIFIED, OPEN, REFUTED)


STRANGE: list[Any] = [None, [], {}, "", 0, -1, True, [None], "\x00", {"record": 1}, 10**30, ["x"] * 3]


def spoiled(node: Any, chance: random.Random) -> None:
    """Put something strange at a random place."""
    while True:
        places = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not places:
            return
        place = chance.choice(places)
        if not isinstance(node[place], dict | list) or not node[place] or chance.random() < 0.2:
            node[place] = chance.choice(STRANGE)
            return
        node = node[place]


@pytest.mark.parametrize("seed", range(40))
def test_strange_evidence_is_refused_and_breaks_nothing(run: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = run / "evidence.jsonl"
    records = evidence.read(path)
    record = chance.choice([records[0], records[1], records[-1], chance.choice(records)])
    before = evidence.canonical(record)
    spoiled(record, chance)
    if evidence.canonical(record) == before:
        record["strange"] = True
    previous, lines = evidence.START, []
    for one in records:
        if one.get("previous") is not None and one is not record:
            one["previous"] = previous
        lines.append(evidence.canonical(one))
        previous = evidence.digest_of(lines[-1])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    # Whatever stands there, the answer is a refusal in words; no other error comes out.
    with contextlib.suppress(KitError):
        assert verify(run, features=FEATURES).exit_code == REFUTED
