from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rfc8785
from tests.istmo.runtime.desk import SUBJECTS, Desk, contract, mandate, request

from istmo.errors import KitError
from istmo.runtime.cases import OPEN, STATUSES, TERMINAL, TRANSITIONS, Automatic, possible, transition
from istmo.runtime.work import check_digits

DECISION: dict[str, Any] = {"grounds": [{"code": "other", "text": "Because."}]}
BODIES: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("reject", "uphold", "overturn"), DECISION),
    "request-information": {},
    "return": {},
}
WHO = {"owner": "ana", "officer": "eva", "supervisor": "fito", "system": "gov"}
# How a case comes to each status: (who, action) in order.
WAYS: dict[str, list[tuple[str, str]]] = {
    "draft": [],
    "submitted": [("ana", "submit")],
    "in_review": [("ana", "submit"), ("eva", "accept")],
    "awaiting_applicant": [("ana", "submit"), ("eva", "return")],
    "approved": [("ana", "submit"), ("eva", "accept"), ("eva", "approve")],
    "rejected": [("ana", "submit"), ("eva", "accept"), ("eva", "reject")],
    "under_appeal": [("ana", "submit"), ("eva", "accept"), ("eva", "reject"), ("ana", "appeal")],
    "completed": [("ana", "submit"), ("eva", "accept"), ("eva", "approve"), ("eva", "issue")],
    "rejected_final": [
        ("ana", "submit"), ("eva", "accept"), ("eva", "reject"), ("ana", "appeal"), ("fito", "uphold"),
    ],
    "withdrawn": [("ana", "submit"), ("ana", "withdraw")],
}  # fmt: skip
ACTIONS = [row.action for row in TRANSITIONS if row.served]


@pytest.fixture(scope="module")
def shared(engine: str) -> Iterator[Desk]:  # noqa: ARG001 - made anew for each engine
    found = Desk()
    yield found
    found.close()


def walk(desk: Desk, status: str) -> dict[str, Any]:
    case = desk.draft()
    for who, action in WAYS[status]:
        case = desk.done(who, case, action, BODIES.get(action))
    assert case["status"] == status
    return case


# ---------------------------------------------------------------------- the table


def test_the_table_is_the_one_of_the_standard() -> None:
    stated = """
        draft submit owner submitted | draft discard owner discarded | draft expire system expired
        submitted accept officer in_review | submitted accept system in_review
        submitted return officer awaiting_applicant | submitted withdraw owner withdrawn
        in_review request-information officer awaiting_applicant | in_review withdraw owner withdrawn
        in_review approve officer approved | in_review approve system approved
        in_review reject officer rejected | in_review reject system rejected
        awaiting_applicant respond owner in_review | awaiting_applicant withdraw owner withdrawn
        awaiting_applicant expire system expired
        approved issue officer completed | approved issue system completed
        rejected appeal owner under_appeal
        under_appeal uphold supervisor rejected_final | under_appeal overturn supervisor approved
    """
    lines = {tuple(line.split()) for line in stated.replace("\n", "|").split("|") if line.strip()}
    rows = {(o, row.action, role, row.target) for row in TRANSITIONS for o in row.origins for role in row.roles}
    assert rows == lines
    assert set(TERMINAL) == {"completed", "rejected_final", "withdrawn", "expired", "discarded"}
    assert OPEN.isdisjoint(TERMINAL)


def test_every_status_can_be_reached_and_left_unless_it_is_final() -> None:
    reached = {"draft"}
    for _ in STATUSES:
        reached |= {row.target for row in TRANSITIONS if row.origins & reached}
    assert reached == STATUSES
    for status in STATUSES:
        assert bool(possible(status, WHO)) == (status not in TERMINAL)


