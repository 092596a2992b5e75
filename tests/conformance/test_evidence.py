"""Evidence survives a kill and holds no secret."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import rfc8785

from istmo_conformance import evidence, report
from istmo_conformance.evidence import MARK, Evidence, Redactor, read
from istmo_conformance.report.html import pretty
from istmo_conformance.transcript import stand_in
from istmo_conformance.verdict import Overall
from tests.conformance.conftest import FEATURES, Judge
from tests.conformance.standin import SLUG, Standin

SECRET = "s3cret/token+value=="


@pytest.mark.parametrize(
    "text", [SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode(), f"a {SECRET} b {SECRET}"]
)
def test_a_known_secret_is_gone_in_every_form(text: str) -> None:
    cleaned = Redactor([SECRET]).clean(text)

    assert MARK in cleaned
    assert SECRET not in cleaned
    assert quote(SECRET, safe="") not in cleaned


def test_what_looks_like_a_token_is_gone_although_nobody_knew_it() -> None:
    assert Redactor().clean("Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln") == "Bearer [redacted:1]"
    assert Redactor().clean('{"accessToken": "opaque"}') == '{"accessToken": "[redacted:1]"}'


def test_secret_headers_are_gone_by_name() -> None:
    assert Redactor().headers([("Authorization", "Basic x"), ("Accept", "y")]) == {
        "authorization": "Basic [redacted:1]", "accept": "y",
    }  # fmt: skip


def test_control_characters_do_not_reach_a_terminal() -> None:
    assert "\x1b" not in Redactor().clean("\x1b[31mred")


def test_records_are_on_disk_as_soon_as_they_are_written(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "deep" / "evidence.jsonl", Redactor([SECRET]))
    evidence.write("header", token=SECRET)

    assert read(evidence.path) == [{"record": "header", "previous": "0" * 64, "token": "[redacted:1]"}]
    evidence.close()


def test_a_torn_last_line_is_dropped_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "evidence.jsonl"
    path.write_text('{"record":"header"}\n{"record":"ca')
    assert read(path) == [{"record": "header"}]

    path.write_text('{"record":"he\n{"record":"case"}\n')
    with pytest.raises(ValueError, match="Unterminated"):
        read(path)


def test_half_a_character_reaches_no_file(tmp_path: Path) -> None:
    sink = Evidence(tmp_path / "evidence.jsonl", Redactor())
    sink.write("case", reason="half \ud800 a character")
    sink.close()
    assert "half \ufffd a character" in sink.path.read_text(encoding="utf-8")
    assert pretty('{"a": "\\ud800"}').encode()


def test_every_line_is_as_rfc_8785_writes_it(judge: Judge) -> None:
    path = Path(judge(Standin("leaky-read")).path or "").with_name("evidence.jsonl")

    lines = path.read_bytes().splitlines()

    assert lines
    assert [line for line in lines if rfc8785.dumps(json.loads(line)) != line] == []


def test_a_receipt_is_kept_and_a_token_is_not() -> None:
    """A signed text that claims nothing that opens anything is evidence, not a secret."""
    receipt = stand_in("x", {"header": {"alg": "Ed25519", "kid": "1"}, "claims": {"code": "abc"}})
    token = stand_in("x", {"header": {"alg": "Ed25519", "kid": "1"}, "claims": {"scope": ["x"], "sub": "ana"}})

    assert Redactor().clean(receipt) == receipt
    assert Redactor().clean(token) == "[redacted:1]"
    telling = stand_in("x", {"header": {"alg": "x"}, "claims": {"code": "abc-longer-secret"}})
    written = base64.b64encode(b"abc-longer-secret").decode()
    assert MARK in Redactor(["abc-longer-secret"]).clean(telling)
    assert written[4:-4] not in Redactor(["abc-longer-secret"]).clean(telling)


CANONICAL = ("started", "finished", "seconds", "at", "scenarios")


def compared(found: Any) -> Any:
    """A report without what two runs cannot share: moments and durations."""
    document = {name: value for name, value in found.document.items() if name not in CANONICAL}
    free = ("seconds", "at", "exchanges")
    cases = [{name: value for name, value in one.items() if name not in free} for one in found.document["scenarios"]]
    return document, sorted(cases, key=lambda one: str(one["id"]))


def test_the_same_seed_gives_the_same_report_in_any_order(judge: Judge) -> None:
    first, second = compared(judge(Standin("leaky-read"))), compared(judge(Standin("leaky-read")))
    shuffled = compared(judge(Standin("leaky-read"), shuffle=True))

    assert first == second
    assert first[1] == shuffled[1]
    words = [{one["id"]: one["verdict"] for one in run[0]["requirements"]} for run in (first, shuffled)]
    assert words[0] == words[1]


def test_a_shuffled_run_is_shuffled_and_replays(judge: Judge) -> None:
    from istmo_conformance import replay

    plain = [one["id"] for one in judge(Standin()).document["scenarios"]]
    found = judge(Standin(), shuffle=True, seed=7)
    again = replay.replay(read(Path(found.path or "").with_name("evidence.jsonl")), FEATURES)

    order = [one["id"] for one in found.document["scenarios"]]
    assert order != plain
    assert sorted(order) == sorted(plain)
    assert (len(again.same), again.partial, again.differing) == (14, [], {})


# A pause after each scenario, or the run would be over before anybody could kill it.
KILLED = """
import time
from pathlib import Path
from istmo_conformance import runner
from istmo_conformance.target import Target
runner.run(Target.app("tests.conformance.standin:app", {slug!r}), Path({out!r}), features=Path({features!r}),
           progress=lambda *_: time.sleep(0.03))
"""


@pytest.mark.parametrize("attempt", range(4))
def test_a_run_killed_at_any_moment_is_readable_and_never_conformant(tmp_path: Path, attempt: int) -> None:
    path = tmp_path / "evidence.jsonl"
    source = KILLED.format(slug=SLUG, out=str(tmp_path), features=str(FEATURES))
    process = subprocess.Popen([sys.executable, "-c", source], cwd=Path(__file__).parents[2])
    try:
        until = time.monotonic() + 60
        # Somewhere in the run: after so many lines, or so few milliseconds later.
        while process.poll() is None and time.monotonic() < until:
            if path.exists() and path.read_bytes().count(b"\n") > attempt * 3:
                break
            time.sleep(0.002)
        time.sleep(random.Random(attempt).random() / 50)
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.wait(timeout=30)

    raw = path.read_text(encoding="utf-8")
    whole = raw[: raw.rfind("\n") + 1]
    records = evidence.chained(whole)
    assert records[0]["record"] == "header"
    assert records[-1]["record"] != "finish"
    assert report.build(read(path)).verdict is Overall.INTERRUPTED
    assert not (tmp_path / "report.json").exists()


def test_nothing_in_the_suite_is_left_to_chance() -> None:
    """A replay makes the same requests only if no step asks the real clock or throws dice."""
    code = Path(evidence.__file__).parent
    places = [*(code / "steps").glob("*.py"), *(code / f"{name}.py" for name in ("calls", "cast", "values", "walk"))]
    chance = re.compile(r"datetime\.now\(|date\.today\(|time\.time\(|\brandom\b|uuid4|secrets\.token|gzip\.compress,")

    assert len(places) > 20
    assert [path.name for path in places if chance.search(path.read_text(encoding="utf-8"))] == []
