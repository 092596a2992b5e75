"""Certificates after their issue, over HTTP: verified, corrected, superseded, revoked, expired; and the catalogue."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest
from tests.services.civil_certificates.town import SPEC, Town, example

LEAST = {"status", "type", "issuedAt", "issuer", "initials"}


def correction(certificate: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**SPEC.example("createCorrection", "correction"), "certificateId": certificate["id"], **changes}


# ---------------------------------------------------------------------- verification


def test_verification_confirms_and_reveals_nothing_else(either: Town) -> None:
    certificate = either.issued("ana", "birth-self")
    assert either.verify(certificate) == {
        "status": "valid",
        "type": "birth",
        "issuedAt": certificate["issuedAt"],
        "issuer": certificate["issuer"],
        "initials": "A. M. F. Ñ.",
    }


def test_an_unknown_code_is_not_found_and_guessing_ends(town: Town) -> None:
    certificate = town.issued("ana", "birth-self")
    for n in range(10):
        town.refused(None, "/verifications", {"verificationCode": f"{n:022d}"}, 404, "not-found")
    town.refused(None, "/verifications", {"verificationCode": "x" * 22}, 429, "too-many-requests")
    town.refused(
        None, "/verifications", {"verificationCode": certificate["verificationCode"]}, 429, "too-many-requests"
    )


def test_codes_and_numbers_are_never_alike(town: Town) -> None:
    issued = [town.issued("ana", name) for name in ("birth-self", "birth-child", "marriage-self")]
    requests = town.get("ana", "/requests")["items"]
    assert len({one["verificationCode"] for one in issued}) == 3
    assert len({one["number"] for one in issued} | {one["reference"] for one in requests}) == 6


# ---------------------------------------------------------------------- who sees what


def test_a_certificate_is_its_owners_and_the_registrars(town: Town) -> None:
    certificate = town.issued("ana", "birth-self")
    path = f"/certificates/{certificate['id']}"
    for place in (path, f"{path}/content"):
        assert town.call("bruno", "GET", place).status_code == 404
        assert town.call("eva", "GET", place).status_code == 200
        assert town.call(None, "GET", place).status_code == 401
    assert town.get("bruno", "/certificates")["items"] == []
    assert [one["id"] for one in town.get("ana", "/certificates")["items"]] == [certificate["id"]]


def test_certificates_come_in_pages_and_by_status(town: Town) -> None:
    issued = [town.issued("ana", name) for name in ("birth-self", "birth-child", "marriage-self")]
    town.post("eva", f"/certificates/{issued[1]['id']}/revoke", {"reason": "Wrong person."})
    first = town.get("ana", "/certificates?limit=2")
    rest = town.get("ana", f"/certificates?limit=2&cursor={first['page']['nextCursor']}")
    assert [one["id"] for one in first["items"] + rest["items"]] == [one["id"] for one in issued]
    assert [one["id"] for one in town.get("ana", "/certificates?status=revoked")["items"]] == [issued[1]["id"]]
    assert len(town.get("ana", "/certificates?status=valid")["items"]) == 2


# ---------------------------------------------------------------------- revoked, expired


def test_a_revoked_certificate_is_revoked_for_good(town: Town) -> None:
    certificate = town.issued("bruno", "single-status")
    path = f"/certificates/{certificate['id']}"
    revoked = town.post("eva", f"{path}/revoke", {"reason": "Issued by mistake."})
    assert (revoked["status"], "reason" in revoked) == ("revoked", False)
    problem = town.refused("eva", f"{path}/revoke", {"reason": "Again."}, 409, "conflict")
    assert problem["ruleId"] == "civil_certificates/revoked-stays-revoked"
    assert set(town.verify(certificate)) == LEAST
    for moment in ("2027-03-16T00:00:00Z", "2029-01-01T00:00:00Z"):
        town.at(moment)
        assert town.verify(certificate)["status"] == "revoked"
        assert town.get("bruno", path)["status"] == "revoked"


def test_only_a_registrar_revokes(town: Town) -> None:
    certificate = town.issued("ana", "birth-self")
    town.refused("ana", f"/certificates/{certificate['id']}/revoke", {"reason": "Mine."}, 403, "missing-scope")
    assert town.verify(certificate)["status"] == "valid"


def test_a_certificate_with_a_limit_expires_after_its_last_day(either: Town) -> None:
    certificate = either.issued("bruno", "single-status")
    assert certificate["validUntil"] == "2027-09-15"
    either.at("2027-09-16T05:59:59Z")  # the last second of that day in both countries
    assert either.verify(certificate)["status"] == "valid"
    either.at("2027-09-16T06:00:00Z")
    assert either.verify(certificate)["status"] == "expired"
    assert either.get("bruno", f"/certificates/{certificate['id']}")["status"] == "expired"
    assert either.get("bruno", "/certificates?status=valid")["items"] == []
    assert len(either.get("bruno", "/certificates?status=expired")["items"]) == 1
    reason = {"reason": "Too late."}
    either.refused("eva", f"/certificates/{certificate['id']}/revoke", reason, 409, "conflict")


def test_the_list_notices_expiry_by_itself(town: Town) -> None:
    town.issued("bruno", "single-status")
    town.at("2028-01-01T00:00:00Z")
    assert [one["status"] for one in town.get("bruno", "/certificates?status=expired")["items"]] == ["expired"]


# ---------------------------------------------------------------------- corrections


def test_an_applied_correction_supersedes_and_shows_in_new_certificates(either: Town) -> None:
    old = either.issued("ana", "birth-self")
    bytes_before = either.call("ana", "GET", f"/certificates/{old['id']}/content").content
    reported = either.post("ana", "/corrections", correction(old), 201)
    assert reported["status"] == "reported"
    assert either.verify(old)["status"] == "valid"
    applied = either.post("eva", f"/corrections/{reported['id']}/apply", {"reason": "The hospital confirms it."})
    assert (applied["status"], applied["decisionReason"]) == ("applied", "The hospital confirms it.")
    assert either.verify(old)["status"] == "superseded"
    new = either.issued("ana", "birth-self")
    assert (new["data"]["birthPlace"], new["registerEntry"]["version"]) == ("San Ficticio", 2)
    assert either.get("ana", f"/certificates/{old['id']}")["data"] == old["data"]
    assert either.call("ana", "GET", f"/certificates/{old['id']}/content").content == bytes_before


def test_a_dismissed_correction_changes_nothing(town: Town) -> None:
    old = town.issued("ana", "birth-self")
    reported = town.post("ana", "/corrections", correction(old), 201)
    assert town.post("eva", f"/corrections/{reported['id']}/dismiss")["status"] == "dismissed"
    assert town.verify(old)["status"] == "valid"
    assert town.issued("ana", "birth-self")["registerEntry"]["version"] == 1


@pytest.mark.parametrize("first", ["apply", "dismiss"])
@pytest.mark.parametrize("second", ["apply", "dismiss"])
def test_a_correction_is_decided_once(town: Town, first: str, second: str) -> None:
    reported = town.post("ana", "/corrections", correction(town.issued("ana", "birth-self")), 201)
    town.post("eva", f"/corrections/{reported['id']}/{first}")
    problem = town.refused("eva", f"/corrections/{reported['id']}/{second}", None, 409, "conflict")
    assert problem["ruleId"] == "civil_certificates/correction-decided-once"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"member": "/shoeSize"}, "rule-violated"),
        ({"member": "/sex", "proposedValue": "Femenino"}, "validation-failed"),
        ({"member": "/birthDate", "proposedValue": "12 May 1988"}, "validation-failed"),
        ({"documents": ["0c1e7a52-6f1d-4b7c-9a43-000000000702"]}, "validation-failed"),
    ],
)
def test_a_report_that_makes_no_sense_is_refused(town: Town, changes: dict[str, Any], code: str) -> None:
    town.refused("ana", "/corrections", correction(town.issued("ana", "birth-self"), **changes), 422, code)


def test_only_the_owner_reports_and_only_a_registrar_decides(town: Town) -> None:
    certificate = town.issued("ana", "birth-self")
    town.refused("bruno", "/corrections", correction(certificate), 404, "not-found")
    reported = town.post("ana", "/corrections", correction(certificate), 201)
    town.refused("ana", f"/corrections/{reported['id']}/apply", None, 403, "missing-scope")
    assert town.call("bruno", "GET", f"/corrections/{reported['id']}").status_code == 404
    assert town.get("eva", f"/corrections/{reported['id']}") == town.get("ana", f"/corrections/{reported['id']}")


def test_after_a_corrected_name_the_entry_is_found_by_both_names(town: Town) -> None:
    old = town.issued("ana", "birth-self")
    reported = town.post("ana", "/corrections", correction(old, member="/givenNames", proposedValue="Anna"), 201)
    town.post("eva", f"/corrections/{reported['id']}/apply")
    assert town.issued("ana", "birth-self")["data"]["givenNames"] == "Anna"
    person = example("birth-self")["about"]["person"]
    person["name"]["givenNames"] = ["Anna"]
    new = town.issued("ana", "birth-self", about={"person": person})
    assert new["data"]["givenNames"] == "Anna"
    assert town.verify(new)["initials"] == "A. F. Ñ."


def test_revoked_stays_revoked_when_the_entry_is_corrected(town: Town) -> None:
    first, second = town.issued("ana", "birth-self"), town.issued("ana", "birth-self")
    town.post("eva", f"/certificates/{first['id']}/revoke", {"reason": "Wrong."})
    reported = town.post("ana", "/corrections", correction(second), 201)
    town.post("eva", f"/corrections/{reported['id']}/apply")
    assert (town.verify(first)["status"], town.verify(second)["status"]) == ("revoked", "superseded")


# ---------------------------------------------------------------------- a notice of death


def test_a_death_shows_in_the_birth_certificate_and_has_its_own(either: Town) -> None:
    old = either.issued("ana", "birth-child")
    notice = {"subjectRef": either.subject("cora"), "effectiveDate": "2027-03-14"}
    either.event("civil.death.registered", **notice)
    either.event("civil.death.registered", **notice)
    assert either.verify(old)["status"] == "superseded"
    new = either.issued("ana", "birth-child")
    assert (new["data"]["deathDate"], new["registerEntry"]["version"]) == ("2027-03-14", 2)
    death = either.issued("ana", "death-child")
    assert death["data"]["deathDate"] == "2027-03-14"
    assert death["data"]["familyNames"] == new["data"]["familyNames"]


@pytest.mark.parametrize(
    "changes",
    [{"effectiveDate": "2027-03-17"}, {"effectiveDate": "soon"}, {"effectiveDate": None}, {"subjectRef": "nobody"}],
)
def test_an_unbelievable_notice_changes_nothing(town: Town, changes: dict[str, Any]) -> None:
    notice = {"subjectRef": town.subject("cora"), "effectiveDate": "2027-03-14", **changes}
    town.event("civil.death.registered", **notice)
    assert "deathDate" not in town.issued("ana", "birth-child")["data"]


# ---------------------------------------------------------------------- the catalogue


def test_everybody_reads_the_types_as_the_country_offers_them(either: Town) -> None:
    found = either.call(None, "GET", "/certificate-types").json()["items"]
    offered = either.app.state.istmo.services["civil_certificates"].profile.service("civil_certificates")
    assert [one["code"] for one in found] == [one["code"] for one in offered["certificateTypes"]]
    for one in found:
        assert one["relationships"] == offered["entitledRelationships"][one["code"]]
        assert one["fee"]["code"] == "CIV-CERT"
        assert one["apostille"] == {"paper": True, "digital": False}


def test_the_catalogue_speaks_both_languages_and_comes_in_pages(town: Town) -> None:
    english = town.call(None, "GET", "/certificate-types?limit=2", Accept_Language="en").json()
    spanish = town.call(None, "GET", "/certificate-types?limit=2", Accept_Language="es").json()
    assert english["items"][0]["title"] == "Birth certificate"
    assert spanish["items"][0]["title"] == "Certificado de nacimiento"
    seen, cursor = [one["code"] for one in english["items"]], english["page"]["nextCursor"]
    while cursor:
        page = town.call(None, "GET", f"/certificate-types?limit=2&cursor={cursor}").json()
        seen += [one["code"] for one in page["items"]]
        cursor = page["page"].get("nextCursor")
    assert seen == ["birth", "marriage", "death", "single-status", "divorce"]
    assert town.call(None, "GET", "/certificate-types?cursor=forged").status_code == 400


# ---------------------------------------------------------------------- acting for somebody else


def test_a_representative_obtains_the_record_of_the_principal(town: Town) -> None:
    mandate = {
        "principal": {"kind": "person", "id": "me"},
        "representative": {"kind": "person", "id": town.subject("bruno")},
        "services": ["civil-certificates"],
        "scopes": ["civil-certificates:read", "civil-certificates:write"],
        "validFrom": "2027-03-01T00:00:00Z",
    }
    given = town.post("ana", "/mandates", mandate, 201)
    behalf = {"Istmo_On_Behalf_Of": given["id"]}
    made = town.post("bruno", "/requests", example("birth-self"), 201, **behalf)
    assert made["applicant"]["id"] == town.subject("ana")
    case = town.post("bruno", f"/requests/{made['id']}/submit", **behalf)
    assert case["status"] == "approved"
    town.pay(case)
    assert town.get("ana", f"/requests/{made['id']}")["status"] == "completed"
    other = town.post("bruno", "/requests", example("birth-other"), 201, **behalf)
    assert town.post("bruno", f"/requests/{other['id']}/submit", **behalf)["status"] == "submitted"


# ---------------------------------------------------------------------- no oracle


def test_a_rejection_takes_as_long_whether_an_entry_exists_or_not(town: Town) -> None:
    """Both do the same work: what is compared is the time of the processor, which a busy machine does not change."""
    taken: dict[str, list[float]] = {"birth-unknown": [], "birth-wrong-claim": []}
    for n in range(40):
        for name, seconds in taken.items():  # in turns, so that both see the same noise
            case = town.draft("ana", name, about={"eventPlace": f"Place {n}"})
            began = time.process_time()
            town.post("ana", f"/requests/{case}/submit")
            seconds.append(time.process_time() - began)
    unknown, known = (statistics.median(seconds) for seconds in taken.values())
    assert 2 / 3 < unknown / known < 3 / 2