@pytest.mark.parametrize(("status", "action", "role"), list(itertools.product(sorted(WAYS), ACTIONS, list(WHO))))
def test_each_role_takes_in_each_status_exactly_the_actions_of_the_table(
    shared: Desk, status: str, action: str, role: str
) -> None:
    case = walk(shared, status)
    answer = shared.act(WHO[role], case, action, BODIES.get(action))
    row = transition(action, status)
    # The supervisor of the cast is an officer, too; the system of another institution has no endpoint.
    roles = {"supervisor": {"officer", "supervisor"}}.get(role, {role}) - {"system"}
    if row is not None and row.roles & roles:
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == row.target
        return
    assert answer.status_code in {403, 404, 409}, answer.text
    if answer.status_code == 409:
        problem = answer.json()
        assert problem["code"] == "illegal-transition"
        assert problem["currentStatus"] == status
        known = desk_actions(shared, WHO[role], case)
        assert problem["allowedActions"] == known
    now = shared.get("ana", case).json()
    assert now["status"] == status
    assert now["statusHistory"] == case["statusHistory"]


def desk_actions(desk: Desk, who: str, case: dict[str, Any]) -> list[str]:
    seen = desk.get(who, case)
    if seen.status_code != 200:  # a supervisor's token reads through its officer scope; nobody else gets here
        return []
    return [one["name"] for one in seen.json()["availableActions"] if "blockedBy" not in one]


@pytest.mark.parametrize("status", sorted(WAYS))
@pytest.mark.parametrize("who", ["ana", "eva", "fito"])
def test_what_is_on_offer_works_and_what_is_not_on_offer_does_not(shared: Desk, status: str, who: str) -> None:
    case = walk(shared, status)
    seen = shared.get(who, case)
    if seen.status_code == 404:
        assert status == "draft"
        return
    offered = {one["name"]: one for one in seen.json()["availableActions"]}
    for action in ACTIONS:
        fresh = walk(shared, status)
        answer = shared.act(who, fresh, action, BODIES.get(action))
        assert (answer.status_code == 200) == (action in offered), (action, answer.text)
    for one in offered.values():
        assert one["href"].startswith(f"/civil-certificates/v1/requests/{case['id']}")
        assert one["requiredScope"].startswith("civil-certificates:")


# ---------------------------------------------------------------------- drafts


def test_a_draft_is_created_with_all_that_the_standard_shows(desk: Desk) -> None:
    answer = desk.ask("ana", "POST", "/requests", request())
    case = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"].endswith(f"/requests/{case['id']}")
    assert answer.headers["etag"] == '"1"'
    assert case["applicant"]["id"] == SUBJECTS["ana"]
    head, digits = case["reference"].rsplit("-", 1)
    assert check_digits(head) == digits
    assert head.startswith("XX-CIV-")
    assert [one["name"] for one in case["availableActions"]] == ["submit", "discard", "replace"]
    assert case["holds"] == case["outputs"] == case["fees"] == []
    assert case["late"] is False


def test_only_a_draft_is_replaced_and_only_what_its_owner_wrote(desk: Desk) -> None:
    case = desk.draft(body=request(purpose="School", national={"a": 1}))
    path = f"/requests/{case['id']}"
    answer = desk.ask("ana", "PUT", path, request(copies=3), headers={"If-Match": '"1"'})
    changed = answer.json()
    assert answer.status_code == 200
    assert changed["copies"] == 3
    assert "purpose" not in changed
    assert "national" not in changed
    same = ("id", "reference", "statusHistory", "createdAt", "channel", "type", "applicant")
    assert {name: changed[name] for name in same} == {name: case[name] for name in same}
    assert desk.ask("ana", "PUT", path, request(), headers={"If-Match": '"1"'}).status_code == 412
    desk.done("ana", case, "submit")
    refused = desk.ask("ana", "PUT", path, request(), headers={"If-Match": '"3"'})
    assert refused.status_code == 409
    assert refused.json()["currentStatus"] == "submitted"
    assert refused.json()["allowedActions"] == ["withdraw"]


def test_a_case_of_somebody_else_does_not_exist(desk: Desk) -> None:
    case = desk.draft()
    assert desk.get("bruno", case).status_code == 404
    assert desk.act("bruno", case, "submit").status_code == 404
    assert desk.get("eva", case).status_code == 404, "a draft is shown to its owner only"
    desk.done("ana", case, "submit")
    assert desk.get("eva", case).status_code == 200
    assert desk.get("bruno", case).status_code == 404


