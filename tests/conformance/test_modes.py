"""How far a run goes: what a scenario needs follows from its sentences, and a run does no more than it may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import istmo_conformance.steps  # noqa: F401  # fills the table of sentences
from istmo.errors import KitError, Undecided
from istmo.paths import data
from istmo.spec import spec
from istmo_conformance import needs
from istmo_conformance.asgi import AsgiClient
from istmo_conformance.causes import Blocked
from istmo_conformance.client import Request
from istmo_conformance.guard import SAFE, Guarded
from istmo_conformance.modes import Mode, most
from istmo_conformance.needs import Scope, of_scenario
from istmo_conformance.runner import agree, mode_of
from istmo_conformance.subject_file import SubjectFile
from istmo_conformance.target import Subject
from istmo_conformance.vocabulary import KINDS, TABLE, recognise, sentence
from istmo_conformance.waivers import Waiver
from tests.conformance.conftest import Judge
from tests.conformance.standin import SLUG, Standin

REAL = data("conformance") / "features"
CIVIL = spec(SLUG)
READ, WRITE, FULL = Mode.READ, Mode.WRITE, Mode.FULL


def need(*steps: str, charges: bool = False) -> Mode:
    kinds = {"Given": "given", "When": "when", "Then": "then"}
    pairs = [(kinds[word], text) for word, _, text in (step.partition(" ") for step in steps)]
    assert all(recognise(kind, text) is not None for kind, text in pairs), pairs
    return of_scenario(Scope(CIVIL, charges), pairs).mode


FRESH = "Given the sandbox starts afresh at 09:00 on 2027-03-15"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["When nobody calls getServiceDescription", "Then the answer is 200"], READ),
        ([FRESH, "When nobody calls each public reading operation"], READ),
        (["When ana calls getRequest for an unknown one"], READ),
        (['When nobody sends "GET" to "/fees"'], READ),
        (['When nobody sends "DELETE" to "/stages"'], WRITE),
        (["When ana calls listRequests by a method that it lacks"], WRITE),
        (["When nobody calls verifyCertificate with its verification code"], WRITE),
        (["Given ana has a draft"], WRITE),
        (["Given ana has a draft", "When ana calls withdrawRequest"], WRITE),
        (["Given ana has a draft", "When eva calls approveRequest"], FULL),
        (["When ana calls uploadDocument"], FULL),
        (["When gov calls createSubscription"], WRITE),
        (['Given ana has a case in "in_review"'], WRITE),
        (['Given ana has a case in "completed"'], FULL),
        (['Given ana has a case in "expired"'], FULL),
        (["Given ana holds an issued certificate"], FULL),
        (["When ana calls getRequest with an expired token"], FULL),
        (['When ana calls getRequest with a token made as "alg-none"'], FULL),
        (["When a year passes"], FULL),
        (['When the event "payments.request.paid" arrives'], FULL),
        (['Given the systems that the service needs are "down"'], FULL),
        (["When ana calls listRequests", "Then the answer is 200"], READ),
        (["When ana calls listRequests", 'Then "items" has 1 item'], FULL),
        (["When nobody calls listFees", 'Then "items" has 1 item'], READ),
        (["When nobody reads all pages of listFees, 10 at a time"], READ),
        (["When ana reads all pages of listRequests, 10 at a time"], FULL),
        (["When nobody calls getStages 11 times", "Then exactly 1 answer is 429"], FULL),
        (["When nobody calls getStages", 'Then "/since" is "2027-03-15"'], FULL),
        ([FRESH, "When ana calls createMandate"], FULL),
        (["Cuando nadie llama a getServiceDescription"], READ),
    ],
)  # fmt: skip
def test_what_a_scenario_needs_follows_from_its_sentences(steps: list[str], expected: Mode) -> None:
    words = {"Cuando": "When"}

    assert need(*(f"{words.get(one.split()[0], one.split()[0])} {one.partition(' ')[2]}" for one in steps)) is expected


def test_a_case_that_costs_something_is_paid_in_a_sandbox_only() -> None:
    assert need('Given ana has a case in "in_review"', charges=True) is FULL
    assert need("Given ana has a draft", charges=True) is WRITE


def test_the_people_who_act_are_known_before() -> None:
    steps = [("given", 'ana has a case in "approved"'), ("when", "someone entitled calls revokeCertificate"),
             ("then", "the answer reveals nothing of bruno")]  # fmt: skip

    assert of_scenario(Scope(CIVIL), steps).personas == {"ana", "eva"}


def test_a_sentence_that_does_not_say_what_it_needs_needs_everything() -> None:
    before = len(TABLE)
    try:
        for kind in KINDS:
            sentence(kind, en=f"an odd {kind}", es=f"un raro {kind}")(need_nothing)
        assert [one.needs for one in TABLE[before:]] == [FULL, FULL, READ]
    finally:
        del TABLE[before:]
        recognise.cache_clear()


def need_nothing(_: object) -> None:
    """Do nothing."""


def test_modes_are_ordered() -> None:
    assert most([READ, FULL, WRITE]) is FULL
    assert most([]) is READ
    assert [[one.allows(other) for other in Mode] for one in Mode] == [
        [True, False, False], [True, True, False], [True, True, True],
    ]  # fmt: skip


def test_no_feature_says_by_hand_what_follows_from_its_sentences() -> None:
    wrong = [path.name for path in REAL.rglob("*.feature") if "@production" in path.read_text(encoding="utf-8")]

    assert wrong == []


def test_every_mode_has_scenarios_and_every_requirement_of_one_a_need() -> None:
    planned = list(needs.survey(REAL, CIVIL))

    assert {one.needs.mode for one in planned} == set(Mode)
    assert set(needs.by_requirement(planned)) == {name for one in planned for name in one.requirements}


class Spy(Standin):
    """Takes note of what reaches it."""

    def __init__(self, environment: str) -> None:
        super().__init__()
        self.environment = environment
        self.calls: list[tuple[str, str]] = []

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Any:
        self.calls.append((method, path))
        return super().answer(method, path, query, headers, body)


def test_a_read_only_run_of_the_real_features_changes_nothing(judge: Judge) -> None:
    service = Spy("sandbox")

    report = judge(service, features=REAL, mode=READ)

    written = [(method, path) for method, path in service.calls if method not in SAFE]
    assert set(written) <= {("POST", "/_sandbox/tokens")}
    assert any("/civil-certificates/" in path for _, path in service.calls)
    assert report.document["mode"] == "read"
    assert {one["needs"] for one in report.document["scenarios"] if one["verdict"] == "pass"} == {"read"}
    assert report.document["counts"]["scenarios"]["error"] == 0


def test_a_run_that_writes_puts_away_what_it_made_and_never_touches_the_sandbox(judge: Judge) -> None:
    service = Spy("sandbox")

    report = judge(service, features=REAL, mode=WRITE)

    assert {path for _, path in service.calls if path.startswith("/_sandbox")} == {"/_sandbox/tokens"}
    assert service.cases
    left = {one["id"] for one in report.document["leftBehind"]}
    standing = {case["doc"]["id"] for case in service.cases.values()
                if case["doc"]["status"] not in {"discarded", "withdrawn"}}  # fmt: skip
    assert standing <= left


class Clinging(Spy):
    """Lets nobody discard anything."""

    def route(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Any:
        if path.endswith(("/discard", "/withdraw")):
            return 500, [], {}
        return super().route(method, path, query, headers, body)


def test_what_cannot_be_put_away_is_told_and_fails_nobody(judge: Judge, tmp_path: Path) -> None:
    folder = tmp_path / "features" / "common"
    folder.mkdir(parents=True)
    feature = (
        "@stage-3\nFeature: Drafts\n  @req-common/others-see-nothing\n  Scenario: A draft\n"
        "    Given ana has a draft\n    When ana calls getRequest\n    Then the answer is 200\n"
    )
    (folder / "drafts.feature").write_text(feature, encoding="utf-8")

    tidy = judge(Spy("sandbox"), features=folder.parent, mode=WRITE)
    clinging = judge(Clinging("sandbox"), features=folder.parent, mode=WRITE)

    assert tidy.document["leftBehind"] == []
    (left,) = clinging.document["leftBehind"]
    assert (left["operation"], left["why"]) == ("createRequest", "discardRequest answers 500")
    assert [one["verdict"] for one in clinging.document["scenarios"]] == ["pass"]
    assert {one["verdict"] for one in clinging.document["requirements"]} & {"fail"} == set()


def test_production_is_read_and_what_stays_unproven_is_told(judge: Judge) -> None:
    service = Spy("production")

    report = judge(service, features=REAL, mode=None)

    assert report.document["mode"] == "read"
    assert [one for one in service.calls if one[0] not in SAFE] == []
    unproven = [one for one in report.document["requirements"] if one["verdict"] == "not-testable"]
    assert {"needs-write", "needs-full"} <= {one["reason"] for one in unproven}
    assert {one["name"] for one in report.document["causes"] if one["kind"] == "mode"} == {"write", "full"}


def subject(environment: str, country: str = "XX") -> Subject:
    return Subject(country, "Tests", environment, "1.0.0", "", 5, ("en",), {})


@pytest.mark.parametrize(
    ("environment", "asked", "filed", "expected"),
    [
        ("sandbox", None, None, FULL), ("sandbox", READ, FULL, READ), ("sandbox", None, WRITE, WRITE),
        ("production", None, None, READ), ("production", READ, WRITE, READ), ("production", None, WRITE, WRITE),
        ("production", WRITE, WRITE, WRITE), ("production", WRITE, None, None), ("production", FULL, FULL, None),
        ("production", None, FULL, None), ("", WRITE, None, None),
    ],
)  # fmt: skip
def test_production_is_written_to_only_if_the_file_says_so(
    environment: str, asked: Mode | None, filed: Mode | None, expected: Mode | None
) -> None:
    if expected is not None:
        assert mode_of(asked, filed, subject(environment)) is expected
        return
    with pytest.raises(KitError) as caught:
        mode_of(asked, filed, subject(environment))
    assert caught.value.code == "mode-not-possible"


@pytest.mark.parametrize(("name", "value"), [("country", "HN"), ("environment", "production")])
def test_another_service_than_the_file_describes_is_not_judged(name: str, value: str) -> None:
    agree(SubjectFile(SLUG, country="XX", environment="sandbox"), subject("sandbox"))
    settings = SubjectFile(SLUG, country=value) if name == "country" else SubjectFile(SLUG, environment=value)

    with pytest.raises(Undecided) as caught:
        agree(settings, subject("sandbox"))

    assert caught.value.code == "subject-mismatch"
    assert value in caught.value.message


def test_what_lies_above_the_judged_stage_is_tried_when_asked_and_never_judged(judge: Judge) -> None:
    report = judge(Standin("revoked-valid"), stage=3, beyond=True)

    above = {one["id"]: one for one in report.document["requirements"] if one["stage"] > 3}
    assert {one["verdict"] for one in above.values()} == {"not-claimed"}
    assert above["civil_certificates/revoked-stays-revoked"]["seen"] == "fail"
    assert above["civil_certificates/verification-reveals-least"]["seen"] == "pass"
    assert report.document["counts"]["requirements"]["fail"] == 0
    assert report.document["stage"]["states"]["4"] == "lacking"


def test_a_waiver_is_ruled_by_the_day_on_which_the_run_began(judge: Judge) -> None:
    from datetime import UTC, datetime, timedelta

    today = datetime.now(UTC).date()
    for days, word, code in ((1, "waived", 3), (-2, "fail", 1)):
        waiver = Waiver("common/correlation-id", "The gateway drops it.", "Operations", today + timedelta(days=days))

        report = judge(Standin("correlation"), settings=SubjectFile(SLUG, waivers=(waiver,)))

        found = {one["id"]: one["verdict"] for one in report.document["requirements"]}
        assert found["common/correlation-id"] == word
        assert report.exit_code == code


def test_the_reference_page_is_current() -> None:
    from istmo_conformance import needs_page

    page = Path(__file__).parents[2] / "docs/reference/modes.md"

    assert page.read_text(encoding="utf-8") == needs_page.render(), "run: python -m istmo_conformance.needs_page"


@pytest.mark.parametrize(
    ("mode", "method", "path", "error"),
    [
        (READ, "GET", "/x", None), (READ, "POST", "/_sandbox/tokens", None), (READ, "POST", "/x", KitError),
        (READ, "DELETE", "/x", KitError), (READ, "POST", "/_sandbox/reset", Blocked), (WRITE, "POST", "/x", None),
        (WRITE, "PUT", "/_sandbox/clock", Blocked), (FULL, "PUT", "/_sandbox/clock", None),
        (READ, "GET", "/_sandbox/reset", None),
    ],
)  # fmt: skip
def test_the_door_is_held_to_the_mode_whatever_a_sentence_says(
    mode: Mode, method: str, path: str, error: type[Exception] | None
) -> None:
    service = Spy("sandbox")
    client = Guarded(AsgiClient(service), mode)
    request = Request(method, path, (("Content-Type", "application/json"),), b'{"persona": "ana-citizen", "now": null}')
    try:
        for send in (client.send, lambda one: client.send_many([one])):
            if error is None:
                send(request)
            else:
                with pytest.raises(error):
                    send(request)
    finally:
        client.close()

    assert bool(service.calls) is (error is None)
