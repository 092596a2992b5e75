"""Who calls: RFC 9068 access tokens checked against configured keys only, scopes, assurance and mandates."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import import_key
from joserfc.jws import JWSRegistry

from istmo.errors import KitError, Problem

from .clock import monotonic
from .keys import weak
from .work import Caller

if TYPE_CHECKING:
    from istmo.spec import Operation

    from .clock import Clock
    from .issuer import Issuer
    from .settings import Settings

REALM = 'Bearer realm="istmo"'
AHEAD = 30  # seconds that another clock may be ahead: 10 must be accepted, 60 must not
TOKEN_BYTES = 8192
KNOWN_TOKENS = 2048
REFRESH = 600.0  # seconds after which published keys are read again
RETRY = 10.0  # seconds between attempts while the key address does not answer
TYPES = frozenset({"at+jwt", "application/at+jwt"})
LADDER = ("urn:istmo:loa:low", "urn:istmo:loa:substantial", "urn:istmo:loa:high")


def unauthenticated(*, presented: bool) -> Problem:
    """Return the one refusal of every missing or bad token; it never says what was wrong with it."""
    challenge = f'{REALM}, error="invalid_token"' if presented else REALM
    return Problem("unauthenticated", headers={"WWW-Authenticate": challenge})


class Verifier:
    """Checks tokens with keys from the settings; nothing in a token can name another key."""

    def __init__(self, settings: Settings, clock: Clock, issuer: Issuer | None) -> None:
        self._settings = settings
        self._clock = clock
        self._issuer = issuer
        self._keys: dict[str, dict[str, Any]] = {}
        self._read_at = -REFRESH
        self._tried_at = -RETRY
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._registry = JWSRegistry(algorithms=list(settings.algorithms), strict_check_header=False)

    @property
    def ready(self) -> bool:
        """Whether there are keys to check a token with."""
        return bool(self._keys)

    async def refresh(self) -> None:
        """Read the keys again when they are old; the old ones serve while the address does not answer."""
        now = monotonic()
        if now - self._read_at < REFRESH or now - self._tried_at < RETRY:
            return
        self._tried_at = now
        try:
            found = await self._read()
            keys = {str(key["kid"]): key for key in found["keys"] if "kid" in key and trusted(key)}
        except (OSError, ValueError, KeyError, TypeError):
            return
        if keys != self._keys:
            self._keys = keys
            self._known.clear()
        self._read_at = now

    async def _read(self) -> dict[str, Any]:
        source = self._settings.jwks
        if self._issuer is not None and not source:
            return self._issuer.jwks()
        if source.startswith(("https://", "http://")):
            import httpx2  # noqa: PLC0415 - only a service with a remote provider needs the client

            try:
                async with httpx2.AsyncClient(timeout=5.0, follow_redirects=False) as client:
                    answer = await client.get(source, headers={"accept": "application/json"})
                    answer.raise_for_status()
                    return dict(answer.json())
            except httpx2.HTTPError as error:
                raise OSError(str(error)) from error
        return _from_file(source)

    def known(self, header: str | None, audience: str) -> dict[str, Any] | None:
        """Return the claims of a token that was verified before and is valid now; None: `claims` has to look."""
        if header is None or monotonic() - self._read_at >= REFRESH:
            return None
        scheme, _, token = header.partition(" ")
        found = self._known.get(token) if scheme.lower() == "bearer" else None
        return found if found is not None and self._valid_now(found, audience) else None

    async def claims(self, header: str | None, audience: str) -> dict[str, Any]:
        """Return the claims of a valid token, or refuse."""
        if header is None:
            raise unauthenticated(presented=False)
        if monotonic() - self._read_at >= REFRESH:
            await self.refresh()
        if not self._keys:
            raise Problem("unavailable", headers={"Retry-After": "10"})
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise unauthenticated(presented=False)  # a password is no token, so none can be invalid
        if not token or len(token) > TOKEN_BYTES:
            raise unauthenticated(presented=True)
        claims = self._known.get(token)
        if claims is None:
            claims = self._verified(token)
            self._known[token] = claims
            if len(self._known) > KNOWN_TOKENS:
                self._known.popitem(last=False)
        if not self._valid_now(claims, audience):
            raise unauthenticated(presented=True)
        return claims

    def _verified(self, token: str) -> dict[str, Any]:
        """Check form and signature; the time and the audience are checked at every call."""
        try:
            header = jws.extract_compact(token.encode("ascii")).headers()
            key = self._keys[header["kid"]]
            algorithm = header["alg"]
            if algorithm not in self._settings.algorithms or key.get("alg", algorithm) != algorithm:
                raise unauthenticated(presented=True)
            if str(header.get("typ", "")).lower() not in TYPES or "crit" in header or "b64" in header:
                raise unauthenticated(presented=True)
            signed = jws.deserialize_compact(token, import_key(key), algorithms=[algorithm], registry=self._registry)
            claims = json.loads(signed.payload)
        except (JoseError, ValueError, KeyError, TypeError, RecursionError):
            raise unauthenticated(presented=True) from None
        if not isinstance(claims, dict) or not _well_formed(claims):
            raise unauthenticated(presented=True)
        return claims

    def _valid_now(self, claims: dict[str, Any], audience: str) -> bool:
        now = self._clock.now().timestamp()
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        return (
            claims["iss"] == self._settings.issuer
            and audience in audiences
            and claims["exp"] > now
            and claims["iat"] <= now + AHEAD
            and claims.get("nbf", 0) <= now + AHEAD
        )


def trusted(key: dict[str, Any]) -> bool:
    """Tell whether a published key may check tokens: neither a shared secret nor too short."""
    return key.get("kty") != "oct" and not weak(key)


def _from_file(source: str) -> dict[str, Any]:
    return dict(json.loads(Path(source).read_text(encoding="utf-8")))


def _well_formed(claims: dict[str, Any]) -> bool:
    def number(name: str) -> bool:
        value = claims.get(name)
        return isinstance(value, int | float) and not isinstance(value, bool)

    def text(name: str) -> bool:
        value = claims.get(name)
        return isinstance(value, str) and 0 < len(value) <= 255  # noqa: PLR2004 - as long as OpenID Connect allows

    optional = ("acr", "country", "azp", "client_id", "persona")
    return (
        text("iss")
        and text("sub")
        and "aud" in claims
        and number("exp")
        and number("iat")
        and ("nbf" not in claims or number("nbf"))
        and (text("client_id") or text("azp"))
        and isinstance(claims.get("scope", ""), str)
        and all(name not in claims or text(name) for name in optional)
    )


def caller(claims: dict[str, Any], *, address: str, service: str) -> Caller:
    """Return the caller that a token describes."""
    optional = claims.get("persona"), claims.get("acr"), claims.get("country")
    client = claims.get("azp") or claims["client_id"]
    return _caller(claims["sub"], claims.get("scope", ""), client, address, service, *optional)


@lru_cache(KNOWN_TOKENS)
def _caller(
    subject: str,
    scope: str,
    client: str,
    address: str,
    service: str,
    persona: str | None,
    acr: str | None,
    country: str | None,
) -> Caller:
    """Return the one caller of these words; it never changes, so that calls may share it."""
    return Caller(
        subject=subject,
        persona=persona,
        scopes=frozenset(scope.split()),
        acr=acr,
        country=country,
        client=client,
        acting_for=subject,
        address=address,
        service=service,
    )


def authorize(operation: Operation, who: Caller) -> None:
    """Refuse a caller without one of the operation's scopes or below its assurance level."""
    if operation.scopes and who.scopes.isdisjoint(operation.scopes):
        wanted = " ".join(operation.scopes)
        challenge = f'{REALM}, error="insufficient_scope", scope="{wanted}"'
        raise Problem("missing-scope", headers={"WWW-Authenticate": challenge})
    if operation.acr and _level(who.acr) < _level(operation.acr):
        challenge = f'{REALM}, error="insufficient_user_authentication", acr_values="{operation.acr}"'
        headers = {"WWW-Authenticate": challenge}
        raise Problem("assurance-too-low", headers=headers, requiredAcr=operation.acr)


def represent(operation: Operation, who: Caller, mandate: dict[str, Any]) -> Caller:
    """Return the caller acting for the principal of a mandate, with no more than the mandate's scopes."""
    scopes = who.scopes.intersection(mandate.get("scopes", ()))
    if operation.scopes and not scopes.intersection(operation.scopes):
        raise Problem("mandate-required")
    return replace(who, mandate=mandate, scopes=scopes, acting_for=str(mandate["principal"]))


def _level(acr: str | None) -> int:
    return LADDER.index(acr) if acr in LADDER else -1


def check_operations(operations: dict[str, Operation]) -> None:
    """Refuse a specification whose assurance levels this module does not know."""
    for operation in operations.values():
        if operation.acr is not None and operation.acr not in LADDER:
            raise KitError("assurance-level", f"{operation.id}: unknown level {operation.acr}", f"use {LADDER}")