def test_a_discarded_draft_is_gone_with_its_documents(desk: Desk) -> None:
    file = desk.upload().json()["id"]
    shared = desk.upload().json()["id"]
    case = desk.draft(body=request(documents=[file, shared]))
    other = desk.draft(body=request(documents=[shared]))
    gone = desk.done("ana", case, "discard")
    assert gone["status"] == "discarded"
    assert gone["availableActions"] == []
    assert desk.get("ana", case).json()["code"] == "gone"
    assert desk.act("ana", case, "submit").status_code == 410
    assert desk.get("bruno", case).status_code == 404
    assert desk.get("eva", case).status_code == 404
    assert desk.ask("ana", "GET", f"/documents/{file}").status_code == 410
    assert desk.ask("ana", "GET", f"/documents/{file}/content").status_code == 410
    assert desk.ask("bruno", "GET", f"/documents/{file}").status_code == 404
    assert desk.ask("ana", "GET", f"/documents/{shared}/content").status_code == 200, "another draft uses it"
    listed = desk.ask("ana", "GET", "/requests").json()["items"]
    assert [one["id"] for one in listed] == [other["id"]]


# ---------------------------------------------------------------------- submission


def test_a_submission_is_confirmed_with_the_digest_of_what_was_sent_last(desk: Desk) -> None:
    case = desk.draft()
    sent = request(copies=2, purpose="Ñandú ʼkʼan")
    desk.ask("ana", "PUT", f"/requests/{case['id']}", sent, headers={"If-Match": '"1"'})
    case = desk.done("ana", case, "submit")
    assert case["receipt"]["payloadDigest"] == hashlib.sha256(rfc8785.dumps(sent)).hexdigest()
    assert case["receipt"]["caseReference"] == case["reference"]


def test_the_decision_is_due_at_the_end_of_the_last_working_day(desk: Desk) -> None:
    desk.clock("2027-03-15T15:00:00Z")  # a Monday; 19 March is a holiday
    case = desk.done("ana", desk.draft(), "submit")
    assert case["dueBy"] == "2027-03-24T05:59:59Z"
    desk.done("eva", case, "accept")
    desk.clock("2027-03-24T05:59:00Z")
    assert desk.get("ana", case).json()["late"] is False
    desk.clock("2027-03-24T06:00:01Z")
    assert desk.get("ana", case).json()["late"] is True
    decided = desk.done("eva", case, "reject", DECISION)
    assert decided["late"] is True
    assert decided["decision"]["decidedBy"] == "officer"


def test_a_decision_in_time_stays_in_time(desk: Desk) -> None:
    desk.clock("2027-03-15T15:00:00Z")
    case = walk(desk, "approved")
    assert case["decision"] == {
        "outcome": "approved",
        "grounds": [{"code": "requirements-met", "text": "Se cumplen los requisitos"}],
        "decidedAt": case["decision"]["decidedAt"],
        "decidedBy": "officer",
    }
    desk.clock("2027-06-01T15:00:00Z")
    assert desk.get("ana", case).json()["late"] is False


def test_conditions_make_an_approval_conditional(desk: Desk) -> None:
    case = walk(desk, "in_review")
    approved = desk.done("eva", case, "approve", {**DECISION, "conditions": ["Bring the old one."]})
    assert approved["decision"]["outcome"] == "approved-with-conditions"


def test_an_appeal_is_possible_until_its_last_second(desk: Desk) -> None:
    desk.clock("2027-03-16T16:30:00Z")
    first, second = walk(desk, "rejected"), walk(desk, "rejected")
    assert first["decision"]["appealUntil"] == "2027-04-08T05:59:59Z"
    desk.clock("2027-04-08T05:59:50Z")
    assert [one["name"] for one in desk.get("ana", first).json()["availableActions"]] == ["appeal"]
    desk.done("ana", first, "appeal", {"reason": "I was there."})
    desk.clock("2027-04-08T06:00:01Z")
    refused = desk.act("ana", second, "appeal").json()
    assert refused["code"] == "illegal-transition"
    assert refused["allowedActions"] == []
    assert desk.get("ana", second).json()["availableActions"] == []


