"""The suite on a national service: what a country may add is conformant, what it may not is found."""

from __future__ import annotations

from tests import nation
from tests.wrong_services import _judge

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
