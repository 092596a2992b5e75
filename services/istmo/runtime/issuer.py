"""The development issuer: tokens for the sandbox and for `istmo idp`; no production process can make one."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from istmo.errors import KitError

from .keys import ALGORITHM, new_private_key, public_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .clock import Clock
    from .settings import Settings
    from .store import Store

CLIENT = "istmo-sandbox"


class Issuer:
    """Signs RFC 9068 access tokens with a key of its own."""

    def __init__(self, settings: Settings, clock: Clock, audiences: Iterable[str] = ()) -> None:
        if not settings.sandbox:
            raise KitError(
                "development-issuer",
                "the development issuer does not exist in production",
                "set ISTMO_ISSUER and ISTMO_JWKS to the national identity provider",
            )
        self.url = settings.issuer
        self.audiences = list(audiences)
        self._clock = clock
        self._private: dict[str, Any] = {}
        self._key: OKPKey | None = None

    async def load(self, store: Store) -> None:
        """Share one key through the database, so that every process accepts the tokens of the others."""
        if self._key is None:
            self.use(json.loads(await store.secret("issuer-key", lambda: json.dumps(new_private_key("dev-")))))

    def use(self, private: dict[str, Any]) -> None:
        """Take a private JWK into use."""
        self._private, self._key = private, OKPKey.import_key(private)

    def jwks(self) -> dict[str, Any]:
        """Return the keys that check the tokens."""
        return {"keys": [public_part(self._private)]}

    def token(
        self,
        *,
        subject: str,
        scopes: Iterable[str] = (),
        acr: str | None = None,
        country: str | None = None,
        persona: str | None = None,
        audience: str | list[str] | None = None,
        client: str = CLIENT,
        lifetime: int = 3600,
        issuer: str | None = None,
        kind: str = "at+jwt",
        instead: Mapping[str, Any] | None = None,
    ) -> str:
        """Return an access token; `audience` None addresses every service of this host, `issuer` None is this one.

        `instead` has claims that replace these; one that is None is left out.
        """
        now = int(self._clock.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.url if issuer is None else issuer,
            "sub": subject,
            "aud": self.audiences if audience is None else audience,
            "client_id": client,
            "azp": client,
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "jti": str(uuid.uuid4()),
            "scope": " ".join(sorted(scopes)),
        }
        claims |= {"acr": acr, "country": country, "persona": persona, **(instead or {})}
        claims = {name: value for name, value in claims.items() if value is not None}
        assert self._key is not None, "the key is loaded at start-up"
        header = {"alg": ALGORITHM, "typ": kind, "kid": self._private["kid"]}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])