def test_a_supervisor_overturns_and_the_case_goes_on(desk: Desk) -> None:
    case = walk(desk, "under_appeal")
    assert desk.act("eva", case, "overturn", DECISION).status_code == 403
    case = desk.done("fito", case, "overturn", DECISION)
    assert case["decision"]["outcome"] == "approved"
    assert case["decision"]["decidedBy"] == "supervisor"
    assert "appealUntil" not in case["decision"]
    assert desk.done("eva", case, "issue")["status"] == "completed"


def test_the_reason_of_an_action_stands_in_the_history(desk: Desk) -> None:
    case = desk.done("ana", desk.draft(), "submit")
    case = desk.done("eva", case, "return", {"reason": "Which office?"})
    file = desk.upload().json()["id"]
    case = desk.done("ana", case, "respond", {"reason": "The one in the north.", "documents": [file]})
    assert [one.get("reason") for one in case["statusHistory"]] == [
        None, None, "Which office?", "The one in the north.",
    ]  # fmt: skip
    assert [one["byRole"] for one in case["statusHistory"]] == ["owner", "owner", "officer", "owner"]
    assert case["documents"] == [file]


# ---------------------------------------------------------------------- holds and fees


def test_an_unpaid_fee_blocks_what_it_holds_until_it_is_paid(desk: Desk) -> None:
    desk.room.lines = [{"code": "CIV-CERT", "quantity": 2}]
    case = walk(desk, "approved")
    assert [(one["code"], one["amount"]["amount"]) for one in case["fees"]] == [("CIV-CERT", "20.00")]
    assert len(case["paymentRequestIds"]) == 1
    offered = desk.get("eva", case).json()["availableActions"]
    assert offered[0]["name"] == "issue"
    assert offered[0]["blockedBy"] == ["fee-unpaid"]
    refused = desk.act("eva", case, "issue")
    assert (refused.status_code, refused.json()["code"]) == (409, "hold-active")
    assert refused.json()["holds"] == ["fee-unpaid"]
    assert desk.pay(case).status_code == 202
    assert desk.get("eva", case).json()["holds"] == []
    assert desk.done("eva", case, "issue")["status"] == "completed"


def test_a_payment_of_something_else_releases_nothing(desk: Desk) -> None:
    desk.room.lines = [{"code": "CIV-CERT", "quantity": 1}]
    case = walk(desk, "approved")
    data = {"caseReference": case["reference"], "paymentRequestId": "00000000-0000-4000-8000-000000000000"}
    assert desk.event("payments.request.paid", data).status_code == 202
    desk.event("payments.request.paid", {"caseReference": "XX-CIV-2027-99999999-00"})
    desk.event("payments.request.paid", {"caseReference": 7})
    assert desk.get("ana", case).json()["holds"][0]["code"] == "fee-unpaid"


def test_a_quote_holds_its_price_and_is_about_the_same_thing(desk: Desk) -> None:
    desk.room.lines = [{"code": "CIV-CERT", "quantity": 2}]
    quote = desk.ask(None, "POST", "/fee-quotes", {"lines": [{"code": "CIV-CERT", "quantity": 2}]}).json()
    other = desk.ask(None, "POST", "/fee-quotes", {"lines": [{"code": "CIV-CERT", "quantity": 1}]}).json()
    case = desk.draft()
    refused = desk.act("ana", case, "submit", {"feeQuoteId": other["quoteId"]})
    assert (refused.status_code, refused.json()["ruleId"]) == (422, "common/bill-equals-quote")
    refused = desk.act("ana", case, "submit", {"feeQuoteId": "q-unknown-unknown"})
    assert refused.json()["errors"][0]["pointer"] == "/feeQuoteId"
    case = desk.done("ana", case, "submit", {"feeQuoteId": quote["quoteId"]})
    assert case["feeQuoteId"] == quote["quoteId"]
    assert [one["amount"] for one in case["fees"]] == [one["amount"] for one in quote["lines"]]


