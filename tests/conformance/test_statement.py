"""The envelope is that of DSSE, the statement that of in-toto."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from istmo.errors import KitError
from istmo_conformance.report import statement


def test_what_is_signed_is_encoded_as_the_protocol_of_dsse_shows() -> None:
    # The example of protocol.md in secure-systems-lab/dsse.
    assert statement.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_are_those_of_bytes() -> None:
    assert statement.pae("ñ", "ñandú".encode()) == "DSSEv1 2 ñ 7 ñandú".encode()


def test_a_signature_is_one_of_ed25519_over_that_encoding() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    sealed = statement.envelope(b"{}", key)

    signature = base64.b64decode(sealed["signatures"][0]["sig"])
    key.public_key().verify(signature, b"DSSEv1 28 application/vnd.in-toto+json 2 {}")
    assert statement.holds(sealed, key.public_key())
    assert not statement.holds({**sealed, "payload": base64.b64encode(b"[]").decode()}, key.public_key())
    assert not statement.holds({**sealed, "signatures": [{"sig": "%"}, {}, None]}, key.public_key())


@pytest.mark.parametrize("sealed", [{}, [], {"payloadType": "text/plain", "payload": "", "signatures": []}, None])
def test_what_is_no_envelope_is_refused(sealed: object) -> None:
    with pytest.raises(KitError) as caught:
        statement.payload_of(sealed)
    assert caught.value.code == "bad-statement"


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_private_key_is_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str | None
) -> None:
    if passphrase is not None:
        monkeypatch.setenv("ISTMO_KEY_PASSPHRASE", passphrase)
    private, public = tmp_path / "a.key.pem", tmp_path / "a.pub.pem"

    fingerprint = statement.generate(private, public)

    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert (b"ENCRYPTED" in private.read_bytes()) is (passphrase is not None)
    assert statement.keyid(statement.private_key(private).public_key()) == fingerprint
    assert statement.keyid(statement.public_key(public)) == fingerprint
    with pytest.raises(KitError, match="never written over"):
        statement.generate(private, tmp_path / "b.pub.pem")
    if passphrase is not None:
        monkeypatch.setenv("ISTMO_KEY_PASSPHRASE", "wrong")
        with pytest.raises(KitError, match="cannot be opened"):
            statement.private_key(private)


def test_keys_of_another_kind_are_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "pub").write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    for read, name in ((statement.private_key, "key"), (statement.public_key, "pub")):
        with pytest.raises(KitError, match="no Ed25519 key"):
            read(tmp_path / name)
    with pytest.raises(KitError):
        statement.public_key(tmp_path / "key")
