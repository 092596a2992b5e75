from __future__ import annotations

import json

from joserfc import jws
from joserfc.jwk import OKPKey
from tests.istmo.runtime.desk import SUBJECTS, Desk


def test_the_signature_verifies_with_the_published_keys_and_covers_the_rest(desk: Desk) -> None:
    receipt = desk.done("ana", desk.draft(), "submit")["receipt"]
    published = desk.do(desk.client.get("/.well-known/jwks.json")).json()
    key = OKPKey.import_key(published["keys"][0])
    signed = jws.deserialize_compact(receipt["signature"], key, algorithms=["Ed25519"])
    assert signed.headers()["kid"] == published["keys"][0]["kid"]
    assert json.loads(signed.payload) == {name: value for name, value in receipt.items() if name != "signature"}
    assert receipt["verifyUrl"].startswith("http://127.0.0.1:8000/civil-certificates/v1/receipts/")


def test_anybody_verifies_a_receipt_and_learns_nothing_of_the_person(desk: Desk) -> None:
    receipt = desk.done("ana", desk.draft(), "submit")["receipt"]
    answer = desk.ask(None, "GET", f"/receipts/{receipt['code']}/verification")
    assert answer.status_code == 200
    assert answer.json() == {
        "valid": True,
        "service": "civil-certificates",
        "issuedAt": receipt["issuedAt"],
        "payloadDigest": receipt["payloadDigest"],
    }
    assert desk.do(desk.context.reader.accesses(SUBJECTS["ana"])) == []


def test_an_altered_code_is_unknown(desk: Desk) -> None:
    code = desk.done("ana", desk.draft(), "submit")["receipt"]["code"]
    altered = code[:-1] + ("A" if code[-1] != "A" else "B")
    swapped = code.swapcase()
    for one in (altered, swapped, code[:-1], code + "A", "x", "%20"):
        if one != code:
            assert desk.ask(None, "GET", f"/receipts/{one}/verification").status_code == 404