def test_a_quote_past_its_end_is_refused(desk: Desk) -> None:
    desk.clock("2027-03-15T15:00:00Z")
    quote = desk.ask(None, "POST", "/fee-quotes", {"lines": [{"code": "CIV-CERT", "quantity": 1}]}).json()
    case = desk.draft(body=request(feeQuoteId=quote["quoteId"]))
    desk.clock("2027-03-23T06:00:00Z")
    refused = desk.act("ana", case, "submit")
    assert (refused.status_code, refused.json()["ruleId"]) == (422, "common/expired-quote")


# ---------------------------------------------------------------------- the system


def test_the_system_walks_as_far_as_the_room_says(desk: Desk) -> None:
    desk.room.next = [Automatic("accept"), Automatic("approve"), Automatic("issue")]
    output = {"type": "certificate", "id": SUBJECTS["gov"], "href": "/x"}
    desk.room.outputs = [output]
    case = desk.done("ana", desk.draft(), "submit")
    assert case["status"] == "completed"
    assert [one["byRole"] for one in case["statusHistory"]] == ["owner", "owner", "system", "system", "system"]
    assert case["outputs"] == [output]


def test_the_system_waits_for_a_payment_and_then_goes_on(desk: Desk) -> None:
    desk.room.lines = [{"code": "CIV-CERT", "quantity": 1}]
    desk.room.next = [Automatic("accept"), Automatic("approve"), Automatic("issue")]
    case = desk.done("ana", desk.draft(), "submit")
    assert case["status"] == "approved"
    desk.pay(case)
    assert desk.get("ana", case).json()["status"] == "completed"


def test_a_rejection_by_the_system_states_its_grounds(desk: Desk) -> None:
    ground = {"code": "no-record", "text": "Nothing found."}
    desk.room.next = [Automatic("accept"), Automatic("reject", [ground])]
    case = desk.done("ana", desk.draft(), "submit")
    assert case["decision"]["grounds"] == [ground]
    assert case["decision"]["decidedBy"] == "system"
    assert "appealUntil" in case["decision"]


@pytest.mark.parametrize(("mode", "status"), [("down", 503), ("slow", 504), ("error", 502)])
def test_nothing_is_half_done_when_a_needed_system_fails(desk: Desk, mode: str, status: int) -> None:
    case = desk.draft()
    desk.call("PUT", "/_sandbox/faults", json={"upstream": "register", "mode": mode})
    refused = desk.act("ana", case, "submit")
    assert refused.status_code == status
    assert ("retry-after" in refused.headers) == (status == 503)
    assert desk.get("ana", case).json()["status"] == "draft"
    desk.call("PUT", "/_sandbox/faults", json={"upstream": "register", "mode": "none"})
    assert desk.done("ana", case, "submit")["status"] == "submitted"


def test_a_rule_of_the_room_refuses_and_is_not_offered(desk: Desk) -> None:
    desk.room.refused = {"withdraw"}
    case = desk.done("ana", desk.draft(), "submit")
    assert case["availableActions"] == []
    assert desk.act("ana", case, "withdraw").json()["code"] == "conflict"


def test_a_twin_is_refused_while_the_first_is_open(desk: Desk) -> None:
    desk.room.twins = True
    first = desk.done("ana", desk.draft(), "submit")
    second = desk.draft()
    assert desk.act("ana", second, "submit").json()["code"] == "duplicate"
    desk.done("ana", first, "withdraw")
    assert desk.done("ana", second, "submit")["status"] == "submitted"


def test_a_room_that_asks_for_the_impossible_is_a_fault_of_the_kit(desk: Desk) -> None:
    desk.room.next = [Automatic("issue")] * 2  # a unit that fails may run once more
    assert desk.act("ana", desk.draft(), "submit").status_code == 500


# ---------------------------------------------------------------------- time


def test_a_draft_lives_thirty_days_from_its_last_change(desk: Desk) -> None:
    desk.clock("2027-03-01T12:00:00Z")
    idle, busy = desk.draft(), desk.draft()
    desk.clock("2027-03-20T12:00:00Z")
    desk.ask("ana", "PUT", f"/requests/{busy['id']}", request(), headers={"If-Match": '"1"'})
    desk.clock("2027-03-31T11:59:00Z")
    assert desk.get("ana", idle).json()["status"] == "draft"
    desk.clock("2027-03-31T12:00:05Z")
    ended = desk.get("ana", idle).json()
    assert ended["status"] == "expired"
    assert ended["availableActions"] == []
    assert ended["statusHistory"][-1]["byRole"] == "system"
    assert desk.act("ana", idle, "submit").json()["currentStatus"] == "expired"
    assert desk.get("ana", busy).json()["status"] == "draft"


