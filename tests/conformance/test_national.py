"""The suite on a national service: what a country may add is conformant, what it may not is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import nation
from tests.wrong_services import _judge

DAYS = "services: {civil_certificates: {processingDays: {value: 8, source: a decree, confidence: seen}}}"
DUE = ("--select", "common/deadlines", "--select", "common/description")
SHARE = (
    "common/national", "common/contract", "common/description", "common/stages", "common/forms", "common/quotes",
    "common/case_input", "common/bodies", "common/journey", "civil_certificates/requesting",
    "civil_certificates/certificates",
)  # fmt: skip
NATIONAL = "common/regional-client-accepted"


def judged(app: str, share: tuple[str, ...]) -> _judge.Judged:
    chosen = [word for scenario in share for word in ("--select", scenario)]
    return _judge.check("--app", f"tests.nation:{app}", "--service", nation.SLUG, *chosen)


def test_a_service_with_national_additions_keeps_everything() -> None:
    kept = judged("kept", SHARE)

    assert [row["id"] for row in kept.scenarios("fail", "error", "not-run")] == []
    assert {
        NATIONAL, "common/national-schema-served", "common/served-contract-valid", "common/served-contract-compatible",
        "civil_certificates/entitled-relationships",
    } <= kept.requirements("pass")  # fmt: skip


def test_a_rule_that_asks_everybody_for_national_members_is_found() -> None:
    found = judged("demanding", ("common/national", "common/description", "common/forms", "common/quotes"))

    assert (found.exit_code, found.requirements("fail")) == (1, {NATIONAL})
    assert "common/national-schema-served" in found.requirements("pass")


def test_what_the_served_schema_of_national_forbids_has_to_be_refused() -> None:
    rules = "common/constraints"

    kept, found = judged("kept", (rules,)), judged("unheld", (rules,))

    (created,) = [one["rules"] for one in kept.report["reach"]["operations"] if one["id"] == "createRequest"]
    (unheld,) = [one["rules"] for one in found.report["reach"]["operations"] if one["id"] == "createRequest"]
    assert kept.requirements("fail", "error") == set()
    assert found.requirements("fail", "error") == {"common/constraints-hold"}
    assert created["faults"] == []
    assert any("/national/consulate" in fault for fault in unheld["faults"]), unheld


def judged_by(values: str, folder: Path, app: str) -> _judge.Judged:
    """Judge a service by a subject file that names values of its own."""
    (folder / "values.yaml").write_text(values, encoding="utf-8")
    subject = folder / "istmo.toml"
    subject.write_text(
        f'[subject]\nservice = "{nation.SLUG}"\napp = "tests.nation:{app}"\nprofile = "values.yaml"\n', encoding="utf-8"
    )
    return _judge.check("--subject", str(subject), *DUE)


def test_a_service_is_judged_by_the_values_that_its_country_names(tmp_path: Path) -> None:
    told = judged_by(DAYS, tmp_path, "eight_days")
    untold = _judge.check("--app", "tests.nation:eight_days", "--service", nation.SLUG, *DUE)

    assert told.requirements("fail", "error") == set()
    assert "common/due-date-as-published" in told.requirements("pass")
    assert untold.requirements("fail") == {"common/due-date-as-published"}
    assert told.report["subject"]["values"]["services"]["civil_certificates"]["processingDays"]["value"] == 8


def test_evidence_holds_the_values_so_that_its_verdicts_come_out_again(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(DAYS, encoding="utf-8")
    subject, output, said = tmp_path / "istmo.toml", str(tmp_path / "reports"), str(tmp_path / "said.txt")
    subject.write_text(
        f'[subject]\nservice = "{nation.SLUG}"\napp = "tests.nation:eight_days"\nprofile = "values.yaml"\n',
        encoding="utf-8",
    )
    nursery = _judge.Nursery()

    nursery.ask(arguments=["check", "--subject", str(subject), "--output", output, *DUE], said=said)
    (tmp_path / "values.yaml").unlink()
    nursery.ask(arguments=["report", "verify", f"{output}/bundle.istmo.zip"], said=said)

    told = Path(said).read_text(encoding="utf-8")
    assert re.search(r"recomputed +yes +(\d+) of \1 ", told), told
    nursery.close()


def test_a_service_that_does_not_keep_the_values_that_it_names_is_found(tmp_path: Path) -> None:
    assert judged_by(DAYS, tmp_path, "kept").requirements("fail") == {"common/due-date-as-published"}


@pytest.mark.parametrize("values", ["- a list", "services: [", "services: {civil_certificates: {processingDays: 8}}"])
def test_values_that_are_none_are_refused_before_the_run(values: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="istmo: error"):
        judged_by(values, tmp_path, "kept")
