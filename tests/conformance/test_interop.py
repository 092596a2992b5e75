"""What others' programs make of the files of a run: the reference readers of DSSE, of in-toto and of JUnit."""

from __future__ import annotations

import base64
import copy
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from junitparser import JUnitXml
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from istmo_conformance.report import junit, statement
from istmo_conformance.report.bundle import Bundle, opened
from tests.conformance.conftest import Judge
from tests.conformance.standin import Standin

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def run(judge: Judge) -> Bundle:
    """The files of a run against a service with a fault."""
    return opened(Path(judge(Standin("leaky-read")).path or "").parent)


def test_the_reference_reader_of_dsse_verifies_the_signature(run: Bundle) -> None:
    sealed = statement.signed(run, KEY)
    key = SSlibKey.from_crypto(KEY.public_key(), keyid=sealed["signatures"][0]["keyid"])
    other = SSlibKey.from_crypto(Ed25519PrivateKey.generate().public_key(), keyid=key.keyid)

    assert list(Envelope.from_dict(copy.deepcopy(sealed)).verify([key], 1)) == [key.keyid]
    with pytest.raises(VerificationError):
        Envelope.from_dict(copy.deepcopy(sealed)).verify([other], 1)


def test_the_statement_is_one_of_in_toto(run: Bundle) -> None:
    payload = json.loads(base64.b64decode(statement.signed(run, KEY)["payload"]))
    told, result = statement_pb2.Statement(), test_result_pb2.TestResult()

    json_format.ParseDict(payload, told)
    # What a predicate says beside its own members has to be passed over by whoever reads it.
    json_format.ParseDict(payload["predicate"], result, ignore_unknown_fields=True)

    Statement.copy_from_pb(told).validate()
    rows = run.document("report.json")["requirements"]
    assert result.result == "FAILED"
    assert list(result.failed_tests) == [one["id"] for one in rows if one["verdict"] == "fail"] != []
    assert list(result.passed_tests) == [one["id"] for one in rows if one["verdict"] == "pass"] != []
    unknown = set(payload["predicate"]) - set(json_format.MessageToDict(result))
    assert unknown <= {"istmo", "warnedTests"}


def test_a_reader_of_junit_counts_what_the_file_says(run: Bundle, tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_text(junit.render(run.document("report.json")), encoding="utf-8")

    told, counted = JUnitXml.fromfile(str(file)), JUnitXml.fromfile(str(file))
    counted.update_statistics()  # type: ignore[no-untyped-call] # the library says no types here

    assert (told.tests, told.failures, told.errors, told.skipped) == (
        counted.tests, counted.failures, counted.errors, counted.skipped,
    )  # fmt: skip
    assert told.failures >= 1
    assert told.tests > told.failures + told.errors + told.skipped