def test_an_unanswered_question_ends_the_case(desk: Desk) -> None:
    desk.clock("2027-03-01T15:00:00Z")
    case = walk(desk, "awaiting_applicant")
    desk.clock("2027-06-01T15:00:00Z")
    listed = desk.ask("eva", "GET", "/requests?status=expired").json()["items"]
    assert [one["id"] for one in listed] == [case["id"]]
    assert desk.ask("eva", "GET", "/requests?status=awaiting_applicant").json()["items"] == []
    assert desk.act("ana", case, "respond").json()["currentStatus"] == "expired"


def test_time_ends_cases_also_when_nobody_moved_the_clock_by_hand(desk: Desk) -> None:
    case = walk(desk, "awaiting_applicant")
    desk.app.state.istmo.clock.move(datetime.now(UTC) + timedelta(days=90))
    desk.tokens.clear()
    listed = desk.ask("ana", "GET", "/requests?status=expired").json()["items"]
    assert [one["id"] for one in listed] == [case["id"]]
    assert desk.get("ana", case).json()["statusHistory"][-1]["status"] == "expired"


def test_a_clock_that_goes_back_leaves_the_history_in_order(desk: Desk) -> None:
    desk.clock("2027-03-15T15:00:00Z")
    case = desk.done("ana", desk.draft(), "submit")
    desk.clock("2027-03-01T15:00:00Z")
    case = desk.done("eva", case, "accept")
    times = [one["at"] for one in case["statusHistory"]]
    assert times == sorted(times)


# ---------------------------------------------------------------------- lists


def test_officers_see_the_queue_and_owners_their_own(desk: Desk) -> None:
    own = desk.draft()
    sent = desk.done("ana", desk.draft(), "submit")
    bruno = desk.done("bruno", desk.draft("bruno"), "submit")

    def names(who: str, query: str = "") -> list[str]:
        return [one["id"] for one in desk.ask(who, "GET", f"/requests{query}").json()["items"]]

    assert names("eva") == [sent["id"], bruno["id"]]
    assert names("ana") == [own["id"], sent["id"]]
    assert names("ana", "?status=draft") == [own["id"]]
    assert names("eva", "?status=draft") == []
    first = desk.ask("eva", "GET", "/requests?limit=1").json()
    second = desk.ask("eva", "GET", f"/requests?limit=1&cursor={first['page']['nextCursor']}").json()
    assert [one["id"] for one in first["items"] + second["items"]] == [sent["id"], bruno["id"]]
    assert "nextCursor" not in second["page"]


def test_a_read_by_an_officer_stands_in_the_access_log_of_the_applicant(desk: Desk) -> None:
    case = desk.done("ana", desk.draft(), "submit")
    desk.get("eva", case)
    desk.get("ana", case)
    entries = desk.do(desk.context.reader.accesses(SUBJECTS["ana"]))
    assert [(one["actor"], one["id"]) for _, one in entries] == [(SUBJECTS["eva"], case["id"])]


# ---------------------------------------------------------------------- for somebody else


def test_acting_for_somebody_else_needs_a_mandate(desk: Desk) -> None:
    body = request(applicant={"kind": "person", "id": SUBJECTS["ana"]})
    refused = desk.ask("bruno", "POST", "/requests", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "mandate-required")
    given = desk.ask("ana", "POST", "/mandates", mandate()).json()
    case = desk.draft("bruno", body, mandate=given["id"])
    assert case["onBehalfOf"] == given["id"]
    assert case["applicant"]["id"] == SUBJECTS["ana"]
    assert case["statusHistory"][0]["byRole"] == "rep"
    assert desk.get("ana", case).status_code == 200
    assert desk.get("bruno", case).status_code == 404, "without the mandate it is not theirs"
    listed = desk.ask("bruno", "GET", "/requests", mandate=given["id"]).json()["items"]
    assert [one["id"] for one in listed] == [case["id"]]
    case = desk.done("bruno", case, "submit", mandate=given["id"])
    assert case["statusHistory"][-1]["byRole"] == "rep"


