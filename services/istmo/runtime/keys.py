"""The service's own Ed25519 key: receipts and certificates are signed with it, cursors are sealed under it."""

from __future__ import annotations

import base64
import hmac
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from istmo.errors import KitError

from . import canonical, failpoints

if TYPE_CHECKING:
    from .settings import Settings
    from .store import Store

ALGORITHM = "Ed25519"
RSA_BYTES = 256  # of the modulus: 2048 bits, below which a signature can be forged with enough patience


def new_private_key(prefix: str = "") -> dict[str, Any]:
    """Return a new private Ed25519 JWK whose key id is its thumbprint."""
    key = OKPKey.generate_key("Ed25519", private=True)
    private: dict[str, Any] = {**key.as_dict(private=True), "kid": prefix + key.thumbprint()}
    return {**private, "alg": ALGORITHM, "use": "sig"}


def public_part(private: dict[str, Any]) -> dict[str, Any]:
    """Return what may be published of a JWK."""
    return {name: value for name, value in private.items() if name != "d"}


def fit_to_sign(private: dict[str, Any]) -> bool:
    """Tell whether a JWK is a private Ed25519 key."""
    if private.get("kty") != "OKP" or private.get("crv") != "Ed25519" or not private.get("d"):
        return False
    try:
        return OKPKey.import_key(private).is_private
    except (JoseError, ValueError, TypeError, KeyError):
        return False


def weak(key: dict[str, Any]) -> bool:
    """Tell whether a published key is an RSA key that is too short to be trusted."""
    if key.get("kty") != "RSA":
        return False
    modulus = str(key.get("n", ""))
    return len(base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4)).lstrip(b"\0")) < RSA_BYTES


class Keys:
    """Signs with one private key; loaded once the store is open."""

    def __init__(self) -> None:
        self._private: dict[str, Any] = {}
        self._key: OKPKey | None = None
        self._secrets: dict[str, bytes] = {}  # by purpose

    async def load(self, settings: Settings, store: Store) -> None:
        """Read the key from its file, or share one through the database of a sandbox."""
        if self._key is not None:
            return
        if settings.signing_key is not None:
            text = _read(settings)
        else:
            text = await store.secret("signing-key", lambda: json.dumps(new_private_key()))
        self.use(json.loads(text))

    def use(self, private: dict[str, Any]) -> None:
        """Take a private JWK into use."""
        if not fit_to_sign(private):
            raise KitError("signing-key", "the signing key is not a private Ed25519 JWK", "make a new one")
        key = OKPKey.import_key(private)
        self._private = {"kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig", **private}
        self._key = key
        self._secrets.clear()

    @property
    def kid(self) -> str:
        """The id under which the public key is published."""
        return str(self._private["kid"])

    def jwks(self) -> dict[str, Any]:
        """Return the published keys."""
        return {"keys": [public_part(self._private)]}

    def sign(self, document: dict[str, Any]) -> str:
        """Return a compact JWS over the canonical form of a document."""
        failpoints.reach("signing")
        header = {"alg": ALGORITHM, "kid": self.kid}
        return jws.serialize_compact(header, canonical.dumps(document), self._key, algorithms=[ALGORITHM])

    def seal(self, data: bytes) -> bytes:
        """Return the bare Ed25519 signature of some bytes."""
        failpoints.reach("signing")
        private = None if self._key is None else self._key.private_key
        assert isinstance(private, Ed25519PrivateKey), "nothing else was taken into use"
        return private.sign(data)

    def verify(self, token: str) -> dict[str, Any] | None:
        """Return the document of a JWS of ours, or None when it is not."""
        try:
            signed = jws.deserialize_compact(token, self._key, algorithms=[ALGORITHM])
            found: dict[str, Any] = json.loads(signed.payload)
        except (JoseError, ValueError):
            return None
        return found

    def mac(self, purpose: str, data: bytes) -> bytes:
        """Return a code that only this service can make over some bytes, for one purpose."""
        secret = self._secrets.get(purpose)
        if secret is None:
            secret = hmac.digest(str(self._private["d"]).encode(), purpose.encode(), "sha256")
            self._secrets[purpose] = secret
        return hmac.digest(secret, data, "sha256")


def _read(settings: Settings) -> str:
    assert settings.signing_key is not None, "the caller looked"
    try:
        return settings.signing_key.read_text(encoding="utf-8")
    except OSError as error:
        hint = "ISTMO_SIGNING_KEY names a file with a private Ed25519 JWK"
        raise KitError("signing-key", f"the signing key cannot be read: {error.strerror}", hint) from error
