"""The subject file on the command line: written, read, overruled, and told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from istmo.errors import KitError
from istmo_conformance.commands import check
from istmo_conformance.report import badge, html, junit
from istmo_conformance.report.reading import load
from istmo_conformance.subject_file import SubjectFile

from .conftest import Done, Record, case, evidence_of, requirement, written

Run = Callable[..., Done]
APP = "tests.conformance.standin:app"
ONE = "common/headers/success-and-refusal"
SUBJECT = f'[subject]\nservice = "civil_certificates"\napp = "{APP}"\nname = "Registro"\nstage = 2\n'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def header() -> Any:
    return json.loads(Path("reports/evidence.jsonl").read_text(encoding="utf-8").splitlines()[0])


def report() -> Any:
    return json.loads(Path("reports/report.json").read_text(encoding="utf-8"))


def test_a_file_to_begin_with_is_written_once(istmo: Run) -> None:
    done = istmo("check", "--init", "https://services.example.org", "--service", "civil-certificates")

    assert (done.code, done.err) == (0, "")
    assert "Written: istmo.toml" in done.out
    content = Path("istmo.toml").read_text(encoding="utf-8")
    assert 'service = "civil_certificates"\n' in content
    assert 'url = "https://services.example.org"\n' in content

    again = istmo("check", "--init")

    assert again.code == 2
    assert "error subject-exists" in again.err
    assert Path("istmo.toml").read_text(encoding="utf-8") == content


def test_it_is_written_in_the_language_of_the_user(istmo: Run) -> None:
    assert istmo("check", "--init", "--subject", "mio.toml", "--lang", "es").code == 0

    assert "Nunca contiene un secreto." in Path("mio.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("lang", "word"), [("en", "subject file"), ("es", "archivo del servicio")])
def test_the_help_tells_of_it(istmo: Run, lang: str, word: str) -> None:
    done = istmo("check", "--help", "--lang", lang)

    assert done.code == 0
    for option in ("--mode", "--beyond", "--subject", "--init"):
        assert option in done.out
    assert word in " ".join(done.out.split())


def test_the_file_that_lies_here_says_what_is_judged(istmo: Run) -> None:
    Path("istmo.toml").write_text(SUBJECT, encoding="utf-8")

    istmo("check", "--select", ONE)

    told = header()
    assert told["target"]["address"] == APP
    assert (told["stage"], told["claimedStage"]) == (2, 5)
    assert told["subject"]["name"] == "Registro"
    assert told["subject"]["file"] == "istmo.toml"
    assert told["subject"]["overridden"] == []
    assert report()["stage"]["judged"] == 2


def test_what_is_typed_wins_over_the_file_and_the_evidence_says_so(istmo: Run) -> None:
    Path("istmo.toml").write_text(SUBJECT, encoding="utf-8")

    istmo("check", "--app", APP, "--stage", "1", "--mode", "read", "--select", ONE)

    told = header()
    assert (told["stage"], told["mode"]) == (1, "read")
    assert told["subject"]["overridden"] == ["app", "stage"]


def test_a_file_of_another_service_is_refused() -> None:
    typed = check.Words("https://a.example", None, None, "civil-certificates", None)

    with pytest.raises(KitError) as caught:
        check.completed(typed, SubjectFile("vat"))

    assert caught.value.code == "wrong-use"


def test_the_reference_is_judged_without_the_file_of_another_service(istmo: Run) -> None:
    Path("istmo.toml").write_text("not TOML at all", encoding="utf-8")

    done = istmo("check", "--reference", "civil_certificates", "--select", "no-such", "--output", "r")

    assert "subject" not in done.err


def test_a_file_that_is_not_in_order_stops_before_anything_is_judged(istmo: Run) -> None:
    Path("istmo.toml").write_text(SUBJECT + "stag = 1\n", encoding="utf-8")

    done = istmo("check")

    assert done.code == 2
    assert "istmo.toml:6: subject.stag" in done.err
    assert "hint: " in done.err
    assert not Path("reports").exists()


def test_what_is_lacking_is_one_line_each_before_the_run(istmo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ISTMO_TEST_EVA", raising=False)
    monkeypatch.setenv("ISTMO_TEST_ANA", "a.b.c")
    tokens = '[tokens]\nkind = "static"\n[personas.ana]\ntoken_env = "ISTMO_TEST_ANA"\n'
    Path("istmo.toml").write_text(f'{SUBJECT}{tokens}[personas.eva]\ntoken_env = "ISTMO_TEST_EVA"\n', encoding="utf-8")

    done = istmo("check", "--select", ONE)

    lines = [line for line in done.err.splitlines() if "ISTMO_TEST_EVA" in line]
    assert len(lines) == 1
    assert "waiting for it" in lines[0]
    assert "ISTMO_TEST_ANA" not in done.err


def day(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("name", "days", "code", "said"),
    [
        ("common/api-version", 5, 1, "not needed any more (the requirement does not fail)"),
        ("common/api-version", -5, 1, "expired on"),
        ("common/role-required", 5, 3, "nobody knows whether it is still needed"),
    ],
)
def test_a_waiver_is_told_and_a_refused_one_fails(istmo: Run, name: str, days: int, code: int, said: str) -> None:
    waiver = f'[[waivers]]\nrequirement = "{name}"\nreason = "The gateway."\nowner = "Ops"\nexpires = {day(days)}\n'
    Path("istmo.toml").write_text(SUBJECT.replace("stage = 2", "stage = 5") + waiver.replace("way.", "way does it."),
                                  encoding="utf-8")  # fmt: skip

    done = istmo("check", "--select", ONE)

    assert done.code == code
    assert said in done.out


def waived(*, standing: str = "valid") -> list[Record]:
    """A run in which one requirement passed, and another failed and is waived."""
    expires = {"valid": "2027-06-30", "expired": "2027-01-01"}[standing]
    names = ["civil_certificates/reveals-least", "civil_certificates/fine"]
    cases = [case("reveals", [names[0]], "fail", "it reveals"), case("fine", [names[1]])]
    records = evidence_of(cases, [requirement(name) for name in names], [])
    records[0]["waivers"] = [{"requirement": names[0], "reason": "The gateway.", "owner": "Ops", "expires": expires,
                              "link": ""}]  # fmt: skip
    return records


def test_conformant_with_waivers_never_looks_like_conformant(istmo: Run, tmp_path: Path) -> None:
    path = written(waived(), tmp_path)
    document = load(path)

    done = istmo("report", "show", str(path))

    assert (done.code, document["verdict"], document["exitCode"]) == (0, "conformant-with-waivers", 0)
    assert "CONFORMANT WITH WAIVERS" in done.out
    assert "let stand until 2027-06-30 by Ops: The gateway." in done.out
    assert document["stage"]["observed"] == 0
    assert "waivers: 1" in badge.render(document, "en")
    assert "conforme con dispensas" in badge.render(document, "es")
    root = ET.fromstring(junit.render(document))
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    assert [one.get("value") for one in root.iter("property") if one.get("name") == "waivers"] == ["1"]
    page = html.render(document, "en")
    assert page.count("let stand until 2027-06-30 by Ops: The gateway.") == 1
    assert "but for 1 requirements that were waived" in page


def test_a_refused_waiver_is_a_failure_for_a_build_server(tmp_path: Path) -> None:
    document = load(written(waived(standing="expired"), tmp_path))

    root = ET.fromstring(junit.render(document))

    assert document["verdict"] == "not-conformant"
    assert root.get("failures") == "2"


def first_format(records: list[Record]) -> Any:
    """A report as the first format told it."""
    from istmo_conformance.report import build

    document = build(records).document
    for name in ("mode", "subject", "waivers", "causes", "leftBehind"):
        del document[name]
    for name in ("states", "claimedButFails", "worksButNotClaimed"):
        del document["stage"][name]
    words = {"not-testable": "not-run", "not-claimed": "not-run"}
    for one in document["requirements"]:
        del one["needs"], one["seen"]
        one["verdict"] = "not-run" if one["reason"] == "not-observable" else words.get(one["verdict"], one["verdict"])
    counts = ("pass", "fail", "warn", "skip", "not-run", "error")
    verdicts = [one["verdict"] for one in document["requirements"]]
    document["counts"]["requirements"] = {word: verdicts.count(word) for word in counts}
    return {**document, "format": "istmo-report/1"}


def test_a_report_of_the_first_format_is_still_read(istmo: Run, records: list[Record], tmp_path: Path) -> None:
    unseen = {**requirement("civil_certificates/unseen"), "observable": "local"}
    above = requirement("civil_certificates/above", stage=5)
    records[0]["requirements"] += [unseen, above]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(first_format(records)), encoding="utf-8")

    document = load(path)

    found = {one["id"].partition("/")[2]: one["verdict"] for one in document["requirements"]}
    assert found == {"reveals-least": "fail", "correlation": "fail", "revoked": "not-testable", "fine": "pass",
                     "unseen": "skip", "above": "not-claimed"}  # fmt: skip
    assert document["counts"]["requirements"]["not-testable"] == 1
    for form in ("html", "junit", "badge"):
        assert istmo("report", form, str(path), "--output", str(tmp_path / form)).code == 0
    assert istmo("report", "show", str(path)).code == 1
