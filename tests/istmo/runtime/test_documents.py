from __future__ import annotations

import base64
import hashlib
import uuid

import pytest
from tests.istmo.runtime.desk import PDF, SUBJECTS, Desk, mandate

from istmo.runtime import documents

PNG = b"\x89PNG\r\n\x1a\n rest"
JPEG = b"\xff\xd8\xff\xe0 rest"
XML = b"<?xml version='1.0'?><a><b/></a>"


@pytest.mark.parametrize(
    ("kind", "data", "kept"),
    [
        ("application/pdf", PDF, "application/pdf"),
        ("image/png", PNG, "image/png"),
        ("image/jpeg", JPEG, "image/jpeg"),
        ("application/xml", XML, "application/xml"),
        ("text/xml", XML, "application/xml"),
        ("application/json", b'{"a": 1}', "application/json"),
    ],
)
def test_a_file_is_kept_and_returned_byte_for_byte(desk: Desk, kind: str, data: bytes, kept: str) -> None:
    answer = desk.upload(data=data, kind=kind, title="My card")
    doc = answer.json()
    assert answer.status_code == 201, answer.text
    assert (doc["mediaType"], doc["size"], doc["scanStatus"], doc["title"]) == (kept, len(data), "clean", "My card")
    assert answer.headers["location"].endswith(f"/documents/{doc['id']}")
    content = desk.ask("ana", "GET", f"/documents/{doc['id']}/content")
    assert content.status_code == 200
    assert content.content == data
    assert content.headers["content-type"] == kept
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert content.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert content.headers["etag"] == f'"{doc["sha256"]}"'
    assert content.headers["content-disposition"].startswith("attachment")
    about = desk.ask("ana", "GET", f"/documents/{doc['id']}")
    assert about.json() == doc


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("application/pdf", PNG),
        ("image/png", PDF),
        ("image/jpeg", b""),
        ("application/pdf", b""),
        ("text/plain", b"hello"),
        ("application/zip", b"PK"),
        ("application/json", b'{"a": 1, "a": 2}'),
        ("application/json", b"[NaN]"),
        ("application/xml", b"<a><b></a>"),
        ("application/xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        ("application/xml", b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"),
        ("application/xml", b"<?xml version='1.0' encoding='nobody-knows'?><a/>"),
        ("application/xml", b"<?xml version='1.0' encoding='hex'?><a/>"),
        ("application/xml", b""),
    ],
)
def test_a_file_of_another_kind_than_it_says_is_refused(desk: Desk, kind: str, data: bytes) -> None:
    answer = desk.upload(data=data, kind=kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


def test_a_file_above_ten_mebibytes_is_refused(desk: Desk) -> None:
    assert desk.upload(data=PDF + b"0" * (10 * 1024 * 1024)).status_code == 413


def test_a_stated_digest_has_to_fit(desk: Desk) -> None:
    assert desk.upload(sha256=hashlib.sha256(PDF).hexdigest()).status_code == 201
    refused = desk.upload(sha256="0" * 64)
    assert refused.status_code == 422
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/sha256", "digest-mismatch")]


def test_a_file_of_somebody_else_does_not_exist(desk: Desk) -> None:
    path = f"/documents/{desk.upload().json()['id']}"
    assert desk.ask("bruno", "GET", path).status_code == 404
    assert desk.ask("bruno", "GET", f"{path}/content").status_code == 404
    assert desk.ask("eva", "GET", path).status_code == 403
    assert desk.ask("ana", "GET", f"/documents/{uuid.uuid4()}").status_code == 404


def test_a_representative_hands_in_for_the_principal(desk: Desk) -> None:
    given = desk.ask("ana", "POST", "/mandates", mandate()).json()["id"]
    headers = {**desk.be("bruno"), "Idempotency-Key": str(uuid.uuid4()), "Istmo-On-Behalf-Of": given}
    files = {"file": ("name", PDF, "application/pdf")}
    made = desk.call("POST", "/documents", headers=headers, files=files, data={"type": "identity-card"}).json()
    assert desk.ask("ana", "GET", f"/documents/{made['id']}").status_code == 200
    assert desk.ask("bruno", "GET", f"/documents/{made['id']}").status_code == 404


def test_a_file_that_is_not_known_to_be_clean_is_not_handed_out(desk: Desk) -> None:
    made = desk.upload().json()["id"]
    for status in ("pending", "rejected"):
        order = {"documentId": made, "scanStatus": status}
        assert desk.call("POST", "/_sandbox/scans", json=order).status_code == 204
        assert desk.ask("ana", "GET", f"/documents/{made}").json()["scanStatus"] == status
        refused = desk.ask("ana", "GET", f"/documents/{made}/content")
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


def test_an_unknown_document_has_no_scan(desk: Desk) -> None:
    assert desk.do(documents.scanned(desk.context, str(uuid.uuid4()), "clean")) is False
    with pytest.raises(ValueError, match="perfect"):
        desk.do(documents.scanned(desk.context, str(uuid.uuid4()), "perfect"))


def test_two_files_may_be_the_same(desk: Desk) -> None:
    one, two = desk.upload().json(), desk.upload().json()
    assert one["id"] != two["id"]
    assert one["sha256"] == two["sha256"]
    assert SUBJECTS["ana"] not in str(one)


def test_outside_a_sandbox_a_file_waits_for_the_scanner(desk: Desk) -> None:
    headers = {**desk.be("ana"), "Idempotency-Key": str(uuid.uuid4())}
    desk.context.settings = desk.context.settings.model_copy(update={"environment": "production"})
    files = {"file": ("name", PDF, "application/pdf")}
    made = desk.call("POST", "/documents", headers=headers, files=files, data={"type": "identity-card"}).json()
    assert made["scanStatus"] == "pending"
    assert desk.ask("ana", "GET", f"/documents/{made['id']}/content").status_code == 409
    assert desk.do(documents.scanned(desk.context, made["id"], "clean")) is True
    assert desk.ask("ana", "GET", f"/documents/{made['id']}/content").status_code == 200