# ---------------------------------------------------------------------- files and evidence


def test_only_own_clean_documents_are_attached(desk: Desk) -> None:
    foreign, unclean = desk.upload("bruno").json()["id"], desk.upload().json()["id"]
    refused = desk.ask("ana", "POST", "/requests", request(documents=[foreign]))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/documents/0"
    unknown = desk.ask("ana", "POST", "/requests", request(documents=[SUBJECTS["gov"]])).json()
    assert unknown["errors"] == refused.json()["errors"], "no difference tells that it exists"
    for status in ("pending", "rejected"):
        desk.call("POST", "/_sandbox/scans", json={"documentId": unclean, "scanStatus": status})
        refused = desk.ask("ana", "POST", "/requests", request(documents=[unclean]))
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


def test_a_document_that_was_found_infected_later_stops_the_submission(desk: Desk) -> None:
    file = desk.upload().json()["id"]
    case = desk.draft(body=request(documents=[file]))
    desk.call("POST", "/_sandbox/scans", json={"documentId": file, "scanStatus": "rejected"})
    assert desk.act("ana", case, "submit").json()["code"] == "conflict"


def test_evidence_is_kept_with_its_origin(desk: Desk) -> None:
    given = {
        "evidenceType": "legal-interest",
        "subject": {"kind": "person", "id": "me"},
        "issuer": "Court",
        "issuedAt": "2026-01-15T15:00:00-06:00",
        "data": {"file": "12"},
    }
    kept = desk.draft(body=request(evidence=[given]))["evidence"][0]
    assert kept["subject"]["id"] == SUBJECTS["ana"]
    assert kept["obtainedVia"] == "upload"
    assert kept["issuedAt"] == "2026-01-15T21:00:00Z"
    foreign = {**{k: v for k, v in given.items() if k != "data"}, "documentId": SUBJECTS["gov"]}
    refused = desk.ask("ana", "POST", "/requests", request(evidence=[foreign]))
    assert refused.json()["errors"][0]["pointer"] == "/evidence/0/documentId"


# ---------------------------------------------------------------------- events and replays


def test_each_status_is_announced_once_and_names_no_person(desk: Desk) -> None:
    kinds = [f"istmo.civil-certificates.requests.{word}" for word in ("draft", "submitted", "in-review")]
    body = {"callbackUrl": "https://other.example/events", "types": kinds, "secret": "s" * 20}
    assert desk.ask("gov", "POST", "/subscriptions", body).status_code == 201
    case = walk(desk, "in_review")
    waiting = desk.do(_deliveries(desk))
    assert [one["type"] for one in waiting][:1] == kinds[:1]
    assert waiting[0]["subject"] == case["id"]
    assert set(waiting[0]["data"]) == {"caseId", "caseReference", "type", "status"}


async def _deliveries(desk: Desk) -> list[dict[str, Any]]:
    async def look(writer: Any) -> list[dict[str, Any]]:
        return [one.event for one in await writer.due(time.time() + 10, 100)]

    return await desk.context.store.write("civil_certificates", look)


def test_a_repeated_submission_takes_effect_once(desk: Desk) -> None:
    case = desk.draft()
    headers = {"Idempotency-Key": "the-same-key"}
    first = desk.act("ana", case, "submit", headers=headers)
    again = desk.act("ana", case, "submit", headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert first.json() == again.json()
    assert len(desk.get("ana", case).json()["statusHistory"]) == 2


# ---------------------------------------------------------------------- building


def test_a_contract_that_says_another_transition_is_not_served() -> None:
    document = json.loads(contract())
    document["paths"]["/requests/{id}/approve"]["post"]["x-istmo-transition"]["to"] = ["completed"]
    with pytest.raises(KitError, match="approveRequest"):
        Desk(document=document)
