"""The whole life of a request for a certificate, over HTTP: ask, pay, decide, receive, appeal."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from tests.services.civil_certificates.town import BASE, Town, example, pdf_text


def rejected_for_no_record(case: dict[str, Any]) -> bool:
    grounds = case["decision"]["grounds"]
    return bool(case["status"] == "rejected" and [one["code"] for one in grounds] == ["no-record"])


# ---------------------------------------------------------------------- digital extracts


def test_a_digital_extract_is_decided_by_the_system_and_issued_when_paid(either: Town) -> None:
    case = either.submit("ana", "birth-self")
    assert case["status"] == "approved"
    assert case["decision"]["decidedBy"] == "system"
    assert case["decision"]["grounds"][0]["code"] == "entry-found"
    assert [hold["code"] for hold in case["holds"]] == ["fee-unpaid"]
    assert case["outputs"] == []
    either.pay(case)
    done = either.get("ana", f"/requests/{case['id']}")
    assert [entry["status"] for entry in done["statusHistory"]] == [
        "draft",
        "submitted",
        "in_review",
        "approved",
        "completed",
    ]
    assert done["holds"] == []
    certificate = either.certificate("ana", done)
    assert certificate["caseReference"] == case["reference"]
    assert certificate["number"] != case["reference"]
    assert certificate["data"]["givenNames"] == "Ana María"
    assert certificate["validUntil"] is None


def test_the_document_carries_number_code_and_facts_and_its_digest_is_in_the_register(either: Town) -> None:
    certificate = either.issued("ana", "birth-self", language="es")
    answer = either.call("ana", "GET", f"/certificates/{certificate['id']}/content")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert hashlib.sha256(answer.content).hexdigest() == certificate["documentSha256"]
    text = pdf_text(answer.content)
    for word in (
        certificate["number"],
        certificate["verificationCode"],
        "Certificado de nacimiento",
        certificate["issuer"],
    ):
        assert word in text
    for value in certificate["data"].values():
        assert value in text or value == "female"
    assert "Femenino" in text
    document = either.get("ana", f"/documents/{certificate['documentId']}")
    assert document["sha256"] == certificate["documentSha256"]


def test_the_credential_is_signed_by_the_service_and_says_the_same(town: Town) -> None:
    certificate = town.issued("ana", "birth-self")
    keys = town.app.state.istmo.keys
    claims = keys.verify(certificate["credential"]["value"])
    for name in ("number", "verificationCode", "documentSha256", "type", "issuedAt"):
        assert claims[name] == certificate[name]
    assert "data" not in claims


def test_a_multilingual_extract_says_the_same_in_both_languages(either: Town) -> None:
    certificate = either.issued("ana", "birth-multilingual")
    spanish, english = certificate["renditions"]
    assert (spanish["language"], english["language"]) == ("es", "en")
    assert [one["code"] for one in spanish["facts"]] == [one["code"] for one in english["facts"]]
    for code, value in certificate["data"].items():
        shown = [next(f["value"] for f in side["facts"] if f["code"] == code) for side in (spanish, english)]
        assert shown == [value, value] or code == "sex"
    answer = town_content(either, certificate)
    assert "Certificado de nacimiento" in answer
    assert "Birth certificate" in answer


def town_content(town: Town, certificate: dict[str, Any]) -> str:
    return pdf_text(town.call("ana", "GET", f"/certificates/{certificate['id']}/content").content)


def test_letters_of_every_people_survive_into_the_document(town: Town) -> None:
    certificate = town.issued("ana", "birth-child")
    for value in certificate["data"].values():
        assert value in town_content(town, certificate) or value in {"female", "male"}
    assert "ʼ" in certificate["data"]["givenNames"]


def test_other_formats_are_in_the_language_of_the_request(town: Town) -> None:
    certificate = town.issued("ana", "birth-self", language="en")
    assert [one["language"] for one in certificate["renditions"]] == ["en"]
    assert certificate["issuer"].startswith("Civil Register")


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("ana", "birth-child"),
        ("bruno", "birth-ward"),
        ("bruno", "birth-bruno"),
        ("foreigner", "birth-foreigner"),
        ("ana", "marriage-self"),
        ("ana", "death-parent"),
        ("bruno", "single-status"),
        ("bruno", "divorce-parent"),
    ],
)
def test_every_type_is_issued_to_who_is_entitled(either: Town, who: str, name: str) -> None:
    wanted = example(name)
    certificate = either.issued(who, name)
    assert certificate["type"] == wanted["certificateType"]
    assert either.verify(certificate)["status"] == "valid"


# ---------------------------------------------------------------------- what only a registrar decides


@pytest.mark.parametrize("name", ["birth-full-copy", "birth-apostille", "birth-legal-interest"])
def test_everything_else_waits_for_a_registrar(either: Town, name: str) -> None:
    certificate = either.by_registrar("ana", name)
    assert certificate["status"] == "valid"
    assert certificate["format"] == example(name)["format"]


def test_an_unpaid_fee_blocks_issue_until_it_is_paid(town: Town) -> None:
    case = town.submit("ana", "birth-full-copy")
    town.act("eva", case, "accept")
    town.act("eva", case, "approve")
    problem = town.refused("eva", f"/requests/{case['id']}/issue", {}, 409, "hold-active")
    assert problem["currentStatus"] == "approved"
    shown = town.get("eva", f"/requests/{case['id']}")
    assert [(one["name"], one.get("blockedBy")) for one in shown["availableActions"]] == [("issue", ["fee-unpaid"])]
    town.pay(case)
    assert town.get("ana", f"/requests/{case['id']}")["status"] == "approved"
    assert town.act("eva", case, "issue")["status"] == "completed"


def test_fees_are_per_copy_and_per_apostille(either: Town) -> None:
    case = either.submit("ana", "birth-apostille", copies=3)
    listed = {fee["code"]: fee for fee in either.call(None, "GET", "/fees").json()["items"]}
    free = {"code": "first-copy"}.items() <= next(iter(listed["CIV-APOSTILLE"]["exemptions"]), {}).items()
    apostilles = [(1, "first-copy"), (2, None)] if free else [(3, None)]
    expected = [("CIV-CERT", 3, None), *(("CIV-APOSTILLE", *one) for one in apostilles)]
    assert [(fee["code"], fee["quantity"], fee.get("exemption")) for fee in case["fees"]] == expected
    for fee in case["fees"]:
        charged = 0 if "exemption" in fee else fee["quantity"]
        assert float(fee["amount"]["amount"]) == charged * float(listed[fee["code"]]["amount"]["amount"])


def test_a_registrar_sees_no_draft_but_the_queue(town: Town) -> None:
    town.draft("bruno", "birth-bruno")
    case = town.submit("ana", "birth-full-copy")
    assert [one["id"] for one in town.get("eva", "/requests")["items"]] == [case["id"]]
    assert town.get("eva", "/requests?status=approved")["items"] == []


def test_a_registrar_asks_and_the_applicant_answers(town: Town) -> None:
    case = town.submit("ana", "birth-full-copy")
    town.act("eva", case, "accept")
    asked = town.act("eva", case, "request-information", {"reason": "Which Ana?"})
    assert asked["status"] == "awaiting_applicant"
    assert town.act("ana", case, "respond", {"reason": "The younger."})["status"] == "in_review"
    assert town.act("ana", case, "withdraw")["status"] == "withdrawn"


# ---------------------------------------------------------------------- no record


@pytest.mark.parametrize(
    "name",
    ["birth-unknown", "birth-ambiguous", "birth-wrong-claim", "marriage-incomplete", "marriage-none", "death-child"],
)
def test_every_kind_of_no_record_looks_the_same(either: Town, name: str) -> None:
    case = either.submit("ana", name)
    other = either.submit("ana", "birth-unknown", copies=2, delivery="digital", about={"eventPlace": "X"})
    assert rejected_for_no_record(case)
    assert case.keys() == other.keys()
    assert case["decision"].keys() == other["decision"].keys()
    assert case["decision"]["grounds"] == other["decision"]["grounds"]
    assert [one["byRole"] for one in case["statusHistory"]] == [one["byRole"] for one in other["statusHistory"]]


def test_a_registrar_who_takes_a_request_without_entry_sees_it_rejected(town: Town) -> None:
    case = town.submit("ana", "birth-unknown", delivery="post")
    assert case["status"] == "submitted"
    assert rejected_for_no_record(town.act("eva", case, "accept"))


def test_a_registration_number_tells_two_people_of_one_name_apart(town: Town) -> None:
    assert rejected_for_no_record(town.submit("ana", "birth-ambiguous"))
    certificate = town.issued("ana", "birth-ambiguous", about={"registrationNumber": "N-1961-00045"})
    assert certificate["registerEntry"]["number"] == "N-1961-00045"


def test_nobody_gets_the_record_of_a_minor_by_leaving_the_birth_date_out(town: Town) -> None:
    person = example("birth-minor-self")["about"]["person"]
    asked = {"person": {"name": person["name"]}, "relationship": "self"}
    assert rejected_for_no_record(town.submit("cora", "birth-minor-self", about=asked))


def test_an_upheld_appeal_ends_the_case(town: Town) -> None:
    case = town.submit("ana", "birth-wrong-claim")
    assert town.act("ana", case, "appeal", {"reason": "He is my father."})["status"] == "under_appeal"
    grounds = {"grounds": [{"code": "decision-confirmed", "text": "He is not."}]}
    assert town.act("fito", case, "uphold", grounds)["status"] == "rejected_final"


def test_an_overturned_rejection_is_issued_from_the_entry(town: Town) -> None:
    case = town.submit("ana", "birth-wrong-claim")
    town.act("ana", case, "appeal", {"reason": "He is my father."})
    grounds = {"grounds": [{"code": "decision-overturned", "text": "The court says so."}]}
    assert town.act("fito", case, "overturn", grounds)["status"] == "approved"
    town.pay(case)
    assert town.get("ana", f"/requests/{case['id']}")["status"] == "approved"
    done = town.act("eva", case, "issue")
    assert town.certificate("ana", done)["data"]["givenNames"] == "Bruno"


def test_an_overturned_rejection_waits_until_there_is_an_entry(town: Town) -> None:
    case = town.submit("ana", "death-child")
    town.act("ana", case, "appeal", {"reason": "She died."})
    grounds = {"grounds": [{"code": "decision-overturned", "text": "She did."}]}
    town.act("fito", case, "overturn", grounds)
    town.pay(case)
    assert town.get("eva", f"/requests/{case['id']}")["availableActions"] == []
    town.refused("eva", f"/requests/{case['id']}/issue", {}, 409, "conflict")
    town.event("civil.death.registered", subjectRef=town.subject("cora"), effectiveDate="2027-03-14")
    assert [one["name"] for one in town.get("eva", f"/requests/{case['id']}")["availableActions"]] == ["issue"]
    done = town.act("eva", case, "issue")
    assert town.certificate("ana", done)["data"]["deathDate"] == "2027-03-14"


# ---------------------------------------------------------------------- what is refused at once


@pytest.mark.parametrize(
    ("who", "name", "changes", "status", "code", "rule"),
    [
        ("ana", "birth-spouse", {}, 403, "not-entitled", "entitled-relationships"),
        ("ana", "birth-other", {}, 403, "not-entitled", "other-needs-mandate-or-evidence"),
        ("cora", "birth-minor-self", {}, 403, "not-entitled", "minor-not-by-itself"),
        ("ana", "birth-child", {"about": {"relationship": "parent"}}, 403, "not-entitled", "minors-by-guardian"),
        ("ana", "birth-self", {"about": {"eventDate": "2027-03-16"}}, 422, "rule-violated", "event-not-in-future"),
        ("ana", "birth-self", {"about": {"eventDate": "1950-01-01"}}, 422, "rule-violated", "event-after-birth"),
        ("ana", "birth-self", {"apostille": True}, 422, "rule-violated", "apostille-only-where-offered"),
        ("bruno", "divorce-parent", {"format": "multilingual-extract"}, 422, "rule-violated", "formats-as-published"),
    ],
)
def test_what_needs_no_register_is_refused_at_once(
    either: Town, who: str, name: str, changes: dict[str, Any], status: int, code: str, rule: str
) -> None:
    problem = either.refused(who, "/requests", example(name, **changes), status, code)
    assert problem["ruleId"] == f"civil_certificates/{rule}"


@pytest.mark.parametrize("copies", [0, 11])
def test_copies_are_one_to_ten(town: Town, copies: int) -> None:
    problem = town.refused("ana", "/requests", example("birth-self", copies=copies), 422, "validation-failed")
    assert [item["pointer"] for item in problem["errors"]] == ["/copies"]


def test_the_type_of_the_case_is_the_type_of_the_certificate(town: Town) -> None:
    made = town.post("ana", "/requests", example("birth-self"), 201)
    assert made["type"] == "birth"
    town.refused("ana", "/requests", example("birth-self", type="death"), 422, "validation-failed")


def test_an_identifier_is_checked_and_kept_in_one_form(town: Town) -> None:
    def asked(value: str) -> dict[str, Any]:
        person = example("birth-self")["about"]["person"]
        person["identifiers"] = [{"scheme": "xx-id", "value": value, "country": "XX"}]
        return example("birth-self", about={"person": person})

    town.refused("ana", "/requests", asked("12"), 422, "identifier-format")
    town.refused("ana", "/requests", asked("200000017"), 422, "identifier-checksum")
    made = town.post("ana", "/requests", asked("2000-0001-6"), 201)
    assert made["about"]["person"]["identifiers"][0]["value"] == "200000016"
    assert town.act("ana", made, "submit")["status"] == "approved"
    made = town.post("ana", "/requests", asked("200000024"), 201)
    assert rejected_for_no_record(town.act("ana", made, "submit"))


def test_a_replaced_draft_is_checked_again(town: Town) -> None:
    made = town.call("ana", "POST", "/requests", example("birth-self"))
    path, tag = f"/requests/{made.json()['id']}", made.headers["etag"]
    assert town.call("ana", "PUT", path, example("birth-spouse"), If_Match=tag).status_code == 403
    answer = town.call("ana", "PUT", path, example("birth-full-copy"), If_Match=tag)
    assert answer.status_code == 200, answer.text
    assert answer.json()["format"] == "full-copy"


# ---------------------------------------------------------------------- duplicates


def test_an_identical_request_is_refused_while_the_first_is_open(town: Town) -> None:
    first = town.submit("ana", "birth-full-copy")
    second = town.draft("ana", "birth-full-copy", copies=5)
    problem = town.refused("ana", f"/requests/{second}/submit", {}, 409, "duplicate")
    assert problem["ruleId"] == "civil_certificates/duplicate-open-request"
    assert town.submit("ana", "birth-full-copy", format="extract")["status"] == "submitted"
    town.act("ana", first, "withdraw")
    assert town.post("ana", f"/requests/{second}/submit", {})["status"] == "submitted"


def test_a_request_whose_time_has_run_out_is_no_longer_open(town: Town) -> None:
    first = town.submit("ana", "birth-full-copy")
    town.act("eva", first, "return", {"reason": "Unclear."})
    town.at("2027-06-30T15:00:00Z")
    assert town.submit("ana", "birth-full-copy")["status"] == "submitted"
    assert town.get("ana", f"/requests/{first['id']}")["status"] == "expired"


def test_an_approved_request_is_still_open_and_a_completed_one_is_not(town: Town) -> None:
    case = town.submit("ana", "birth-self")
    again = town.draft("ana", "birth-self")
    town.refused("ana", f"/requests/{again}/submit", {}, 409, "duplicate")
    town.pay(case)
    assert town.post("ana", f"/requests/{again}/submit", {})["status"] == "approved"


# ---------------------------------------------------------------------- the register out of reach


@pytest.mark.parametrize(("mode", "status"), [("down", 503), ("slow", 504), ("error", 502)])
def test_without_the_register_nothing_is_half_done(town: Town, mode: str, status: int) -> None:
    case = town.draft("ana", "birth-self")
    town.sandbox("PUT", "faults", {"upstream": "civil-register", "mode": mode})
    town.post("ana", f"/requests/{case}/submit", {}, status)
    assert town.get("ana", f"/requests/{case}")["status"] == "draft"
    town.sandbox("PUT", "faults", {"upstream": "civil-register", "mode": "none"})
    assert town.post("ana", f"/requests/{case}/submit", {})["status"] == "approved"


def test_everything_is_under_the_base_path(town: Town) -> None:
    case = town.submit("ana", "birth-self")
    town.pay(case)
    (output,) = town.get("ana", f"/requests/{case['id']}")["outputs"]
    assert output["href"].startswith(f"{BASE}/certificates/")
